import { Logger } from 'graphile-worker';
import type { Log } from '../telemetry/telemetry.ts';

/**
 * graphile-worker's messages in our log. Its fields are left out: they carry the job with its payload. Of jobs that fail or
 * succeed we tell ourselves (worker.ts).
 */
export function workerLogger(log: Log): Logger {
  const levels = { error: 'error', warning: 'warn', info: 'debug', debug: 'debug' } as const;
  return new Logger(() => (level, text, fields) => {
    if (fields.failure === true || fields.success === true) return;
    log[levels[level]]({ text }, 'graphile-worker reports');
  });
}
