/** Latencies in logarithmic buckets, 32 to the doubling: 2 % exact, whatever their number. */
export function createLatencies() {
  const counts = new Uint32Array(32 * 26);
  let total = 0;
  let maxMs = 0;
  return {
    add(ms: number): void {
      // From one microsecond up to a minute.
      const bucket = Math.log2(Math.max(ms * 1000, 1)) * 32;
      (counts[Math.min(bucket | 0, counts.length - 1)] as number) += 1;
      total += 1;
      if (ms > maxMs) maxMs = ms;
    },
    summary(): { p50Ms: number; p99Ms: number; maxMs: number } {
      return { p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs };
    },
  };

  function quantile(share: number): number {
    let left = Math.ceil(total * share);
    for (let bucket = 0; bucket < counts.length; bucket++) {
      left -= counts[bucket] as number;
      // The middle of the bucket.
      if (left <= 0 && total > 0) return 2 ** ((bucket + 0.5) / 32) / 1000;
    }
    return 0;
  }
}
