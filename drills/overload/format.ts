import { formatMs } from '../page.ts';
import type { StepReport } from './report.ts';

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

export function format(number: number): string {
  return (number >= 100 ? Math.round(number) : number).toLocaleString('en-US');
}
