import { migrate } from '../platform/database/migrate.ts';
import { createEvents } from '../platform/events/events.ts';
import { isOn, positionAt, type SwitchState } from '../platform/switches/rule.ts';
import { type ChangeRow, loadChanges, loadSwitches, type SwitchRow } from '../platform/switches/store.ts';
import { type Feature, setSwitch } from '../platform/switches/switches.ts';
import { createLog } from '../platform/telemetry/log.ts';
import { createMetrics } from '../platform/telemetry/metrics.ts';
import { features } from '../runtime/features.ts';
import { migrationSources } from '../runtime/migration-sources.ts';
import { defineCommand, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import { withDatabase } from './with-database.ts';

const changesShown = 20;
const positions = ['on', 'off', 'rule'] as const;

export const switchCommand = defineCommand({
  name: 'switch',
  summary: 'show which features are switched off, or switch one on or off',
  example: 'npx onrush switch search off --reason "the sale of tonight" --for 30m',
  args: ['[feature]', '[on|off|rule]'],
  usage: 'switch [<feature> on|off|rule --reason <text>]',
  details: `Without arguments it lists the features, how they stand, and the last changes: who, when, why. *rule* leaves a feature to its
rule: off while the shop has to refuse work, on again when it is calm. A running shop follows within a second.`,
  options: {
    reason: { type: 'string', value: '<text>', help: 'why; it is kept with the change' },
    for: { type: 'string', value: '<time>', help: 'how long, such as 30m or 2h; afterwards it is left to its rule' },
    json: { type: 'boolean', help: 'print as JSON' },
    ...homeOptions,
  },
  async run({ options, args: [name, position], config: read, terminal }) {
    const feature = name === undefined ? undefined : featureOf(name);
    const wanted = position === undefined ? undefined : positionOf(position);
    if ((feature === undefined) !== (wanted === undefined)) {
      throw new UsageError('Say what it is to be: `onrush switch <feature> on|off|rule --reason <text>`.');
    }
    const reason = options.reason?.trim() ?? '';
    if (wanted !== undefined && (reason === '' || reason.length > 200)) {
      throw new UsageError('--reason says why, in up to 200 characters; it is kept with the change.');
    }
    const forMs = options.for === undefined ? undefined : durationOf(options.for);
    const config = read(homeOverrides(options));
    const tell = (line: string) => terminal.say(line);
    await withDatabase(
      config,
      { command: 'switch', poolMax: 2, statementTimeoutMs: 30_000, tell },
      async (database) => {
        await migrate(database, migrationSources);
        const nowMs = Date.now();
        if (feature !== undefined && wanted !== undefined) {
          const clock = { nowMs: () => nowMs };
          const log = createLog({ level: 'error', destination: process.stderr, clock });
          const events = createEvents({ database, clock, log, metrics: createMetrics({ withProcess: false }) });
          const untilMs = forMs === undefined ? undefined : nowMs + forMs;
          await setSwitch(
            { database, events },
            { name: feature.name, position: wanted, reason, untilMs },
            'command line',
            nowMs,
          );
        }
        const rows = new Map((await loadSwitches(database)).map((row) => [row.name, row]));
        const changes = await loadChanges(database, changesShown);
        if (options.json) {
          terminal.print(
            JSON.stringify({ switches: features.map((each) => viewOf(each, rows.get(each.name), nowMs)), changes }),
          );
          return;
        }
        const shown = feature === undefined ? features : [feature];
        terminal.print(shown.map((each) => lineOf(each, rows.get(each.name), nowMs)).join('\n'));
        if (feature === undefined && changes.length > 0)
          terminal.print(`\nThe last changes:\n${changes.map(changeLine).join('\n')}`);
      },
    );
    return undefined;
  },
});

function featureOf(name: string): Feature {
  const found = features.find((feature) => feature.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `There is no feature ${JSON.stringify(name)}; there are ${features.map((each) => each.name).join(', ')}.`,
  );
}

function positionOf(text: string): SwitchState['position'] {
  const found = positions.find((position) => position === text);
  if (found === undefined) throw new UsageError(`A feature is switched on, off or rule, not ${JSON.stringify(text)}.`);
  return found;
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

function durationOf(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(text) ?? [];
  if (unit === undefined) throw new UsageError(`--for is a time such as 30m or 2h, not ${JSON.stringify(text)}.`);
  return Number(count) * unitMs[unit as keyof typeof unitMs];
}

function viewOf({ name, summary }: Feature, row: SwitchRow | undefined, nowMs: number) {
  return { name, summary, isOn: isOn(row, nowMs), position: row === undefined ? 'rule' : positionAt(row, nowMs) };
}

function lineOf(feature: Feature, row: SwitchRow | undefined, nowMs: number): string {
  const { name, summary, isOn: works, position } = viewOf(feature, row, nowMs);
  const how = position === 'rule' ? 'by its rule' : 'by hand';
  const until =
    row?.untilMs !== undefined && row.untilMs > nowMs ? `, until ${new Date(row.untilMs).toISOString()}` : '';
  const why = row === undefined || (works && position === 'rule') ? summary : `${row.reason}${until}`;
  return `${name.padEnd(20)}${works ? 'on ' : 'off'}  ${how.padEnd(13)}${why}`;
}

function changeLine({ changedAtMs, name, position, isOff, who, reason }: ChangeRow): string {
  const what = position === 'rule' && who !== 'rule' ? 'left to its rule' : isOff ? 'off' : 'on';
  return `${new Date(changedAtMs).toISOString()}  ${name} ${what}, ${who}: ${reason}`;
}
