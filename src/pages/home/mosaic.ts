/**
 * Which of so many tiles stand two in a row, the others three: rows of both kinds in turn, and no row with a gap. The only
 * tile there is stands alone.
 */
export function wideTiles(count: number): ReadonlySet<number> {
  const wide = new Set<number>();
  let index = 0;
  for (const length of rowsOf(count)) {
    if (length < 3) for (let tile = index; tile < index + length; tile++) wide.add(tile);
    index += length;
  }
  return wide;
}

function rowsOf(count: number): number[] {
  if (count <= 3) return count === 0 ? [] : [count];
  let twos = (3 - (count % 3)) % 3;
  let threes = (count - 2 * twos) / 3;
  // All alike would be a table.
  if (twos === 0) [twos, threes] = [3, threes - 2];
  const rows: number[] = [];
  while (twos + threes > 0) {
    const takesTwo = twos > 0 && (threes === 0 || rows.at(-1) !== 2);
    rows.push(takesTwo ? 2 : 3);
    if (takesTwo) twos--;
    else threes--;
  }
  return rows;
}
