/** Structured logs: what happened as a short constant sentence, what it was about as fields. Never personal data. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

export type Labels = Readonly<Record<string, string>>;

/** Prometheus instruments, made once by who owns them. Label values come from small fixed sets. */
export interface Metrics {
  counter(name: string, help: string, labelNames?: readonly string[]): Counter;
  gauge(name: string, help: string, read: () => number): void;
  /** The same with one label: a value for each of what there is at present. */
  gauge(name: string, help: string, read: () => ReadonlyMap<string, number>, labelName: string): void;
  histogram(name: string, help: string, options: HistogramOptions): Histogram;
  /** What an instrument of this process holds now, series by series, for who shows it without a scraper between; none if there is no such instrument. */
  series(name: string): readonly Series[];
  /** The exposition text for `/metrics`. */
  expose(): Promise<{ contentType: string; text: string }>;
}

export interface Series {
  readonly labels: Labels;
  /** A counter's or a gauge's value; how many observations a histogram has. */
  readonly value: number;
  /** Only of histograms. */
  readonly buckets?: Buckets;
}

export interface Buckets {
  /** Upper bounds in rising order, in the instrument's own unit. */
  readonly bounds: readonly number[];
  /** Observations per bucket, not cumulative, a copy; one more than there are bounds, for those above all of them. */
  readonly counts: readonly number[];
}

export interface HistogramOptions {
  readonly buckets: readonly number[];
  readonly labelNames?: readonly string[];
}

export interface Counter {
  add(amount?: number, labels?: Labels): void;
  /** The same for labels known beforehand, at the cost of an addition: for what is counted on every request. */
  bind(labels: Labels): (amount?: number) => void;
}

export interface Histogram {
  observe(value: number, labels?: Labels): void;
  /** As `Counter.bind`. */
  bind(labels: Labels): (value: number) => void;
}
