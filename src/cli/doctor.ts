import { checkup, type Finding } from '../runtime/checkup.ts';
import { defineCommand, exitCodes } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import type { Terminal } from './terminal.ts';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check the machine, the database, the topology and the disk, and say what to mend',
  example: 'npx onrush doctor',
  details: 'Changes nothing, and may be run while the shop runs. Ends with 1 if something would stop a start.',
  options: {
    json: { type: 'boolean', help: 'print the findings as JSON' },
    ...homeOptions,
  },
  async run({ options, config, terminal }) {
    const findings = await checkup(() => config(homeOverrides(options)));
    const ok = findings.every(({ state }) => state !== 'bad');
    if (options.json) terminal.print(JSON.stringify({ ok, findings }, null, 2));
    else for (const finding of findings) terminal.print(lineOf(finding, terminal.style));
    return ok ? exitCodes.done : exitCodes.failed;
  },
});

const marks = { ok: ['green', '✔'], warn: ['yellow', '!'], bad: ['red', '✖'] } as const;

function lineOf({ about, state, says, mend }: Finding, style: Terminal['style']): string {
  const [colour, mark] = marks[state];
  const line = `${style(colour, mark)} ${about.padEnd(14)}${says}`;
  return mend === undefined ? line : `${line}\n  ${''.padEnd(14)}${mend}`;
}
