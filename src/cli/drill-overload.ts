import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { runOverloadDrill } from '../../drills/overload/overload-drill.ts';
import { renderOverloadReport } from '../../drills/overload/render-report.ts';
import { exitCodes, type Options, UsageError } from './command.ts';
import { createStatusLine, type DrillCall, parseCount } from './drill-parts.ts';

/** Options that the overload drill has alone. */
export const overloadOptions = {
  seconds: { type: 'string', value: '<number>', help: 'overload: how long each step of the load lasts (20)' },
  factors: { type: 'string', value: '<list>', help: 'overload: the steps, in times the capacity (1,2,5)' },
  strict: { type: 'boolean', help: 'overload: a target of performance that is missed ends with 1 too' },
} as const satisfies Options;

/** Returns the exit code. */
export async function drillOverload({
  options,
  readConfig,
  terminal,
  signal,
}: DrillCall<typeof overloadOptions>): Promise<number> {
  const line = createStatusLine(terminal);
  const startedAtMs = performance.now();
  const since = () => `${Math.round((performance.now() - startedAtMs) / 1000)} s`;
  try {
    const report = await runOverloadDrill({
      config: readConfig(),
      temporaryFolder: tmpdir(),
      stepMs: parseCount('seconds', options.seconds, 20, 600) * 1000,
      factors: parseFactors(options.factors),
      seed: options.seed === undefined ? randomInt(2 ** 31) : parseCount('seed', options.seed, 0, 2 ** 31),
      signal,
      watch: {
        stage: (text) => line.show(() => `${since()} · ${text} …`),
        progress: (text) => line.show(() => `${since()} · ${text}`),
        event: (text) => line.event(text),
      },
    });
    line.end();
    if (options.json) terminal.print(JSON.stringify(report, null, 2));
    else terminal.print(renderOverloadReport(report, terminal));
    return report.ok && (report.reached || options.strict !== true) ? exitCodes.done : exitCodes.failed;
  } finally {
    line.end();
  }
}

const factorsMax = 8;
const factorMax = 20;

/** Rising, so that each step is worse than the one before. */
function parseFactors(text: string | undefined): number[] {
  if (text === undefined) return [1, 2, 5];
  const factors = text.split(',').map((each) => (/^\d{1,2}(\.\d{1,2})?$/.test(each) ? Number(each) : Number.NaN));
  const isSound =
    factors.length <= factorsMax &&
    factors.every((factor, index) => factor > (factors[index - 1] ?? 0) && factor <= factorMax);
  if (isSound) return factors;
  throw new UsageError(
    `--factors must be up to ${factorsMax} rising numbers up to ${factorMax}, such as 1,2,5, not ${JSON.stringify(text)}.`,
  );
}
