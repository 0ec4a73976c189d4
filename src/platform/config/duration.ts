const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `15m` in milliseconds. The schema has checked the form. */
export function durationMs(text: string): number {
  const unit = text.replace(/^\d+/, '') as keyof typeof unitMs;
  return Number.parseInt(text, 10) * unitMs[unit];
}
