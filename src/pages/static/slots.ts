export interface Slots {
  /** Resolves when one is free, in the order in which it was asked for, with what frees it again. */
  acquire(): Promise<() => void>;
  use<T>(work: () => Promise<T>): Promise<T>;
}

/** Lets a few through at a time. */
export function createSlots(countMax: number): Slots {
  const waiting: (() => void)[] = [];
  let freeCount = countMax;

  async function acquire(): Promise<() => void> {
    if (freeCount > 0) freeCount--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return () => {
      // Handed over rather than freed, so that nobody who comes in between takes it.
      const next = waiting.shift();
      if (next === undefined) freeCount++;
      else next();
    };
  }

  return {
    acquire,
    async use(work) {
      const release = await acquire();
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
