import type { Log } from '../telemetry/telemetry.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

/** A log that remembers, so that a test can see what an operator would have been told. */
export function rememberingLog(lines: LogLine[] = [], inherited: object = {}): Log & { readonly lines: LogLine[] } {
  const writer = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...inherited, ...fields }, message });
  };
  return {
    lines,
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    child: (fields) => rememberingLog(lines, { ...inherited, ...fields }),
  };
}
