import pino from 'pino';
import type { Clock } from '../context/context.ts';
import { scrub, scrubText } from './scrub.ts';
import type { Log } from './telemetry.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** Where the lines go: `pino.destination(…)`, or any stream. */
  readonly destination: pino.DestinationStream;
  readonly clock: Clock;
  /** Fields of every line: the process, the shop. */
  readonly fields?: object;
}

/** One JSON object per line: level, time, the fields, and what happened in `message`. */
export function createLog(options: LogOptions): Log {
  const root = pino(
    {
      level: options.level,
      base: scrub(options.fields ?? {}) as Record<string, unknown>,
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(options.clock.nowMs()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    options.destination,
  );
  return wrap(root);
}

function wrap(logger: pino.Logger): Log {
  const writer = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    // Scrubbing copies the fields: not for lines that nobody reads.
    if (logger.isLevelEnabled(level)) logger[level](scrub(fields), scrubText(message));
  };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    child: (fields) => wrap(logger.child(scrub(fields) as Record<string, unknown>)),
  };
}
