import { DrillFault } from '../../drills/sale/drill-fault.ts';
import { EngineFault } from '../engines/engine-fault.ts';
import { defineCommand, exitCodes, UsageError } from './command.ts';
import { drillOverload, overloadOptions } from './drill-overload.ts';
import { interruptible, sharedOptions } from './drill-parts.ts';
import { drillQueue, queueOptions } from './drill-queue.ts';
import { drillSale, saleOptions } from './drill-sale.ts';
import { homeOptions, homeOverrides } from './home-options.ts';

/** Every drill: what it takes and what it does. */
const drills = {
  sale: { options: saleOptions, run: drillSale, takesHome: true },
  queue: { options: queueOptions, run: drillQueue, takesHome: false },
  overload: { options: overloadOptions, run: drillOverload, takesHome: false },
} as const;
type DrillName = keyof typeof drills;
const drillNames = Object.keys(drills) as DrillName[];

export const drill = defineCommand({
  name: 'drill',
  summary: 'put a real shop to the test: a sale to the last unit, more load than it can serve',
  example: 'npx onrush drill sale --buyers 20000 --stock 1000',
  args: ['[drill]'],
  usage: 'drill <sale|queue|overload> [options]',
  details: `sale puts goods of its own on sale and sends buyers over HTTP from processes of their own, as buyers are: some
click twice, some give up waiting and retry, some forge, some never pay. Then it reads the database, not the
API, and prints the proof.

queue announces a sale with a waiting room before it and sends a crowd: some early, some late, some who leave without a
word or come too late, a scalper with fifty sessions, forged, shared, used and expired passes. It proves from the
database that nobody came in before an earlier place, and that the lot was the one whose seed was published.

overload finds what the shop can serve, then sends up to five times as much, whether it is answered or not, and lets
the load fall again. It prints what was still sold, how long answers took, who was refused; then the same proof.
A target that was missed is told, and no broken promise: only --strict makes it one for scripts.

The shop is one that is started for the drill in a temporary folder and goes away with it, also when yours runs.
For the sale, --here drills the one that runs in the home, --url one that runs anywhere: the drill's orders stay in
it, and its goods are hidden afterwards. With --here, --kill kills a process of your shop; with --url it cannot be.

Exit codes: 0 every promise was kept, 1 one was broken, 2 the command line makes no sense, 4 the drill could not
be run, 130 interrupted.`,
  options: { ...saleOptions, ...queueOptions, ...overloadOptions, ...sharedOptions, ...homeOptions },
  async run({ options, args, terminal, config: read }) {
    const name = nameOf(args[0]);
    refuseOptionsOfOthers(name, options);
    const interruption = interruptible(terminal);
    const readConfig = () => read(homeOverrides(options));
    try {
      return await drills[name].run({ options, readConfig, terminal, signal: interruption.signal });
    } catch (error) {
      if (interruption.signal.aborted) {
        terminal.say('Interrupted; nothing was proved.');
        return exitCodes.interrupted;
      }
      if (!(error instanceof DrillFault || error instanceof EngineFault)) throw error;
      terminal.say(`${terminal.styleSaid('red', 'onrush: ')}${error.message}`);
      return exitCodes.notRun;
    } finally {
      interruption.end();
    }
  },
});

function nameOf(given: string | undefined): DrillName {
  const known = new Intl.ListFormat('en').format(drillNames.map((name) => `\`${name}\``));
  if (given === undefined) {
    throw new UsageError(
      `\`onrush drill\` needs the name of a drill, such as \`onrush drill sale\`. There are ${known}.`,
    );
  }
  const name = drillNames.find((each) => each === given);
  if (name === undefined) throw new UsageError(`There is no drill ${JSON.stringify(given)}; there are ${known}.`);
  return name;
}

/** An option that does nothing is one that its user is mistaken about. */
function refuseOptionsOfOthers(name: DrillName, options: Readonly<Record<string, unknown>>): void {
  const isForeign = (option: string) => !(option in drills[name].options) && !(option in sharedOptions);
  const foreign = Object.keys(options).find(
    (option) =>
      options[option] !== undefined &&
      (option === 'home' ? !drills[name].takesHome : isForeign(option) && !(option in homeOptions)),
  );
  if (foreign === undefined) return;
  if (foreign === 'home')
    throw new UsageError(`--home names a shop, but \`drill ${name}\` runs on one of its own: leave it out.`);
  const owner = drillNames.find((each) => foreign in drills[each].options);
  throw new UsageError(`--${foreign} is an option of \`drill ${owner}\`, not of \`drill ${name}\`.`);
}
