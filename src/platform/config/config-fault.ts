/** The configuration cannot be used. The message names the place (file, line and column, or variable) and says what belongs there. */
export class ConfigFault extends Error {
  override readonly name = 'ConfigFault';
  /** All that is wrong; the message is the first of them. */
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    const more = problems.length - 1;
    super(`${problems[0]}${more > 0 ? ` (and ${more} more)` : ''}`);
    this.problems = problems;
  }
}
