import type { Random } from '../random.ts';
import type { Answer, Connections } from './connections.ts';
import type { createJourneys, Memory, SessionKind, Step } from './journey.ts';
import type { SecondReading } from './load-messages.ts';
import { machineMs } from './machine-clock.ts';
import { createMeter, type RunReading } from './meter.ts';
import type { Bounds, Stage } from './setup.ts';

/** Between an answer and the next request of a session: drawn evenly from half of it to one and a half. */
const thinkMs = 100;
/** Of those who are refused: come again at once, whatever they were told; … */
const impatientShare = 0.1;
/** … come again when they were told to, once. All others go away. */
const returningShare = 0.1;

export interface LoadRunOptions {
  readonly stages: readonly Stage[];
  readonly bounds: Bounds;
  readonly host: string;
  readonly patienceMs: number;
  readonly connections: Connections;
  readonly journeys: ReturnType<typeof createJourneys>;
  readonly random: Random;
  /** Sessions of earlier runs were numbered below. */
  readonly firstSession: number;
  onStage(index: number): void;
  onSecond(second: SecondReading): void;
}

interface Session {
  readonly kind: SessionKind;
  readonly steps: readonly Step[];
  /** Who it is, as a proxy in front would pass it on: lines of every request. */
  readonly who: string;
  readonly memory: Memory;
  at: number;
  /** When the request at hand was meant to be sent; its answer is measured from here. */
  dueMs: number;
  /** `due`: told to come again, and not there yet. Nobody comes a second time. */
  comeback: 'none' | 'due' | 'over';
}

interface Waiting {
  readonly untilMs: number;
  isOver: boolean;
  giveUp(): void;
}

/**
 * Lets sessions in and takes down what becomes of them. Open arrivals are a Poisson process: they come when they come, however
 * long the others wait, and a request that leaves late is measured from the moment it was meant for.
 */
