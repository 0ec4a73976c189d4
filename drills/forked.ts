/** What a process that a drill has forked may tell of itself beside its work. */
export interface Failed {
  readonly kind: 'failed';
  readonly message: string;
}

/** Hears what the drill says, as long as there is a drill. */
export function hearDrill<Message>(hear: (message: Message) => void): void {
  // A Ctrl-C in the terminal reaches every process; the drill decides what it means.
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
  process.on('disconnect', () => process.exit(1));
  process.on('message', hear);
}

/** Tells the drill what went wrong, and ends. */
export function fail(error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.send?.({ kind: 'failed', message } satisfies Failed, () => process.exit(1));
}
