import { isProblem, type ProblemReply, problemSlug } from './problem.ts';

/** Another service answered with a problem that the caller has no plan for: 503 at the HTTP boundary, retry with the same ids. */
export class PeerFault extends Error {
  override readonly name = 'PeerFault';
  readonly slug: string;
  constructor(peer: string, reply: ProblemReply) {
    super(`The ${peer} service answered: ${reply.problem.title}`);
    this.slug = problemSlug(reply);
  }
}

/** A peer's reply where only success makes sense; anything else is thrown as PeerFault. */
export function succeeded<Reply extends { readonly status: number }>(
  peer: string,
  reply: Reply,
): Exclude<Reply, ProblemReply> {
  if (isProblem(reply)) throw new PeerFault(peer, reply);
  return reply as Exclude<Reply, ProblemReply>;
}
