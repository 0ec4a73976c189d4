/** Structured logs: what happened as a short constant sentence, what it was about as fields. Never personal data. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

/** Prometheus instruments, made once by who owns them. Label values come from small fixed sets. */
export interface Metrics {
  counter(
    name: string,
    help: string,
    labelNames?: readonly string[],
  ): { add(amount?: number, labels?: Record<string, string>): void };
  gauge(name: string, help: string, read: () => number): void;
  histogram(
    name: string,
    help: string,
    options: { buckets: readonly number[]; labelNames?: readonly string[] },
  ): { observe(value: number, labels?: Record<string, string>): void };
  /** The exposition text for `/metrics`. */
  expose(): Promise<{ contentType: string; text: string }>;
}
