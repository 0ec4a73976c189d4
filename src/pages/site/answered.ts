import { isProblem, type ProblemReply, type ProblemSlug, problemSlug } from '../../platform/api/problem.ts';
import { Refusal } from '../../platform/api/refusal.ts';

/**
 * A peer's reply, where the page has words of its own for the problems that are named. Every other one is answered as the
 * platform answers it: with its status, on the site's error page.
 */
export function answered<Reply extends object>(
  reply: Reply | ProblemReply,
  expected: readonly ProblemSlug[] = [],
): Exclude<Reply, ProblemReply> | ProblemReply {
  if (!isProblem(reply)) return reply as Exclude<Reply, ProblemReply>;
  if ((expected as readonly string[]).includes(problemSlug(reply))) return reply;
  throw new Refusal(reply);
}

/** The same where the page has no words for any problem. */
export function whole<Reply extends object>(reply: Reply | ProblemReply): Exclude<Reply, ProblemReply> {
  return answered(reply) as Exclude<Reply, ProblemReply>;
}
