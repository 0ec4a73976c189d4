import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { rssMbOfTree, usageOf } from '../../bench/process-usage.ts';
import { countPutOff } from './accept-queue.ts';

/** CPU time so far, in milliseconds. */
interface Usage {
  readonly shopMs: number;
  readonly databaseMs: number;
  readonly generatorMs: number;
  /** Of all programs on the machine, the system included. */
  readonly machineMs: number;
  /** Of all programs, of none, and of none because another machine of the same host had the processor. */
  readonly passedMs: number;
  readonly stolenMs: number;
}

export interface ShopPids {
  readonly shop: () => number | undefined;
  readonly database: () => number | undefined;
  readonly generator: number;
}

/** Watches what the processes use. Linux only: elsewhere there is nothing to read, and the report leaves it out. */
export interface UsageWatch extends Disposable {
  /** A new stretch begins: what is used from now on counts for it. */
  begin(): void;
  /** Of each stretch, in cores, and the most memory that the shop's process held in it. */
  end(): readonly StretchUsage[];
}

export interface StretchUsage {
  readonly shopCores: number | null;
  readonly databaseCores: number | null;
  readonly generatorCores: number | null;
  /** What everything else on the machine took: the drill itself, the system, and whatever else runs. */
  readonly othersCores: number | null;
  /** Of all the processors' time, what the host gave to other machines while there was work to do here. */
  readonly stealShare: number | null;
  readonly shopRssMb: number | null;
  /** Connections that the system put off for a second or longer, since the queue for them was full. */
  readonly putOffCount: number | null;
  /** Another process than the one that the watch began with serves the shop: it has died in between. */
  readonly isOtherProcess: boolean;
}

const everyMs = 500;

export function watchUsage(given: ShopPids): UsageWatch {
  const pids = { ...given, shop: orNone(given.shop), database: orNone(given.database) };
  const first = pids.shop();
  const stretches: {
    atMs: number;
    usage: Usage | undefined;
    putOff: number | undefined;
    rssMb: number;
    isOther: boolean;
  }[] = [];
  const look = () => {
    const stretch = stretches.at(-1);
    const pid = pids.shop();
    if (stretch === undefined) return;
    if (pid !== first) stretch.isOther = true;
    if (pid !== undefined) stretch.rssMb = Math.max(stretch.rssMb, rssMbOfTree(pid, ''));
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  const begin = () => {
    stretches.push({
      atMs: performance.now(),
      usage: readUsage(pids),
      putOff: countPutOff(),
      rssMb: 0,
      isOther: false,
    });
    look();
  };
  return {
    begin,
    [Symbol.dispose]: () => clearInterval(timer),
    end() {
      clearInterval(timer);
      begin();
      return stretches.slice(0, -1).map(({ atMs, usage, putOff, rssMb, isOther }, index) => {
        const after = stretches[index + 1];
        const elapsedMs = (after?.atMs ?? atMs) - atMs;
        const cores = coresBetween(usage, after?.usage, elapsedMs);
        return {
          ...cores,
          shopRssMb: rssMb === 0 ? null : rssMb,
          putOffCount: putOff === undefined || after?.putOff === undefined ? null : after.putOff - putOff,
          isOtherProcess: isOther,
        };
      });
    },
  };
}

/** A shop that has ended has no processes to watch; that it has ended is found out elsewhere. */
function orNone(pidOf: () => number | undefined): () => number | undefined {
  return () => {
    try {
      return pidOf();
    } catch {
      return undefined;
    }
  };
}

function coresBetween(before: Usage | undefined, after: Usage | undefined, elapsedMs: number) {
  if (before === undefined || after === undefined) {
    return { shopCores: null, databaseCores: null, generatorCores: null, othersCores: null, stealShare: null };
  }
  const cores = (name: keyof Usage) => Math.round(((after[name] - before[name]) / elapsedMs) * 100) / 100;
  const [shopCores, databaseCores, generatorCores] = [cores('shopMs'), cores('databaseMs'), cores('generatorMs')];
  const others = cores('machineMs') - shopCores - databaseCores - generatorCores;
  const passedMs = after.passedMs - before.passedMs;
  return {
    shopCores,
    databaseCores,
    generatorCores,
    othersCores: Math.max(0, Math.round(others * 100) / 100),
    stealShare: passedMs === 0 ? 0 : (after.stolenMs - before.stolenMs) / passedMs,
  };
}

function readUsage(pids: ShopPids): Usage | undefined {
  const [shopPid, databasePid] = [pids.shop(), pids.database()];
  if (shopPid === undefined || databasePid === undefined) return undefined;
  const [shop, database, generator] = [shopPid, databasePid, pids.generator].map((pid) => usageOf(pid)?.cpuMs);
  if (shop === undefined || database === undefined || generator === undefined) return undefined;
  const machineMs = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { shopMs: shop, databaseMs: database, generatorMs: generator, machineMs, ...readSteal() };
}

/** From the first line of /proc/stat (proc_stat(5)), in ticks of 10 ms; Node's `cpus()` leaves out what was stolen. */
function readSteal(): Pick<Usage, 'passedMs' | 'stolenMs'> {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  // After these eight come guests, whose time is in that of users already.
  const ticks = line.split(/\s+/).slice(1, 9).map(Number);
  return { passedMs: ticks.reduce((sum, each) => sum + each, 0) * 10, stolenMs: (ticks[7] ?? 0) * 10 };
}
