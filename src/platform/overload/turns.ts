/**
 * How much is begun in one turn of the event loop, and who is next. Begun as it comes, all that arrived together is begun in one
 * turn, and what is under way waits for the end of it at each of its steps, of which a payment has a dozen. So a turn begins
 * a few, the most important first, and what the database has answered is gone on with before the next few are begun.
 */
export interface Turns {
  /**
   * Begins it now or in one of the next turns. False: it would have to wait too long. Who was let wait, and has waited too
   * long all the same since others came who go before him, is told by `giveUp`.
   */
  begin(group: number, work: () => void, giveUp: () => void): boolean;
  readonly waitingCount: number;
  /** What the window was like; also makes the next turns as large as the work of this one suggests. */
  endWindow(window: TurnWindow): TurnWaits;
}

export interface TurnWindow {
  readonly durationMs: number;
  readonly busyShare: number;
  /** By whomever, and for whatever reason. */
  readonly refusedCount: number;
}

/** How long those whose turn came in a window, or came too late, had waited for it, on average, in milliseconds. */
export interface TurnWaits {
  readonly allMs: number;
  /** Those of the first groups alone. */
  readonly firstMs: number;
}

export interface TurnSettings {
  /**
   * How long what is begun in one turn should keep the process busy, from its beginning to its end: the least, and the most, where a
   * turn lasts long for what else there is to do.
   */
  readonly sliceMs: number;
  readonly sliceMsMax: number;
  /** How long a request of each group may wait for its turn. */
  readonly waitMsMax: readonly number[];
  /** How many groups `firstMs` is about. */
  readonly firstCount: number;
}

interface Waiting {
  readonly sinceMs: number;
  readonly work: () => void;
  readonly giveUp: () => void;
}

const costMsAtFirst = 0.5;
/** Fewer say nothing of what one costs. */
const begunCountMin = 10;
/** What keeps a process busy besides (refusals, kept pages) must not make a request look dearer than any is. */
const costMsMax = 5;
/** Refused beside one that is begun, up to which it is what is begun that keeps the process busy. */
const tellingShare = 0.5;
/** Of a turn that lasted long for refusals and kept pages, so much again goes to what is begun: else the more of them, the less of it. */
const turnShare = 0.5;
/** Others will come who go before him: who is refused is to be refused at once, and not after he has waited. */
const foreseenShare = 0.6;
/** How much of a new window is believed at once. */
const believedShare = 0.2;

export function createTurns({ sliceMs, sliceMsMax, waitMsMax, firstCount }: TurnSettings, timeMs: () => number): Turns {
  const queues: Waiting[][] = waitMsMax.map(() => []);
  let waitingCount = 0;
  let begunInTurn = 0;
  let begunCount = 0;
  let isArmed = false;
  let armedAtMs = 0;
  let roomMs = sliceMs;
  /** Of one that is begun: its own work, … */
  let costMs = costMsAtFirst;
  /** … and from the beginning of one to that of the next, where some wait. */
  let paceMs = costMsAtFirst;
  const all = createMean();
  const first = createMean();

  function arm(): void {
    if (isArmed) return;
    isArmed = true;
    armedAtMs = timeMs();
    setImmediate(nextTurn);
  }

  function nextTurn(): void {
    isArmed = false;
    begunInTurn = 0;
    roomMs = sliceMs;
    if (waitingCount === 0) return;
    const nowMs = timeMs();
    roomMs = Math.max(sliceMs, Math.min(sliceMsMax, turnShare * (nowMs - armedAtMs)));
    arm();
    // Also where there is no room for them: while more important ones come without end, nobody would tell them.
    for (let group = 0; group < queues.length; group++) giveUpLate(group, nowMs);
    for (let group = 0; group < queues.length && hasRoom(); group++) beginSome(group, nowMs);
  }

  function giveUpLate(group: number, nowMs: number): void {
    const queue = queues[group] as Waiting[];
    const sinceMsMin = nowMs - (waitMsMax[group] as number);
    let count = 0;
    while (count < queue.length && (queue[count] as Waiting).sinceMs < sinceMsMin) count++;
    if (count === 0) return;
    waitingCount -= count;
    for (const { sinceMs, giveUp } of queue.splice(0, count)) {
      noteWait(group, nowMs - sinceMs);
      giveUp();
    }
  }

  function hasRoom(): boolean {
    return begunInTurn < Math.max(1, Math.round(roomMs / costMs));
  }

  function beginSome(group: number, nowMs: number): void {
    const queue = queues[group] as Waiting[];
    let count = 0;
    while (count < queue.length && hasRoom()) {
      const { sinceMs, work } = queue[count++] as Waiting;
      run(group, nowMs - sinceMs, work);
    }
    if (count > 0) queue.splice(0, count);
    waitingCount -= count;
  }

  function run(group: number, waitedMs: number, work: () => void): void {
    begunInTurn += 1;
    begunCount += 1;
    noteWait(group, waitedMs);
    work();
  }

  function noteWait(group: number, waitedMs: number): void {
    all.add(waitedMs);
    if (group < firstCount) first.add(waitedMs);
  }

  /** How long those take who go before one who comes now, with all that comes between. */
  function aheadMs(group: number): number {
    let count = 0;
    for (let each = 0; each <= group; each++) count += (queues[each] as Waiting[]).length;
    return count * paceMs;
  }

  return {
    get waitingCount() {
      return waitingCount;
    },
    begin(group, work, giveUp) {
      if (waitingCount === 0 && hasRoom()) {
        arm();
        run(group, 0, work);
        return true;
      }
      if (aheadMs(group) > foreseenShare * (waitMsMax[group] as number)) return false;
      queues[group]?.push({ sinceMs: timeMs(), work, giveUp });
      waitingCount += 1;
      arm();
      return true;
    },
    endWindow({ durationMs, busyShare, refusedCount }) {
      if (begunCount >= begunCountMin) {
        const meanMs = Math.min(costMsMax, (busyShare * durationMs) / begunCount);
        paceMs += believedShare * (meanMs - paceMs);
        // Were the time of refusals taken for that of what was begun, the more are refused the fewer would be begun, down to one a turn.
        const isTelling = refusedCount < tellingShare * begunCount;
        if (isTelling || meanMs < costMs) costMs += believedShare * (meanMs - costMs);
      }
      begunCount = 0;
      return { allMs: all.take(), firstMs: first.take() };
    },
  };
}

function createMean() {
  let sum = 0;
  let count = 0;
  return {
    add(value: number) {
      sum += value;
      count += 1;
    },
    /** Begins anew. */
    take(): number {
      const mean = count === 0 ? 0 : sum / count;
      sum = 0;
      count = 0;
      return mean;
    },
  };
}
