import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EngineFault } from '../engine-fault.ts';

/** The unprivileged user that PostgreSQL runs as when we are root, which it refuses to run as. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Undefined when PostgreSQL can run as the user that we are. Data that are there already belong to whom it must run as: root
 * may be looking after the shop of another user.
 */
export function findServerUser(dataDir: string): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = parseUsers(readFileSync('/etc/passwd', 'utf8'));
  const owner = statSync(dataDir, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) {
    const name = [...users.values()].find(({ uid }) => uid === owner.uid)?.name ?? String(owner.uid);
    return { name, uid: owner.uid, gid: owner.gid };
  }
  const user = ['postgres', '_postgres', 'nobody'].map((name) => users.get(name)).find((found) => found !== undefined);
  if (user === undefined) {
    throw new EngineFault(
      'PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as. Start Onrush as another user.',
    );
  }
  return user;
}

export function parseUsers(passwd: string): Map<string, ServerUser> {
  const users = new Map<string, ServerUser>();
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined || uid === '0') continue;
    // macOS writes nobody as -2.
    users.set(name, { name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 });
  }
  return users;
}

/** Whether the user can come to the path through all folders above it, and then do with it what is `wanted` (as in a mode). */
export function canReach(user: ServerUser, path: string, wanted: number): boolean {
  const real = realpathSync(path);
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    if (!allows(user, folder, mayEnter)) return false;
    if (folder === dirname(folder)) return allows(user, real, wanted);
  }
}

export const mayEnter = 0o1;
export const mayRead = 0o4;

function allows(user: ServerUser, path: string, wanted: number): boolean {
  const { uid, gid, mode } = statSync(path);
  const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}
