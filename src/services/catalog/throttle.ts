export interface Throttle {
  /** Runs the action now if it has not run for the interval, else once at the interval's end. */
  run(): void;
  stop(): void;
}

/** However often it is asked, the action runs at most once per interval, and always once after the last time it was asked. */
export function createThrottle(intervalMs: number, action: () => void): Throttle {
  let timer: NodeJS.Timeout | undefined;
  let isWanted = false;

  function act(): void {
    isWanted = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isWanted) act();
    }, intervalMs).unref();
    action();
  }

  return {
    run() {
      if (timer === undefined) act();
      else isWanted = true;
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      isWanted = false;
    },
  };
}
