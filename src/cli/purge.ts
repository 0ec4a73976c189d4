import type { PurgeInput } from '../edge/purge/api.ts';
import { cachePurged } from '../edge/purge/events.ts';
import { findFaults, pathOf, urlsElsewhere } from '../edge/purge/purge.ts';
import { newId, randomBucket } from '../platform/database/id.ts';
import { insertingEvents } from '../platform/events/store.ts';
import { defineCommand, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import { withDatabase } from './with-database.ts';

export const purge = defineCommand({
  name: 'purge',
  summary: 'have all caches forget something: those of every process, and the CDN',
  example: 'npx onrush purge --tag product:shoreline-dry-bag --url /v1/sales',
  details: `Changes of products, collections, sales and stock purge by themselves. What answers carry is in their header Cache-Tag:
product:<slug>, variant:<id>, list:<collection>, products, collections, sales, media, pages.`,
  options: {
    tag: { type: 'list', value: '<tag>', help: 'what carries this tag; may be given several times' },
    group: { type: 'list', value: '<group>', help: 'what is of this cache group (RFC 9875); several times too' },
    url: { type: 'list', value: '<url>', help: 'this address, or path, of the shop; several times too' },
    everything: { type: 'boolean', help: 'all that is kept anywhere' },
    reason: { type: 'string', value: '<text>', help: 'for whoever wonders later' },
    ...homeOptions,
  },
  async run({ options, config: read, terminal }) {
    const { tag, group, url, everything, reason } = options;
    const input: PurgeInput = {
      ...(tag && { tags: [...tag] }),
      ...(group && { groups: [...group] }),
      ...(url && { urls: [...url] }),
      ...(everything && { everything }),
      ...(reason !== undefined && { reason }),
    };
    for (const [option, names] of Object.entries({ tag, group, url })) {
      if (names?.some((name) => name.trim() === ''))
        throw new UsageError(`--${option} is empty: nothing has that name.`);
    }
    const [fault] = findFaults(input);
    if (fault?.pointer === '') throw new UsageError('Say what to purge: --tag, --group, --url or --everything.');
    if (fault !== undefined) throw new UsageError(`${asGiven(fault.pointer, input)} ${fault.detail}.`);
    const config = read(homeOverrides(options));
    const { publicUrl } = config.shop;
    for (const elsewhere of urlsElsewhere(input.urls ?? [], publicUrl)) {
      terminal.say(`${elsewhere} is not at ${publicUrl}: the shop forgets ${pathOf(elsewhere)}, under every host.`);
    }
    const purgeId = newId(randomBucket(), Date.now());
    await withDatabase(
      config,
      { command: 'purge', poolMax: 1, statementTimeoutMs: 30_000, tell: (line) => terminal.say(line) },
      (database) => insertingEvents([cachePurged(purgeId, input)], Date.now(), undefined).execute(database),
    );
    terminal.print(
      `Purge ${purgeId} is written down: every process forgets within a second${config.cdn === undefined ? '' : ', the CDN a few seconds later'}.`,
    );
    return undefined;
  },
});

const shownMax = 80;

/** What the pointer of a fault means, as it was given: `/tags/0` is `--tag product:a`. */
function asGiven(pointer: string, { tags, groups, urls }: PurgeInput): string {
  const [, kind = '', index] = pointer.split('/');
  const names = new Map(Object.entries({ tags, groups, urls })).get(kind);
  const name = names?.[Number(index)] ?? '';
  return `--${kind.slice(0, -1)} ${name.length > shownMax ? `${name.slice(0, shownMax)}…` : name}`;
}
