import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../platform/database/database.ts';
import { hasTokens, insertTokenHash, isKnownTokenHash } from './store.ts';

/** A token for a shop that has none yet: returned once, kept as a hash only. Undefined where there already is one. */
export async function issueFirstAdminToken(database: Database): Promise<string | undefined> {
  return (await hasTokens(database)) ? undefined : issueAdminToken(database);
}

/** A further token, for instance because the first was lost. */
export async function issueAdminToken(database: Database): Promise<string> {
  const token = `onrush_${randomBytes(24).toString('base64url')}`;
  await insertTokenHash(database, hashOf(token));
  return token;
}

/** Makes a token that the operator chose valid. */
export async function acceptAdminToken(database: Database, token: string): Promise<void> {
  await insertTokenHash(database, hashOf(token));
}

/** Tells staff from others. A token found good is remembered in this process; a wrong one is looked up each time. */
export function createAdminCheck(database: Database): (token: string) => Promise<boolean> {
  const good = new Set<string>();
  return async (token) => {
    const hash = hashOf(token);
    const key = hash.toString('base64');
    if (good.has(key)) return true;
    const isGood = await isKnownTokenHash(database, hash);
    if (isGood) good.add(key);
    return isGood;
  };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
