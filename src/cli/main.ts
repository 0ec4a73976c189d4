import { readFileSync } from 'node:fs';
import { isDebugging, readConfig } from '../platform/config/config.ts';
import { serviceNames } from '../runtime/service-names.ts';
import { type Call, type Command, exitCodes, nearest, parseLine, UsageError } from './command.ts';
import { commands } from './commands.ts';
import { helpFor, overview } from './help.ts';
import type { Terminal } from './terminal.ts';

export interface Invocation {
  /** What follows `onrush`. */
  readonly line: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly terminal: Terminal;
}

/** Does what the command line says. Returns the exit code; whatever fails becomes one sentence. */
export async function main(invocation: Invocation): Promise<number> {
  const { terminal, env } = invocation;
  try {
    return (await dispatch(invocation)) ?? exitCodes.done;
  } catch (error) {
    terminal.say(terminal.styleSaid('red', 'onrush: ') + sentenceOf(error));
    if (isDebugging(env)) terminal.say(traceOf(error));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

async function dispatch({ line, env, cwd, terminal }: Invocation): Promise<number | undefined> {
  const [name, ...rest] = line;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const all = await Promise.all(Object.values(commands).map((load) => load()));
    terminal.print(overview(all, version(), terminal.style));
    return exitCodes.done;
  }
  if (name === '--version' || name === '-v') {
    terminal.print(version());
    return exitCodes.done;
  }
  const command = await find(name);
  const { wantsHelp, options, args } = parseLine(command, rest);
  if (wantsHelp) {
    terminal.print(helpFor(command, terminal.style));
    return exitCodes.done;
  }
  const call: Call = {
    // parseLine has checked them against the command's own options.
    options: options as Call['options'],
    args,
    terminal,
    config: (overrides = {}) => readConfig({ env, cwd, serviceNames, overrides }),
    isDebugging: isDebugging(env),
  };
  return command.run(call);
}

async function find(name: string): Promise<Command> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load !== undefined) return load();
  const near = nearest(name, Object.keys(commands));
  throw new UsageError(
    `There is no command ${JSON.stringify(name)}.${near === undefined ? '' : ` Did you mean \`onrush ${near}\`?`} \`onrush\` alone lists them all.`,
  );
}

function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = message.trim() || (error instanceof Error ? error.name : 'something failed and did not say what.');
  return /[.!?)]$/.test(sentence) ? sentence : `${sentence}.`;
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return error.cause === undefined
    ? `${error.stack}`
    : `${error.stack}\ncaused by: ${traceOf(error.cause) || error.cause}`;
}

function version(): string {
  const packageJson = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(packageJson) as { version: string }).version;
}
