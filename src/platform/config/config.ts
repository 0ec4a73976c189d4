import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ShopSettings } from '../context/context.ts';
import { type CdnSettings, cdnVariables, readCdnSettings } from './cdn-settings.ts';
import { ConfigFault } from './config-fault.ts';
import { durationMs } from './duration.ts';
import { readTopology, type Topology } from './topology.ts';

/** All that the owner has decided, checked. Plain data: it travels to other processes as JSON. */
export interface Config {
  /** The folder that holds the shop: data, logs, secrets. */
  readonly home: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** A server of the owner's own; absent for the embedded one. */
  readonly databaseUrl?: string;
  /** Absent: one is made at the first start and kept in the home. */
  readonly adminToken?: string;
  readonly logLevel: LogLevel;
  readonly topologyFile: string;
  readonly topology: Topology;
  readonly shop: ShopSettings;
  /** Absent: no CDN is told of anything. */
  readonly cdn?: CdnSettings;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface ConfigInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here. */
  readonly cwd: string;
  /** The services that this version has; a topology must host each. */
  readonly serviceNames: readonly string[];
  /** From the command line; they win over the environment. */
  readonly overrides?: Partial<Record<EnvironmentName, string | undefined>>;
}

/** Every variable that Onrush reads. */
export const environmentNames = [
  'PORT',
  'DATABASE_URL',
  'ONRUSH_HOME',
  'ONRUSH_HOST',
  'ONRUSH_ADMIN_TOKEN',
  'ONRUSH_LOG_LEVEL',
  'ONRUSH_TOPOLOGY',
  // Where tests and benches find the real catalogues.
  'ONRUSH_SHARED_DATA',
  'ONRUSH_DEBUG',
  ...cdnVariables,
] as const;
export type EnvironmentName = (typeof environmentNames)[number];

/** Throws ConfigFault, naming what is wrong and where. */
export function readConfig(input: ConfigInput): Config {
  const problems = unknownVariables(input.env);
  const value = (name: EnvironmentName) => input.overrides?.[name] ?? (input.env[name] || undefined);
  const parse = <T>(name: EnvironmentName, parser: (text: string) => Parsed<T>): T | undefined => {
    const text = value(name);
    if (text === undefined) return undefined;
    const parsed = parser(text);
    if ('value' in parsed) return parsed.value;
    problems.push(`${name} ${parsed.problem}`);
    return undefined;
  };

  const port = parse('PORT', parsePort) ?? 7070;
  const logLevel = parse('ONRUSH_LOG_LEVEL', parseLogLevel) ?? 'info';
  const databaseUrl = parse('DATABASE_URL', parseDatabaseUrl);
  const adminToken = parse('ONRUSH_ADMIN_TOKEN', parseToken);
  const topologyFile = resolve(input.cwd, value('ONRUSH_TOPOLOGY') ?? defaultTopology);
  if (problems.length > 0) throw new ConfigFault(problems);

  const topology = readTopology(topologyFile, input.serviceNames);
  if (topology.engines.database === 'url' && databaseUrl === undefined) {
    throw new ConfigFault([
      `DATABASE_URL is missing, and ${topologyFile} says \`database: url\`. Set it to postgresql://user:password@host/database.`,
    ]);
  }
  const cdn = cdnSettings(topology, value);
  return {
    home: resolve(input.cwd, value('ONRUSH_HOME') ?? '.onrush'),
    host: value('ONRUSH_HOST') ?? '127.0.0.1',
    port,
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(adminToken !== undefined && { adminToken }),
    logLevel,
    topologyFile,
    topology,
    ...(cdn !== undefined && { cdn }),
    shop: {
      name: topology.shop.name,
      ...(topology.shop.url !== undefined && { publicUrl: topology.shop.url }),
      ...(topology.shop.securityContact !== undefined && { securityContact: topology.shop.securityContact }),
      currency: topology.shop.currency,
      taxIncludedBasisPoints: topology.shop.taxIncludedBasisPoints,
      quoteTtlMs: durationMs(topology.shop.quoteTtl),
      payWithinMs: durationMs(topology.shop.payWithin),
      wall: topology.shop.wall ?? 'staff',
    },
  };
}

function cdnSettings(topology: Topology, value: (name: EnvironmentName) => string | undefined) {
  const given = topology.edge?.cdn;
  if (given === undefined) return undefined;
  const read = readCdnSettings(given, Object.fromEntries(cdnVariables.map((name) => [name, value(name)])));
  if ('problems' in read) throw new ConfigFault(read.problems);
  return read.settings;
}

/** Whether failures should show where they come from. Apart from the rest, for it is wanted when the rest cannot be read. */
export function isDebugging(env: ConfigInput['env']): boolean {
  return env.ONRUSH_DEBUG === '1';
}

const defaultTopology = fileURLToPath(new URL('../../../topologies/laptop.yaml', import.meta.url));

/** A misspelt variable would otherwise do nothing, silently. */
function unknownVariables(env: ConfigInput['env']): string[] {
  const known = environmentNames.filter((name) => name.startsWith('ONRUSH_'));
  return Object.keys(env)
    .filter((name) => name.startsWith('ONRUSH_') && !known.some((candidate) => candidate === name))
    .map((name) => `${name} is not a variable of Onrush; it knows ${known.join(', ')}. Unset or correct it.`);
}

type Parsed<T> = { readonly value: T } | { readonly problem: string };

function parsePort(text: string): Parsed<number> {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return { value: Number(text) };
  return { problem: `must be a port from 1 to 65535 (or 0 for any that is free), not "${text}".` };
}

function parseLogLevel(text: string): Parsed<LogLevel> {
  const value = logLevels.find((level) => level === text);
  return value ? { value } : { problem: `must be one of ${logLevels.join(', ')}, not "${text}".` };
}

function parseDatabaseUrl(text: string): Parsed<string> {
  if (URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)) return { value: text };
  // The text itself is not repeated: it may hold a password.
  return { problem: 'must look like postgresql://user:password@host:5432/database.' };
}

function parseToken(text: string): Parsed<string> {
  if (/^[\x21-\x7e]{16,256}$/.test(text)) return { value: text };
  return { problem: 'must be 16 to 256 visible ASCII characters, since it travels in a header.' };
}
