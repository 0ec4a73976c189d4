/** Waits until the condition holds, and fails when it has not held within the time: tests wait for things, not for time. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  options: { timeoutMs?: number; what?: string } = {},
): Promise<void> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const endMs = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${options.what ?? condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
