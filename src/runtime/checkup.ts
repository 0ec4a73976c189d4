import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { checkServer, describeUrl } from '../engines/postgres/check-server.ts';
import { checkEmbedded, isDataOfThisVersion } from '../engines/postgres/embedded-check.ts';
import { forgottenData, systemDir } from '../engines/postgres/placement.ts';
import type { Config } from '../platform/config/config.ts';
import { homeAt } from './home.ts';
import { homeHolder } from './home-lock.ts';
import { probeAddress } from './listen-failure.ts';
import { readRunFile } from './run-file.ts';

/** `warn` may hurt later; `bad` stops a start. */
export interface Finding {
  readonly about: string;
  readonly state: 'ok' | 'warn' | 'bad';
  readonly says: string;
  /** What to do about it. */
  readonly mend?: string;
}

/** Looks at everything that a start needs, and changes nothing. `config` throws when it cannot be read. */
export async function checkup(config: () => Config): Promise<Finding[]> {
  const findings = [checkMachine(), checkNode(), checkOpenFiles()];
  let read: Config;
  try {
    read = config();
  } catch (error) {
    const problems = (error as { problems?: readonly string[] }).problems ?? [String(error)];
    return [...findings, ...problems.map((says): Finding => ({ about: 'configuration', state: 'bad', says }))];
  }
  return [
    ...findings,
    { about: 'topology', state: 'ok', says: read.topologyFile },
    checkHome(read),
    checkDisk(read),
    checkLock(read),
    await checkDatabase(read),
    await checkPort(read),
    ...checkForgotten(),
  ];
}

function checkMachine(): Finding {
  const gigabytes = totalmem() / 2 ** 30;
  const cores = availableParallelism();
  const says = `${process.platform} ${process.arch}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${gigabytes.toFixed(1)} GB`;
  if (gigabytes >= 1) return { about: 'machine', state: 'ok', says };
  return {
    about: 'machine',
    state: 'warn',
    says,
    mend: 'Shop and database want 1 GB of memory; give the machine more.',
  };
}

function checkNode(): Finding {
  const isPinned = process.execPath.includes('node_modules');
  const says = `${process.version}${isPinned ? ', brought by the project' : ''}`;
  if (isPinned) return { about: 'Node', state: 'ok', says };
  return {
    about: 'Node',
    state: 'warn',
    says: `${says} at ${process.execPath}`,
    mend: 'Onrush is tested with the Node it brings; start it with `npm start` or `npx onrush`.',
  };
}

// Every buyer that is connected is an open file.
const openFilesMin = 4_096;

function checkOpenFiles(): Finding {
  const limits = existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : '';
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? 'unlimited';
  if (soft === 'unlimited' || Number(soft) >= openFilesMin) return { about: 'open files', state: 'ok', says: soft };
  return {
    about: 'open files',
    state: 'warn',
    says: `${soft} at once, so no more buyers than that`,
    mend: 'Raise it: `ulimit -n 65536` before the start, or LimitNOFILE= in its service file.',
  };
}

function checkHome({ home }: Config): Finding {
  const there = nearestThere(home);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch {
    return {
      about: 'home',
      state: 'bad',
      says: `${there} may not be written by this user`,
      mend: 'Give it to this user, or set ONRUSH_HOME to a folder that is.',
    };
  }
  return { about: 'home', state: 'ok', says: there === home ? home : `${home}, made at the first start` };
}

const diskBadMb = 300;
const diskWarnMb = 2_048;

function checkDisk({ home }: Config): Finding {
  const there = nearestThere(home);
  const { bavail, bsize } = statfsSync(there);
  const freeMb = Math.floor((bavail * bsize) / 2 ** 20);
  const says = `${freeMb >= 2_048 ? `${Math.floor(freeMb / 1_024)} GB` : `${freeMb} MB`} free`;
  if (freeMb >= diskWarnMb) return { about: 'disk', state: 'ok', says };
  return {
    about: 'disk',
    state: freeMb >= diskBadMb ? 'warn' : 'bad',
    says: `${says} where ${there} lies`,
    mend: 'A sale writes about 1 GB an hour; free some space, or set ONRUSH_HOME to another disk.',
  };
}

function checkLock({ home }: Config): Finding {
  const holder = homeHolder(homeAt(home));
  if (holder !== undefined) {
    const where = holder.url === undefined ? '' : `, ${holder.url}`;
    return { about: 'lock', state: 'ok', says: `held by \`onrush ${holder.command}\` (pid ${holder.pid}${where})` };
  }
  if (!existsSync(homeAt(home).lockFile)) return { about: 'lock', state: 'ok', says: 'free' };
  return { about: 'lock', state: 'ok', says: 'left by a process that was killed; the next start takes it over' };
}

async function checkDatabase(config: Config): Promise<Finding> {
  const about = 'database';
  const running = readRunFile(config.home);
  const url = running?.database.url ?? config.databaseUrl;
  try {
    if (url !== undefined) {
      const version = await checkServer(url);
      return { about, state: 'ok', says: `PostgreSQL ${version} at ${describeUrl(url)}` };
    }
    const { version, user, dataVersion } = checkEmbedded(homeAt(config.home).postgresDir);
    if (!isDataOfThisVersion(dataVersion)) {
      return {
        about,
        state: 'bad',
        says: `the data were written by PostgreSQL ${dataVersion}, and ${version} is here`,
        mend: 'Start the Onrush that wrote them and export the shop, then import it into a new home.',
      };
    }
    return { about, state: 'ok', says: `embedded ${version}${user === undefined ? '' : `, run as ${user}`}` };
  } catch (error) {
    return { about, state: 'bad', says: error instanceof Error ? error.message : String(error) };
  }
}

/** Speaks up only when there is something to say. */
function checkForgotten(): Finding[] {
  // Root's shops alone have data there, and root alone may look.
  const folders = process.getuid?.() === 0 ? forgottenData(systemDir) : [];
  if (folders.length === 0) return [];
  return [
    {
      about: 'old data',
      state: 'warn',
      says: `${folders.join(', ')}: of shops whose home was deleted`,
      mend: 'Remove these folders if you do not want them back.',
    },
  ];
}

async function checkPort(config: Config): Promise<Finding> {
  const about = 'port';
  const running = readRunFile(config.home);
  if (running?.url !== undefined) return { about, state: 'ok', says: `${running.url}, this shop` };
  const refusal = await probeAddress(config);
  if (refusal !== undefined) return { about, state: 'bad', says: refusal };
  return { about, state: 'ok', says: `${config.port} on ${config.host} is free` };
}

/** The path itself, or the nearest folder above it that is there. */
function nearestThere(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestThere(dirname(path));
}
