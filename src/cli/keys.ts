import { migrate } from '../platform/database/migrate.ts';
import {
  addSigningKey,
  type KeyView,
  listSigningKeys,
  loadSigningKeys,
  type RetireOutcome,
  retireSigningKey,
} from '../platform/signing/store.ts';
import { migrationSources } from '../runtime/migration-sources.ts';
import { defineCommand, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import { withDatabase } from './with-database.ts';

const actions = ['list', 'rotate', 'retire'] as const;

export const keys = defineCommand({
  name: 'keys',
  summary: 'list the keys that the shop signs with, add one, or retire one',
  example: 'npx onrush keys rotate',
  args: ['[list|rotate|retire]', '[key]'],
  usage: 'keys [list] | keys rotate | keys retire <key>',
  details: `\`rotate\` adds a key. It signs in a minute, when every process knows it; what older keys signed stays valid.
\`retire\` ends a key that signs no more: tickets, passes, quotes, carts and links to orders that it signed are no longer valid.
A running shop follows within 15 seconds. A new key is added by itself every 90 days. More in docs/operating.md.`,
  options: {
    json: { type: 'boolean', help: 'print JSON' },
    ...homeOptions,
  },
  async run({ options, args: [action = 'list', keyId], config: read, terminal }) {
    if (!actions.some((each) => each === action)) {
      throw new UsageError(`It is \`onrush keys ${actions.join('|')}\`. See \`onrush keys --help\`.`);
    }
    if (action === 'retire' && keyId === undefined) {
      throw new UsageError('`onrush keys retire` needs the id of a key; `onrush keys` tells it.');
    }
    if (action !== 'retire' && keyId !== undefined) throw new UsageError(`\`onrush keys ${action}\` takes no key.`);
    const config = read(homeOverrides(options));
    const tell = (line: string) => terminal.say(line);
    await withDatabase(config, { command: 'keys', poolMax: 1, statementTimeoutMs: 30_000, tell }, async (database) => {
      await migrate(database, migrationSources);
      // A shop that was never started is given its first key.
      await loadSigningKeys(database);
      if (action === 'rotate') await addSigningKey(database);
      if (action === 'retire' && keyId !== undefined) {
        assertRetired(keyId, await retireSigningKey(database, keyId));
        tell(
          `Key ${keyId} is retired: tickets, passes, quotes, carts and links to orders that it signed are no longer valid.`,
        );
      }
      const known = await listSigningKeys(database);
      terminal.print(options.json ? JSON.stringify(known) : known.map(lineOf).join('\n'));
    });
    return undefined;
  },
});

function assertRetired(keyId: string, { kind }: RetireOutcome): void {
  if (kind === 'unknown') throw new Error(`There is no key ${keyId}; \`onrush keys\` lists them.`);
  if (kind === 'needed') {
    throw new Error(
      `Key ${keyId} signs, or is about to: add another with \`onrush keys rotate\`, and retire this one two minutes later.`,
    );
  }
  if (kind === 'too-early') {
    throw new Error(
      `Key ${keyId} signed until a moment ago, and some process may not know yet: try again in a minute.`,
    );
  }
}

function lineOf({ keyId, createdAtMs, signsFromMs, retiredAtMs, role }: KeyView): string {
  const signs = `${role === 'waits' ? 'signs from' : role === 'signs' ? 'signs since' : 'signed from'} ${iso(signsFromMs)}`;
  const retired = retiredAtMs === null ? '' : `  retired ${iso(retiredAtMs)}`;
  return `${keyId}  created ${iso(createdAtMs)}  ${signs}${retired}`;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
