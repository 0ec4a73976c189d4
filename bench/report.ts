export interface BenchOptions {
  /** Shorter runs: to see that a bench works, not what it says. */
  readonly isQuick: boolean;
  /** `pages`: how many products have their pages built. */
  readonly productCount?: number;
  /** `cache`: a checkout of the conformance suite, in place of the one that is installed. */
  readonly suiteDir?: string;
  /** Where a bench that has longer reports of its own leaves them. */
  readonly reportDir?: string;
}

/** One line of a bench: a figure, its limit from the same run where it has one, and what it should reach. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The ratio to the limit, or the value itself, and the target for it. */
  readonly ratio?: number;
  readonly ratioTo?: string;
  readonly target?: string;
  readonly isReached?: boolean;
}

export interface BenchReport {
  readonly bench: string;
  readonly machine: object;
  readonly figures: readonly Figure[];
  readonly notes?: readonly string[];
}
