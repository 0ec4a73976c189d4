import { type ChallengeSettings, defaultChallenge } from '../../platform/config/challenge-settings.ts';
import type { Context } from '../../platform/context/context.ts';
import type { Asked, ChallengeDoor, Rejection, Sign, Verdict } from './api.ts';
import { type Binding, bindingOf } from './binding.ts';
import { isAsked, usesOf } from './policy.ts';
import { createPuzzles } from './puzzle.ts';
import { createSpent } from './spent.ts';
import { createSuspects } from './suspects.ts';
import { createTimeLocks } from './time-lock.ts';

export type ChallengeContext = Pick<Context, 'clock' | 'metrics' | 'signer'>;

/** How much each sign says. A hidden field that was filled is enough by itself to be asked; haste must come twice. */
const weightOf: Record<Sign, number> = { honeypot: 0.7, hasty: 0.35, unstamped: 0.35 };

/**
 * What each ticket adds to the suspicion of its network where tickets are concerned, and nowhere else: the lot is among tickets, so that
 * whoever takes a thousand has a thousand chances, far below any limit on requests. Thirty may line up behind one address before
 * one of them is asked to work (`suspiciousFrom` of 0.6), and the crowd of an office works for a second each. A rented /48 would else be
 * 65,536 times thirty: in an end site it is four times thirty.
 */
const ticketWeight = { free: 0.02, workedFor: 0.0005 };

const spentMax = 100_000;
const networksMax = 50_000;
/** What a browser without scripts waits in place of the work of a puzzle, and who is more suspicious longer. */
const lockWaitMinMs = 5_000;
const lockWaitMaxMs = 20_000;

export interface Door extends ChallengeDoor {
  /** Whether a puzzle would be asked for, before anything is looked at. */
  isAsked(asked: Pick<Asked, 'purpose' | 'call'>): boolean;
  /** A puzzle for who wants to work beforehand. */
  issue(asked: Omit<Asked, 'solution'>): ReturnType<ReturnType<typeof createPuzzles>['issue']>;
}

/** What stands before what a machine would like to do very often. State is this process's own. */
export function createDoor(ctx: ChallengeContext, settings: ChallengeSettings = defaultChallenge): Door {
  const puzzles = createPuzzles(ctx.signer);
  const locks = createTimeLocks(ctx.signer, networksMax);
  const spent = createSpent(spentMax);
  const suspects = createSuspects(networksMax);
  const linedUp = createSuspects(networksMax, ticketWeight.workedFor / 2);
  const answered = ctx.metrics.counter(
    'onrush_challenge_checks_total',
    'Requests that were asked for a puzzle, by what came of it.',
    ['purpose', 'outcome'],
  );
  const noticed = ctx.metrics.counter(
    'onrush_challenge_signs_total',
    'Forms that looked filled in by a machine, by what gave it away.',
    ['sign'],
  );
  ctx.metrics.gauge('onrush_challenge_spent', 'Solutions that are remembered as used.', () => spent.size);

  function suspicionOf({ purpose, call }: Pick<Asked, 'purpose' | 'call'>): number {
    const { suspicion = 0, clientPrefix } = call;
    if (clientPrefix === undefined) return suspicion;
    const nowMs = ctx.clock.nowMs();
    const crowd = purpose === 'ticket' ? linedUp.levelOf(clientPrefix, nowMs) : 0;
    return Math.max(suspicion, suspects.levelOf(clientPrefix, nowMs), crowd);
  }

  function countTicket({ purpose, call: { clientPrefix } }: Pick<Asked, 'purpose' | 'call'>, weight: number): void {
    if (purpose === 'ticket' && clientPrefix !== undefined) linedUp.raise(clientPrefix, weight, ctx.clock.nowMs());
  }

  /** Whether the solution is good, and now used. */
  async function redeem(solution: string, binding: Binding, suspicion: number): Promise<'ok' | Rejection> {
    const nowMs = ctx.clock.nowMs();
    // A solution is Base64, a lock a token with dots in it.
    const found = solution.includes('.')
      ? locks.read(solution, binding, nowMs)
      : await puzzles.verify(solution, binding, { nowMs, suspicion });
    if (found.kind !== 'open' && found.kind !== 'solved') return found.kind;
    // Looked up and entered in one step, or two requests at once would both be the first.
    return spent.use(found.id, usesOf[binding.purpose], found.expiresAtMs, nowMs) ? 'ok' : 'used';
  }

  return {
    isAsked: (asked) => isAsked(settings, asked.purpose, suspicionOf(asked)),
    issue(asked) {
      // Nobody who is trusted more is asked for a solution.
      const least = settings[asked.purpose] === 'suspicious' ? settings.suspiciousFrom : 0;
      return puzzles.issue(bindingOf(asked), Math.max(suspicionOf(asked), least), ctx.clock.nowMs());
    },

    async check({ solution, ...asked }): Promise<Verdict> {
      const { purpose, call } = asked;
      const suspicion = suspicionOf(asked);
      if (!isAsked(settings, purpose, suspicion)) {
        countTicket(asked, ticketWeight.free);
        return { kind: 'ok' };
      }
      const binding = bindingOf(asked);
      const given = solution ?? call.challengeSolution;
      const outcome = given === undefined || given === '' ? 'none' : await redeem(given, binding, suspicion);
      answered.add(1, { purpose, outcome });
      if (outcome === 'ok') {
        countTicket(asked, ticketWeight.workedFor);
        return { kind: 'ok' };
      }
      const challenge = await puzzles.issue(binding, suspicion, ctx.clock.nowMs());
      return { kind: 'required', challenge, reason: outcome };
    },

    lock({ solution: _, ...asked }) {
      const waitMs = lockWaitMinMs + (lockWaitMaxMs - lockWaitMinMs) * Math.min(1, suspicionOf(asked));
      return locks.issue(bindingOf(asked), waitMs, ctx.clock.nowMs());
    },

    kept: (token) => locks.kept(token),

    notice({ clientPrefix }, sign) {
      noticed.add(1, { sign });
      if (clientPrefix !== undefined) suspects.raise(clientPrefix, weightOf[sign], ctx.clock.nowMs());
    },
  };
}
