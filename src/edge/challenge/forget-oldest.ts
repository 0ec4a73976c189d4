/** Makes room for one more where there are `max`: what was entered first goes. */
export function forgetOldest(entries: Map<string, unknown>, max: number): void {
  if (entries.size < max) return;
  const [oldest] = entries.keys();
  if (oldest !== undefined) entries.delete(oldest);
}
