import pg from 'pg';
import { EngineFault, systemCode } from '../engine-fault.ts';
import { postgresMajor } from './binaries.ts';

/**
 * Connects to a server of the owner's own, and throws one clear sentence when it will not do for a shop. Returns its version,
 * such as `18.4`.
 */
export async function checkServer(url: string): Promise<string> {
  const place = describeUrl(url);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'onrush' });
  // A connection lost after the answer is nobody's concern here.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<ServerFacts>(`
      select current_setting('server_version') as "version",
             current_setting('server_version_num')::integer as "versionNumber",
             current_setting('server_encoding') as "encoding",
             pg_is_in_recovery() as "isReplica",
             has_database_privilege(current_database(), 'create') as "mayCreate",
             exists (select from pg_available_extensions where name = 'pg_trgm') as "hasTrigrams"`);
    const complaint = rows[0] && complaintAbout(rows[0]);
    if (complaint) throw new EngineFault(`DATABASE_URL (${place}): ${complaint}`);
    return rows[0]?.version ?? '';
  } catch (error) {
    if (error instanceof EngineFault) throw error;
    throw new EngineFault(`DATABASE_URL (${place}): ${connectFailure(error)}`, { cause: error });
  } finally {
    await client.end().catch(() => {});
  }
}

interface ServerFacts {
  readonly version: string;
  readonly versionNumber: number;
  readonly encoding: string;
  readonly isReplica: boolean;
  readonly mayCreate: boolean;
  readonly hasTrigrams: boolean;
}

export function complaintAbout(server: ServerFacts): string | undefined {
  if (server.versionNumber < postgresMajor * 10_000) {
    return `PostgreSQL ${server.version} is too old. Use version ${postgresMajor} or newer.`;
  }
  if (server.isReplica) return 'this server is a replica, and a shop must write. Name the primary.';
  if (server.encoding !== 'UTF8')
    return `the database is encoded in ${server.encoding}. Create one with encoding UTF8.`;
  if (!server.mayCreate) return 'this user may not create schemas there. Grant it CREATE on the database.';
  if (!server.hasTrigrams) return 'the extension pg_trgm is not available. Install the postgresql-contrib package.';
  return undefined;
}

/** Host, port and database: what may be shown and logged of a URL that holds a password. */
export function describeUrl(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    return `${searchParams.get('host') ?? hostname}:${port || '5432'}${pathname}`;
  } catch {
    return 'not a URL';
  }
}

function connectFailure(error: unknown): string {
  const code = systemCode(error);
  const said = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there. Start that server, or unset DATABASE_URL to use the embedded one.';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'there is no such host. Correct the host in DATABASE_URL.';
    case 'ENOENT':
      return 'there is no such socket. Correct `host` in DATABASE_URL, or start that server.';
    case '28P01':
    case '28000':
      return 'the server refuses this user or password. Correct them in DATABASE_URL.';
    case '3D000':
      return 'there is no such database. Create it, or name another one.';
    case '57P03':
      return 'the server is starting or stopping. Try again in a moment.';
    case '53300':
      return 'the server has no connections left. Raise its max_connections, or end other clients.';
    default:
      return /timeout/i.test(said) ? 'it does not answer within 10 seconds.' : `it cannot be used: ${said}.`;
  }
}
