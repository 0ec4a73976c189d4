import { totalmem } from 'node:os';

export interface SettingsInput {
  readonly port: number;
  /** Undefined where there are no unix sockets. */
  readonly socketDir: string | undefined;
  /** False for tests alone: faster, and a crash may lose everything. */
  readonly durable: boolean;
  readonly connectionsMax: number;
  /** What the caller wants otherwise; wins over ours. */
  readonly extra: Readonly<Record<string, string>>;
}

/** Fit for a shop that shares a small machine with its database: 2 cores, 2 GB and up. */
export function postgresSettings(input: SettingsInput): Record<string, string> {
  const memoryMb = Math.floor(totalmem() / 2 ** 20);
  const sharedBuffersMb = Math.max(64, Math.min(256, Math.floor(memoryMb / 8)));
  return {
    listen_addresses: '127.0.0.1',
    port: String(input.port),
    unix_socket_directories: input.socketDir ?? '',
    unix_socket_permissions: '0700',
    max_connections: String(input.connectionsMax),
    password_encryption: 'scram-sha-256',
    // Iterations slow down guessing; nobody guesses 192 random bits, and each connection would pay for them.
    scram_iterations: '64',

    shared_buffers: `${sharedBuffersMb}MB`,
    effective_cache_size: `${Math.max(256, Math.floor(memoryMb / 2))}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    random_page_cost: '1.1',
    // Our statements are short; compiling them costs more than it saves.
    jit: 'off',

    wal_level: 'replica',
    wal_compression: 'on',
    // A sale writes a gigabyte in minutes; few checkpoints mean few full page images.
    max_wal_size: '2GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    ...durability(input.durable),

    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] ',
    log_checkpoints: 'off',
    // Statements hold buyers' data; the log must not.
    log_min_error_statement: 'panic',
    log_parameter_max_length_on_error: '0',
    lc_messages: 'C',
    ...input.extra,
  };
}

function durability(durable: boolean): Record<string, string> {
  if (durable) return { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };
  return { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
}

/** `hasLocal`: whether the owner has put a file of his own beside it. */
export function renderSettings(settings: Readonly<Record<string, string>>, hasLocal: boolean): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = '${value.replaceAll("'", "''")}'`);
  return [
    '# Written by Onrush at each start. Your own settings go into local.conf beside this file, and win.',
    ...lines,
    ...(hasLocal ? ["include 'local.conf'"] : []),
    '',
  ].join('\n');
}
