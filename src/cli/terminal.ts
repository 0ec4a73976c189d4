import type { Writable } from 'node:stream';
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where a command speaks: answers to stdout, everything about the work itself to stderr. */
export interface Terminal {
  /** The answer: what a pipe should get. */
  print(text: string): void;
  /** A piece of a long answer as it stands; resolves when there is room for the next one. */
  write(text: string): Promise<void>;
  /** What goes on meanwhile: for people. */
  say(text: string): void;
  /** Whether a person reads stdout, or a program. */
  readonly isInteractive: boolean;
  /** How wide what is printed may be. */
  readonly columns: number;
  /** Colours for what is printed: where stdout is a terminal that shows them and NO_COLOR is not set. */
  style(style: Style, text: string): string;
  /** The same for what is said. */
  styleSaid(style: Style, text: string): string;
  /** One line that changes in place; silent where stderr is no terminal. */
  progress(): Progress;
}

export interface Progress {
  /** Shows the text, at most ten times a second. */
  show(text: string): void;
  /** Takes the line away. */
  end(): void;
}

type Stream = Writable & { isTTY?: boolean; columns?: number };

export function createTerminal(stdout: Stream, stderr: Stream): Terminal {
  return {
    print: (text) => void stdout.write(`${text}\n`),
    write: (text) =>
      new Promise((resolve, reject) => stdout.write(text, (error) => (error ? reject(error) : resolve()))),
    say: (text) => void stderr.write(`${text}\n`),
    isInteractive: stdout.isTTY === true,
    columns: stdout.columns ?? 80,
    style: (style, text) => styleText(style, text, { stream: stdout }),
    styleSaid: (style, text) => styleText(style, text, { stream: stderr }),
    progress: () => (stderr.isTTY === true ? lineProgress(stderr) : { show() {}, end() {} }),
  };
}

const showEveryMs = 100;

function lineProgress(stream: Stream): Progress {
  let shownAtMs = Number.NEGATIVE_INFINITY;
  let isShown = false;
  return {
    show(text) {
      const nowMs = performance.now();
      if (nowMs - shownAtMs < showEveryMs) return;
      shownAtMs = nowMs;
      isShown = true;
      // A line that wraps could not be taken back.
      stream.write(`\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    end() {
      if (isShown) stream.write('\r\x1b[K');
      isShown = false;
    },
  };
}
