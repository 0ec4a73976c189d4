/** A span of time as a clock counts it down: whole days, hours, minutes and seconds. */
export function clockParts(leftMs: number): {
  readonly d: number;
  readonly h: number;
  readonly m: number;
  readonly s: number;
} {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return {
    d: Math.floor(seconds / 86_400),
    h: Math.floor(seconds / 3600) % 24,
    m: Math.floor(seconds / 60) % 60,
    s: seconds % 60,
  };
}

/** What is left in one line: `3 days 04:05:06`, `04:05:06`, `05:06`. The days in a language (BCP 47). */
export function clockLine(leftMs: number, language: string): string {
  const parts = clockParts(leftMs);
  const units = shownUnits(leftMs).filter((unit) => unit !== 'd');
  const digits = units.map((unit) => String(parts[unit]).padStart(2, '0')).join(':');
  if (parts.d === 0) return digits;
  const days = new Intl.NumberFormat(language, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(parts.d);
  return `${days} ${digits}`;
}

/** The units that a clock shows: from the first that is not nought on, an opening in ten minutes is not in 00 days. Never less than minutes. */
export function shownUnits(leftMs: number): readonly ('d' | 'h' | 'm' | 's')[] {
  const { d, h } = clockParts(leftMs);
  return d > 0 ? ['d', 'h', 'm', 's'] : h > 0 ? ['h', 'm', 's'] : ['m', 's'];
}
