import { DrillFault } from './drill-fault.ts';
import type { DrilledShop, Victim } from './shop-access.ts';
import type { Tally } from './tally.ts';

/** Kills a process of the shop in the middle of the sale, once. */
export interface Killer {
  /** Told of the buyers' progress; kills when about a third is sold. */
  watch(tally: Tally): void;
  /** What was done; undefined when it has not come to that. */
  readonly deed: { readonly victim: Victim; readonly atMs: number; readonly unitsAcknowledged: number } | undefined;
}

export function createKiller(options: {
  readonly shop: DrilledShop;
  readonly victim: Victim;
  readonly stock: number;
  readonly onKill: (atMs: number) => void;
}): Killer {
  const { shop, victim, stock, onKill } = options;
  // Now, not in the middle of the sale, is the time to notice that it is not ours to kill.
  if (pidToKill(shop, victim) === undefined) {
    throw new DrillFault(
      `There is no ${victim} process to kill: only one that Onrush runs itself, on this machine, may be killed. Leave out --kill or --url.`,
    );
  }
  let deed: Killer['deed'];
  return {
    get deed() {
      return deed;
    },
    watch(tally) {
      const { unitsAcknowledged } = tally.toJson();
      if (deed !== undefined || unitsAcknowledged < stock / 3) return;
      const pid = pidToKill(shop, victim);
      if (pid === undefined) return;
      process.kill(pid, 'SIGKILL');
      deed = { victim, atMs: Date.now(), unitsAcknowledged };
      onKill(deed.atMs);
    },
  };
}

function pidToKill(shop: DrilledShop, victim: Victim): number | undefined {
  const pid = shop.pidOf(victim);
  // 0 and negative numbers would mean whole groups of processes.
  return pid !== undefined && pid > 1 ? pid : undefined;
}
