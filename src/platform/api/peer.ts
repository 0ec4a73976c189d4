import { isProblem, type ProblemReply } from './problem.ts';

/**
 * Another service could not be reached, or answered what its caller has no plan for. 503 at the HTTP boundary; a change may
 * or may not have taken effect: retry with the same ids.
 */
export class PeerFault extends Error {
  override readonly name = 'PeerFault';
}

/** A peer's reply where only success makes sense; anything else is thrown as PeerFault. */
export function succeeded<Reply extends { readonly status: number }>(
  peer: string,
  reply: Reply,
): Exclude<Reply, ProblemReply> {
  if (isProblem(reply)) throw new PeerFault(`The ${peer} service answered: ${reply.problem.title}`);
  return reply as Exclude<Reply, ProblemReply>;
}