export function runLoad(options: LoadRunOptions): Promise<{ reading: RunReading; sessions: number }> {
  const { stages, patienceMs, connections, journeys, random } = options;
  const meter = createMeter(stages, options.bounds);
  const durationMs = stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  const beganAtMs = machineMs();
  const nowMs = () => machineMs() - beganAtMs;
  /** Sessions by the millisecond in which they go on. */
  const due = new Map<number, Session[]>();
  /** In the order in which patience ends, which is that of sending. */
  let waiting: Waiting[] = [];
  let sessionCount = 0;
  let live = 0;
  let stageIndex = -1;
  let nextArrivalMs = 0;
  /** Who came again in this stage, and in whose place nobody has stayed away yet. */
  let returnedCount = 0;
  let tickedMs = -1;
  let second = 0;

  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const at = nowMs();
      if (at < durationMs) {
        enterStage(at);
        arrive(at);
      }
      goOn(at);
      losePatience(at);
      if (at >= (second + 1) * 1000 && second < Math.floor(durationMs / 1000)) tellSecond();
      // Whoever is still in gets his answer, or loses his patience.
      if (at < durationMs || (live > 0 && at < durationMs + patienceMs + 1000)) return;
      clearInterval(timer);
      for (const each of waiting) if (!each.isOver) each.giveUp();
      resolve({ reading: { ...meter.reading(), beganAtMs }, sessions: sessionCount });
    }, 1);
  });

  function enterStage(at: number): void {
    const index = meter.stageAt(at);
    if (index === stageIndex) return;
    stageIndex = index;
    nextArrivalMs = at;
    returnedCount = 0;
    options.onStage(index);
    const { arrivals } = stages[index] as Stage;
    if (arrivals.kind === 'closed') {
      for (let count = live; count < arrivals.sessions; count += 1) schedule(newSession(at + random.next() * 500));
    } else nextArrivalMs = at + untilNext(arrivals.sessionsPerS);
  }

  function arrive(at: number): void {
    const { arrivals } = stages[stageIndex] as Stage;
    if (arrivals.kind === 'closed') return;
    while (nextArrivalMs <= at) {
      if (arrivals.returning === 'inPlace' && returnedCount > 0) returnedCount -= 1;
      else take(newSession(nextArrivalMs));
      nextArrivalMs += untilNext(arrivals.sessionsPerS);
    }
  }

  function untilNext(perS: number): number {
    return (-Math.log(1 - random.next()) / perS) * 1000;
  }

  function newSession(dueMs: number): Session {
    const number = options.firstSession + sessionCount;
    sessionCount += 1;
    live += 1;
    const kind = journeys.drawKind();
    if (kind !== 'looker') meter.slotAt(dueMs).buyers += 1;
    return {
      kind,
      steps: journeys.stepsOf(kind),
      who: `x-forwarded-for: ${addressOf(number)}\r\ncookie: onrush_buyer=drill-${number}\r\n`,
      memory: { cartId: '', quote: '', orderId: '', orderKey: '', paymentKey: '' },
      at: 0,
      dueMs,
      comeback: 'none',
    };
  }

  function schedule(session: Session): void {
    const ms = Math.max(tickedMs + 1, Math.ceil(session.dueMs));
    const others = due.get(ms);
    if (others === undefined) due.set(ms, [session]);
    else others.push(session);
  }

  function goOn(at: number): void {
    const until = Math.floor(at);
    while (tickedMs < until) {
      tickedMs += 1;
      const sessions = due.get(tickedMs);
      if (sessions === undefined) continue;
      due.delete(tickedMs);
      for (const session of sessions) take(session);
    }
  }

  /** The session's next step. */
  function take(session: Session): void {
    const step = session.steps[session.at];
    if (step === undefined) {
      end(session, true);
      return;
    }
    const { importance } = step;
    const { dueMs } = session;
    // After the end nobody comes; who is in the middle of buying may finish.
    if (dueMs > durationMs && session.at === 0) {
      end(session, false);
      return;
    }
    if (session.comeback === 'due') {
      session.comeback = 'over';
      returnedCount += 1;
    }
    const { method, path, body, headers = '' } = step.request(session.memory);
    const about = `${method} ${path} HTTP/1.1\r\nhost: ${options.host}\r\n${session.who}${headers}`;
    const request =
      body === undefined
        ? `${about}\r\n`
        : `${about}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    const sentAtMs = nowMs();
    meter.sent(importance, dueMs, sentAtMs);
    const patience: Waiting = { untilMs: sentAtMs + patienceMs, isOver: false, giveUp: () => {} };
    const over = () => {
      patience.isOver = true;
    };
    const giveUp = connections.send(request, {
      keepsBody: step.learn !== undefined,
      answered(answer) {
        over();
        answered(session, step, answer);
      },
      failed(cause) {
        over();
        meter.failed(importance, dueMs, cause);
        end(session, false);
      },
    });
    patience.giveUp = () => {
      over();
      giveUp();
      meter.failed(importance, dueMs, 'no answer in time');
      end(session, false);
    };
    waiting.push(patience);
  }

  function answered(session: Session, step: Step, { status, retryAfterS, isCached, body }: Answer): void {
    const at = nowMs();
    const { importance } = step;
    if (status >= 200 && status < 300) {
      meter.well(importance, step.name, session.dueMs, at, isCached);
      if (body !== undefined) step.learn?.(session.memory, body, status);
      goNext(session, at);
    } else if ((status === 503 || status === 429) && retryAfterS !== undefined) {
      meter.shed(importance, session.dueMs, at);
      if (step.isOptional) goNext(session, at);
      else refused(session, at, retryAfterS);
    } else {
      meter.failed(importance, session.dueMs, `${step.name} ${status}`);
      end(session, false);
    }
  }

  function goNext(session: Session, at: number): void {
    session.at += 1;
    session.dueMs = at + thinkMs * (0.5 + random.next());
    if (session.at < session.steps.length) schedule(session);
    else end(session, true);
  }

  function refused(session: Session, at: number, retryAfterS: number): void {
    const drawn = random.next();
    const isImpatient = drawn < impatientShare;
    const comesBack = session.comeback === 'none' && !isClosed() && drawn < impatientShare + returningShare;
    const backMs = isImpatient ? at : at + retryAfterS * 1000;
    // What would be in the next run is no part of this one.
    if (!comesBack || backMs > durationMs) {
      end(session, false);
      return;
    }
    session.comeback = 'due';
    session.dueMs = backMs;
    meter.cameBack(backMs);
    schedule(session);
  }

  function end(session: Session, isWell: boolean): void {
    live -= 1;
    const at = nowMs();
    const slot = meter.slotAt(at);
    slot.sessions += 1;
    if (isWell) slot.endedWell += 1;
    if (isWell && session.kind !== 'looker') slot.paid += 1;
    if (isClosed() && at < durationMs) schedule(newSession(at + thinkMs * (0.5 + random.next())));
  }

  function isClosed(): boolean {
    return stages[stageIndex]?.arrivals.kind === 'closed';
  }

  function losePatience(at: number): void {
    let over = 0;
    for (const each of waiting) {
      if (!each.isOver && each.untilMs > at) break;
      over += 1;
      if (!each.isOver) each.giveUp();
    }
    if (over > 0) waiting = waiting.slice(over);
  }

  function tellSecond(): void {
    const from = second * 1000;
    const slots = Array.from({ length: 10 }, (_, index) => meter.slotAt(from + index * 100));
    const sum = (of: (slot: (typeof slots)[number]) => number) => slots.reduce((total, slot) => total + of(slot), 0);
    options.onSecond({
      stage: meter.stageAt(from),
      sessions: sum((slot) => slot.sessions),
      paid: sum((slot) => slot.paid),
      shed: sum(({ of }) => of.core.shed + of.standard.shed + of.deferrable.shed),
    });
    second += 1;
  }
}

/** An address for each session, spread so that neighbours in number are no neighbours in the network. */
function addressOf(number: number): string {
  const spread = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  return `${20 + ((spread >>> 24) % 200)}.${(spread >>> 16) & 255}.${(spread >>> 8) & 255}.${spread & 255}`;
}
