import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Config } from '../platform/config/config.ts';
import type { Terminal } from './terminal.ts';

/** What a process that ends tells whoever called it. Documented by `onrush --help`. */
export const exitCodes = {
  done: 0,
  /** It could not be done, or a promise was found broken. */
  failed: 1,
  /** The command line makes no sense. */
  usage: 2,
  /** Done to the end, but not everything was taken: `import` refused some rows. */
  refusedSome: 3,
  /** A drill could not be run: that says nothing about the shop's promises, unlike `failed`. */
  notRun: 4,
  /** Ended by a second Ctrl-C. */
  interrupted: 130,
} as const;

export interface Option {
  /** `list`: a string that may be given several times. */
  readonly type: 'string' | 'boolean' | 'list';
  /** One line, lower case, no full stop. */
  readonly help: string;
  /** What to write for the value: `<port>`. */
  readonly value?: string;
  readonly short?: string;
}

export type Options = Readonly<Record<string, Option>>;

export type OptionValues<O extends Options> = {
  readonly [Name in keyof O]: ValueOf<O[Name]['type']> | undefined;
};

type ValueOf<Type> = Type extends 'boolean' ? boolean : Type extends 'list' ? readonly string[] : string;

/** One command: one file of this folder, listed in commands.ts. */
export interface Command<O extends Options = Options> {
  readonly name: string;
  /** One line for the list of commands: lower case, no full stop. */
  readonly summary: string;
  /** A line that works as it stands. */
  readonly example: string;
  /** More to know, shown by its --help only. */
  readonly details?: string;
  /** Names of the arguments that are not options, in order; the last may end in `…` for any number. `[name]` may be absent. */
  readonly args?: readonly string[];
  /** What follows `onrush` in its usage line, where the names of its arguments would say less. */
  readonly usage?: string;
  readonly options: O;
  /** Returns the exit code; nothing means 0. Throws errors whose message is a sentence for the user. */
  run(call: Call<O>): Promise<number | undefined>;
}

export interface Call<O extends Options = Options> {
  readonly options: OptionValues<O>;
  readonly args: readonly string[];
  readonly terminal: Terminal;
  /** Reads the configuration, given what this command's options say; throws ConfigFault. */
  config(overrides?: ConfigOverrides): Config;
  readonly isDebugging: boolean;
}

export type ConfigOverrides = Partial<
  Record<'PORT' | 'ONRUSH_HOME' | 'ONRUSH_HOST' | 'ONRUSH_TOPOLOGY', string | undefined>
>;

/** Keeps the types of the options together. */
export function defineCommand<const O extends Options>(command: Command<O>): Command<O> {
  return command;
}

/** The command line makes no sense; the message says what is wrong and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface ParsedLine {
  readonly wantsHelp: boolean;
  readonly options: Record<string, string | boolean | readonly string[] | undefined>;
  readonly args: string[];
}

export function parseLine(command: Command, line: readonly string[]): ParsedLine {
  const options: ParseArgsConfig['options'] = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { type, short }] of Object.entries(command.options)) {
    const parsedAs = type === 'list' ? ({ type: 'string', multiple: true } as const) : { type };
    options[name] = short === undefined ? parsedAs : { ...parsedAs, short };
  }
  const seeHelp = `See \`onrush ${command.name} --help\`.`;
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: withNegativeNumbers(line, command.options),
      options,
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new UsageError(`${usageSentence(error, command, line)} ${seeHelp}`);
  }
  const { help, ...values } = parsed.values as ParsedLine['options'];
  if (help !== true) checkArgs(command, parsed.positionals, seeHelp);
  return { wantsHelp: help === true, options: values, args: parsed.positionals };
}

function isValued(option: Option | undefined): option is Option & { readonly type: 'string' | 'list' } {
  return option !== undefined && option.type !== 'boolean';
}

/** `--buyers -5` as `--buyers=-5`: no option is called -5, so the command is to say what it thinks of the number. */
function withNegativeNumbers(line: readonly string[], options: Options): string[] {
  const args: string[] = [];
  for (const [index, arg] of line.entries()) {
    if (arg === '--') return [...args, ...line.slice(index)];
    const last = args.at(-1);
    const takesValue = last?.startsWith('--') && isValued(options[last.slice(2)]);
    if (takesValue && /^-\d/.test(arg)) args[args.length - 1] = `${last}=${arg}`;
    else args.push(arg);
  }
  return args;
}

function checkArgs(command: Command, given: readonly string[], seeHelp: string): void {
  const names = command.args ?? [];
  const missing = names.find((name, index) => !name.startsWith('[') && given[index] === undefined);
  if (missing !== undefined) throw new UsageError(`\`onrush ${command.name}\` needs ${missing}. ${seeHelp}`);
  const excess = names.at(-1)?.includes('…') ? undefined : given[names.length];
  if (excess !== undefined) {
    throw new UsageError(
      `\`onrush ${command.name}\` does not know what to do with ${JSON.stringify(excess)}. ${seeHelp}`,
    );
  }
}

function usageSentence(error: unknown, command: Command, line: readonly string[]): string {
  const code = (error as { code?: string }).code;
  const message = error instanceof Error ? error.message : '';
  const option = /'(-[^' =,]*)/.exec(message)?.[1] ?? line.find((arg) => arg.startsWith('-')) ?? '';
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const near = nearest(option.replace(/^-+/, ''), Object.keys(command.options));
    return `\`onrush ${command.name}\` has no option ${option}.${near === undefined ? '' : ` Did you mean --${near}?`}`;
  }
  const name = /--([^ =,<']+)/.exec(message)?.[1] ?? option.replace(/^-+/, '');
  const wanted = command.options[name];
  if (isValued(wanted)) return `--${name} needs a value: --${name} ${wanted.value ?? '<value>'}.`;
  return `--${name} takes no value.`;
}

/** The known word that was most likely meant; undefined when none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return near !== undefined && near.distance <= Math.max(1, Math.floor(word.length / 3)) ? near.candidate : undefined;
}

/** Letters to change, add, drop or swap with their neighbour (optimal string alignment), one row at a time. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      const isSwap = i > 0 && j > 0 && a[i] === b[j - 1] && a[i - 1] === b[j];
      const swapped = isSwap ? (before[j - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}
