import { type Static, Type } from 'typebox';
import { type Call, defineContract } from '../../platform/api/contract.ts';
import { strict } from '../../platform/api/schema.ts';

/** What somebody wants to do that a machine would like to do very often. */
export const Purpose = Type.Enum(['ticket', 'order', 'search'], {
  description: 'ticket: line up in a waiting room. order: place an order as a new guest. search: search the shop.',
});
export type Purpose = Static<typeof Purpose>;

/** A room's id for `ticket`, an order's for `order`, nothing for `search`. */
const Subject = Type.String({ maxLength: 60, pattern: '^[\\w-]*$' });

/**
 * A puzzle as ALTCHA's version 2 has it: find the counter, from 0 on, whose PBKDF2 key begins with `keyPrefix`
 * (password: `nonce` and the counter as four bytes, big-endian; `cost` rounds). Any solver of that format solves it.
 */
export const Challenge = strict(
  {
    parameters: Type.Object(
      {
        algorithm: Type.String(),
        nonce: Type.String(),
        salt: Type.String(),
        cost: Type.Integer(),
        keyLength: Type.Integer(),
        keyPrefix: Type.String(),
        keySignature: Type.Optional(Type.String()),
        expiresAt: Type.Optional(Type.Integer({ description: 'Unix seconds.' })),
        data: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()]))),
      },
      { description: 'Send them back exactly as they are: they are signed. `data.counterMax` is where to stop.' },
    ),
    signature: Type.Optional(Type.String()),
  },
  { title: 'Challenge' },
);
export type Challenge = Static<typeof Challenge>;

export const challengeApi = defineContract({
  name: 'challenge',
  routes: {
    getChallenge: {
      method: 'GET',
      path: '/v1/challenge',
      summary: 'Take a puzzle whose solution shows that some work was done',
      description:
        'Needed only where a request was answered `challenge-required`, whose answer has a puzzle in it already. Send the solution in the `Challenge-Solution` header: Base64 of the JSON text `{"challenge": …, "solution": {"counter": …, "derivedKey": "…"}}`.',
      scope: 'public',
      importance: 'core',
      idempotency: 'safe',
      costUnits: 2,
      query: strict({
        purpose: Purpose,
        subject: Type.Optional({
          ...Subject,
          description: 'The `roomId` for a ticket, the `orderId` of the quote for an order.',
        }),
      }),
      responses: { 200: Challenge },
    },
  },
});

/** Who asks for what. */
export interface Asked {
  readonly purpose: Purpose;
  readonly subject?: string;
  /** The caller's; its `challengeSolution` counts where `solution` is left out. */
  readonly call: Pick<Call, 'clientPrefix' | 'suspicion' | 'challengeSolution'>;
  /** As a form sent it. */
  readonly solution?: string | undefined;
}

export type Verdict =
  | { readonly kind: 'ok' }
  /** `reason`: nothing was sent, or what was sent is not good (any more). */
  | { readonly kind: 'required'; readonly challenge: Challenge; readonly reason: 'none' | Rejection };

/** `early`: a time lock that is not over yet. */
export type Rejection = 'unreadable' | 'forged' | 'elsewhere' | 'expired' | 'wrong' | 'used' | 'early';

/** Passing time in place of work, for browsers that run no script. Good once its time has come, as a solution is. */
export interface TimeLock {
  readonly token: string;
  readonly opensAtMs: number;
}

/** Signs of a machine that a page notices. */
export type Sign = 'honeypot' | 'hasty' | 'unstamped';

/**
 * What pages and rooms ask before they do what a machine would like to do very often:
 * `const verdict = await challenge.check({ purpose: 'ticket', subject: roomId, call })`.
 */
export interface ChallengeDoor {
  /** Throws LaneFull when more puzzles are wanted at once than can be made. */
  check(asked: Asked): Promise<Verdict>;
  /** Undefined where so many of this network wait already that it would take minutes. */
  lock(asked: Asked): TimeLock | undefined;
  /** The lock of this token, open or not yet; undefined for what is none of ours. */
  kept(token: string): TimeLock | undefined;
  /** Whose forms look filled in by a machine is asked to work from then on, for a while. */
  notice(call: Asked['call'], sign: Sign): void;
}
