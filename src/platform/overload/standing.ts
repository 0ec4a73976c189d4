/**
 * Tells what stands from what passes: the least of the last so many values. A pause of the collector or of another program makes everybody
 * wait for a moment, and is over when that is felt; to let fewer in for it helps nobody. Of a queue that is there because more comes than is
 * served, some is left at any time. So CoDel judges by the least of an interval (Nichols and Jacobson, "Controlling Queue Delay",
 * ACM Queue 2012; RFC 8289).
 */
export function createStanding(count: number): (value: number) => number {
  const values = new Float64Array(count);
  let at = 0;
  return (value) => {
    values[at] = value;
    at = (at + 1) % count;
    return Math.min(...values);
  };
}
