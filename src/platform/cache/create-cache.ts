import assert from 'node:assert/strict';
import type { Clock } from '../context/context.ts';
import type { Log, Metrics } from '../telemetry/telemetry.ts';
import type { Cache } from './cache.ts';
import { createLocalNamespace, type LocalNamespace } from './local-namespace.ts';

export function createCache(options: { clock: Clock; log: Log; metrics: Metrics }): Cache {
  const { clock, metrics } = options;
  const log = options.log.child({ room: 'cache' });
  const namespaces = new Map<string, LocalNamespace>();
  const reads = metrics.counter('onrush_cache_reads_total', 'Reads by how they were answered', ['cache', 'outcome']);
  metrics.gauge(
    'onrush_cache_entries',
    'Entries in this process',
    () => new Map([...namespaces].map(([name, namespace]) => [name, namespace.entryCount()])),
    'cache',
  );

  return {
    namespace<T>(name: string, namespaceOptions: Parameters<Cache['namespace']>[1]) {
      assert(!namespaces.has(name), `the cache ${name} is made once`);
      const { namespace, local } = createLocalNamespace<T>(namespaceOptions, {
        clock,
        log: log.child({ cache: name }),
        count: {
          hit: reads.bind({ cache: name, outcome: 'hit' }),
          stale: reads.bind({ cache: name, outcome: 'stale' }),
          miss: reads.bind({ cache: name, outcome: 'miss' }),
        },
      });
      namespaces.set(name, local);
      return namespace;
    },
    async close() {
      for (const local of namespaces.values()) local.clear();
    },
  };
}
