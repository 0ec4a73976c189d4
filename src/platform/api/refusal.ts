import { type FieldError, type ProblemReply, type ProblemSlug, problem } from './problem.ts';

/**
 * A request that is turned away before it reaches a handler, thrown where only an exception gets through Fastify (body
 * parsing, hooks). Handlers return their problems.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reply: ProblemReply;
  constructor(reply: ProblemReply) {
    super(reply.problem.title);
    this.reply = reply;
  }
}

export function refuse(
  slug: ProblemSlug,
  members: { detail?: string; errors?: readonly FieldError[] } = {},
  headers?: ProblemReply['headers'],
): Refusal {
  return new Refusal(problem(slug, members, headers));
}
