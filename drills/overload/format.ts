import { formatMs } from '../page.ts';
import type { StepReport } from './report.ts';
import type { Arrivals } from './setup.ts';

/** With what load something was found. */
export function arrivalsText(arrivals: Arrivals): string {
  return arrivals.kind === 'closed'
    ? `${format(arrivals.sessions)} sessions at once`
    : `${format(Math.round(arrivals.sessionsPerS))} sessions/s coming`;
}

export function stepName({ factor, isAfter }: Pick<StepReport, 'factor' | 'isAfter'>): string {
  return `${isAfter ? '↓ ' : ''}${factor}×`;
}

export function formatMsOrNone(ms: number | null): string {
  return ms === null ? '–' : formatMs(ms);
}

export function percent(share: number): string {
  const value = share * 100;
  return `${value >= 10 || value === 0 ? Math.round(value) : value.toFixed(value < 0.1 ? 2 : 1)} %`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Small ones to the tenth. */
export function format(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: number >= 100 ? 0 : 1 });
}
