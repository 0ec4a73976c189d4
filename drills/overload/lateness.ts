/** Timers of a process that nothing holds up come up to so much late. */
const usualMs = 5;

/** How long a process was held up, by itself or for want of a processor: it sees that from a timer of its own. */
export interface Lateness {
  /** The timer has come. */
  beat(atMs: number): void;
  /** In all until now, in ms; also what the timer is late at this moment. */
  totalMs(atMs: number): number;
}

/** `everyMs`: how often the timer is to come. */
export function createLateness(everyMs: number, startedAtMs: number): Lateness {
  let lastAtMs = startedAtMs;
  let lateMs = 0;
  const lateAt = (atMs: number) => {
    const ms = atMs - lastAtMs - everyMs;
    return ms > usualMs ? ms : 0;
  };
  return {
    beat(atMs) {
      lateMs += lateAt(atMs);
      lastAtMs = atMs;
    },
    totalMs: (atMs) => lateMs + lateAt(atMs),
  };
}
