import type { Log, Metrics } from '../telemetry/telemetry.ts';
import { traceIdOf } from './call.ts';
import type { Call, Importance } from './contract.ts';

/** Which of the answered requests leave a line in the log. Slow ones always do. */
export interface AccessLog {
  /** Every how many requests; 1 is each, 0 none. */
  readonly sampleEvery: number;
  readonly slowMs: number;
}

/** What is kept of one route's requests. */
export interface RouteRecorder {
  /** Method and path pattern: never the URL itself, which may hold a capability. */
  readonly routeId: string;
  /** `status` undefined: the caller had gone before the answer was ready. */
  record(status: number | undefined, durationMs: number, call: Pick<Call, 'requestId' | 'traceparent'>): void;
}

// Seconds. Fine where cached reads and orders are, coarse up to the deadline.
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const classNames = ['gone', '1xx', '2xx', '3xx', '4xx', '5xx'];

export function createRecorder(
  log: Log,
  metrics: Metrics,
  accessLog: AccessLog,
): (routeId: string, importance?: Importance) => RouteRecorder {
  const histogram = metrics.histogram('onrush_http_request_seconds', 'From request read to answer written.', {
    buckets,
    labelNames: ['route', 'status'],
  });
  const shed = metrics.counter('onrush_http_shed_total', 'Requests refused for want of room: 503 and 429.', [
    'importance',
  ]);
  let untilSample = accessLog.sampleEvery;

  return (routeId, importance = 'standard') => {
    const countShed = shed.bind({ importance });
    // Made when first needed: most routes never answer with most classes, and each is twenty lines of exposition.
    const observers: (((seconds: number) => void) | undefined)[] = [];
    const observerOf = (statusClass: number) => {
      const status = classNames[statusClass] ?? '5xx';
      const made = histogram.bind({ route: routeId, status });
      observers[statusClass] = made;
      return made;
    };
    return {
      routeId,
      record(status, durationMs, call) {
        const statusClass = status === undefined ? 0 : (status / 100) | 0;
        (observers[statusClass] ?? observerOf(statusClass))(durationMs / 1000);
        if (status === 503 || status === 429) countShed();
        if (--untilSample !== 0 && durationMs < accessLog.slowMs) return;
        if (untilSample <= 0) untilSample = accessLog.sampleEvery;
        const { requestId } = call;
        const fields = { requestId, traceId: traceIdOf(call.traceparent), route: routeId, status, durationMs };
        log.info(fields, 'answered a request');
      },
    };
  };
}
