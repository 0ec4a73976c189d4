import { DrillFault } from './drill-fault.ts';
import type { DrilledShop, Victim } from './shop-access.ts';

/** Kills a process of the shop in the middle of a sale, once. */
export interface Killer {
  /**
   * Told how many units are known to be sold; kills when it is about a third, or when it is late. Returns the deed at the moment
   * that it is done.
   */
  watch(unitsSold: number, isLate?: boolean): Deed | undefined;
  /** What was done; undefined as long as it has not come to that. */
  readonly deed: Deed | undefined;
}

export interface Deed {
  readonly victim: Victim;
  readonly atMs: number;
  /** Units that were known to be sold before. */
  readonly unitsSold: number;
}

/** Throws DrillFault where there is nothing that may be killed. */
export function createKiller({ shop, victim, stock }: { shop: DrilledShop; victim: Victim; stock: number }): Killer {
  if (pidToKill(shop, victim) === undefined) {
    throw new DrillFault(
      `There is no ${victim} process to kill: only one that Onrush itself runs on this machine may be killed. Leave out --kill, or --here and --url.`,
    );
  }
  let deed: Deed | undefined;
  return {
    get deed() {
      return deed;
    },
    watch(unitsSold, isLate = false) {
      if (deed !== undefined || (unitsSold < stock / 3 && !isLate)) return undefined;
      const pid = pidToKill(shop, victim);
      if (pid === undefined) return undefined;
      process.kill(pid, 'SIGKILL');
      deed = { victim, atMs: Date.now(), unitsSold };
      return deed;
    },
  };
}

function pidToKill(shop: DrilledShop, victim: Victim): number | undefined {
  const pid = shop.pidOf(victim);
  // 0 and negative numbers would mean whole groups of processes.
  return pid !== undefined && pid > 1 ? pid : undefined;
}
