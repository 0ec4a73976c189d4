import v8 from 'node:v8';

/** How many bytes came into the old generation of this process's heap while it worked; `work` calls `look` every now and then. */
export async function bytesGrownOld(work: (look: () => void) => unknown): Promise<number> {
  const usedBytes = () =>
    v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')?.space_used_size ?? 0;
  let before = usedBytes();
  let grown = 0;
  const look = () => {
    const now = usedBytes();
    // A collection of the whole heap takes of it; what came between two looks still came.
    grown += Math.max(0, now - before);
    before = now;
  };
  await work(look);
  look();
  return grown;
}
