import Type, { type Static } from 'typebox';

const when = Type.Enum(['off', 'suspicious', 'always'], { description: 'off, suspicious or always' });

/** `edge.challenge` of a topology: before what a puzzle stands, and for whom. */
export function challengeSchema() {
  return Type.Object(
    {
      ticket: Type.Optional(when),
      order: Type.Optional(when),
      search: Type.Optional(when),
      suspiciousFrom: Type.Optional(
        Type.Number({ minimum: 0, maximum: 1, description: 'a number from 0 (everybody) to 1' }),
      ),
    },
    {
      additionalProperties: false,
      description: 'a map of ticket, order, search (off, suspicious or always) and suspiciousFrom',
    },
  );
}

export type ChallengeSettings = Required<Static<ReturnType<typeof challengeSchema>>>;

export const defaultChallenge: ChallengeSettings = {
  ticket: 'suspicious',
  order: 'suspicious',
  search: 'suspicious',
  // Above what a busy office reaches without being refused anything (edge/limits/api.ts).
  suspiciousFrom: 0.6,
};
