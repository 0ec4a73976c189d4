import type { Database } from '../platform/database/database.ts';
import { replayDeadLetters } from '../platform/events/dead-letter.ts';
import { listGroups } from '../platform/events/store-retention.ts';
import { type DeadLetter, listDeadLetters } from '../platform/events/store-retry.ts';
import { defineCommand, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import type { Terminal } from './terminal.ts';
import { withDatabase } from './with-database.ts';

const shownMax = 100;

export const deadLetters = defineCommand({
  name: 'dead-letters',
  summary: 'show the events that a consumer gave up on, or have them handled again',
  example: 'npx onrush dead-letters --replay',
  details: `An event is given up on when its consumer has failed at it for the last time; the reason stands beside it. Mend the
reason, then replay: the events wait for their consumer's next look, in their order.`,
  options: {
    replay: { type: 'boolean', help: 'have them handled again' },
    group: { type: 'string', value: '<group>', help: 'those of one consumer group only' },
    event: { type: 'string', value: '<id>', help: 'this one event only; needs --group' },
    json: { type: 'boolean', help: 'print them as JSON' },
    ...homeOptions,
  },
  async run({ options, config: read, terminal }) {
    const eventId = parseEventId(options.event);
    if (eventId !== undefined && options.group === undefined) throw new UsageError('--event needs --group.');
    const config = read(homeOverrides(options));
    await withDatabase(
      config,
      { command: 'dead-letters', poolMax: 1, statementTimeoutMs: 30_000, tell: (line) => terminal.say(line) },
      async (database) => {
        const groups = options.group === undefined ? await allGroups(database) : [options.group];
        if (options.replay) return replay(database, groups, eventId, terminal);
        const letters = (await Promise.all(groups.map((group) => lettersOf(database, group)))).flat();
        const wanted = letters.filter(({ event }) => eventId === undefined || event.eventId === eventId);
        if (options.json) terminal.print(JSON.stringify(wanted));
        else terminal.print(wanted.length === 0 ? 'There are no dead letters.' : wanted.map(lineOf).join('\n'));
      },
    );
    return undefined;
  },
});

async function replay(
  database: Database,
  groups: readonly string[],
  eventId: number | undefined,
  terminal: Terminal,
): Promise<void> {
  let count = 0;
  for (const group of groups) {
    const eventIds = eventId === undefined ? {} : { eventIds: [eventId] };
    count += await replayDeadLetters(database, { group, ...eventIds, nowMs: Date.now() });
  }
  terminal.print(count === 0 ? 'There was none to replay.' : `${count} waiting to be handled again.`);
}

async function allGroups(database: Database): Promise<string[]> {
  return (await listGroups(database)).map(({ group }) => group);
}

function lettersOf(database: Database, group: string): Promise<DeadLetter[]> {
  return listDeadLetters(database, { group, limit: shownMax });
}

function lineOf({ group, event, attempts, lastError }: DeadLetter): string {
  const at = new Date(event.occurredAtMs).toISOString();
  return `${event.eventId}  ${at}  ${group}  ${event.topic} ${event.key}  after ${attempts} tries: ${lastError}`;
}

function parseEventId(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--event is the number of an event, not ${JSON.stringify(text)}.`);
  return Number(text);
}
