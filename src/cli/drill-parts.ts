import type { Config } from '../platform/config/config.ts';
import { type Options, type OptionValues, UsageError } from './command.ts';
import type { Terminal } from './terminal.ts';

/** Options that every drill takes. */
export const sharedOptions = {
  seed: { type: 'string', value: '<number>', help: 'the same number brings the same people' },
  json: { type: 'boolean', help: 'print the report as JSON' },
} as const satisfies Options;

/** What a drill is given. */
export interface DrillCall<O extends Options> {
  readonly options: OptionValues<
    O & typeof sharedOptions & { readonly home: { readonly type: 'string'; readonly help: string } }
  >;
  /** Throws ConfigFault. */
  readConfig(): Config;
  readonly terminal: Terminal;
  /** Aborted when the user wants no more of it. */
  readonly signal: AbortSignal;
}

/** The signal is aborted by the first Ctrl-C; `end` gives Ctrl-C back. */
export interface Interruption {
  readonly signal: AbortSignal;
  end(): void;
}

export function interruptible(terminal: Terminal): Interruption {
  const controller = new AbortController();
  const onSignal = () => {
    if (!controller.signal.aborted) terminal.say('\nStopping what was started …');
    controller.abort();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    end() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

/** A line that changes in place on a terminal, and what interrupts it. */
export function createStatusLine(terminal: Terminal) {
  const line = terminal.progress();
  let shown = () => '';
  // A stage may be over before the line may change again, or last for seconds.
  const refresh = setInterval(() => line.show(shown()), 120);
  refresh.unref();
  return {
    /** A text, or what makes it anew each time: it may tell how long it has been taking. */
    show(text: string | (() => string)): void {
      shown = typeof text === 'string' ? () => text : text;
      line.show(shown());
    },
    /** Something that stays to be read. */
    event(text: string): void {
      line.end();
      terminal.say(`  ${terminal.styleSaid('yellow', '!')} ${text}`);
    },
    /** Takes the line away; it is back when something is shown again. */
    clear: () => line.end(),
    end(): void {
      clearInterval(refresh);
      line.end();
    },
  };
}

/** Throws UsageError for anything but a whole number from 1 to `max`. */
export function parseCount(name: string, text: string | undefined, fallback: number, max = 10_000_000): number {
  if (text === undefined) return fallback;
  const digits = text.replace(/(?<=\d)[,_](?=\d{3})/g, '');
  if (/^\d{1,10}$/.test(digits) && Number(digits) >= 1 && Number(digits) <= max) return Number(digits);
  throw new UsageError(
    `--${name} must be a whole number from 1 to ${max.toLocaleString('en-US')}, not ${JSON.stringify(text)}.`,
  );
}
