/** What is queued for, and how. */
export interface QueueSetup {
  /** In every SKU, slug and name that the drill makes, so that nobody takes them for goods. */
  readonly runId: string;
  readonly roomId: string;
  readonly variantId: string;
  readonly stock: number;
  /** Passes a second: never more. */
  readonly pacePerS: number;
  readonly opensAtMs: number;
  readonly times: QueueTimes;
}

/** Of the drill's own shop, where minutes are seconds. */
export interface QueueTimes {
  readonly leaveAfterMs: number;
  readonly claimWithinMs: number;
  readonly passTtlMs: number;
}

/** How somebody waits. */
export const waiterKinds = [
  /** Asks when he was told to, comes when he is called, buys. */
  'patient',
  /** Goes after a look or two, without a word. */
  'leaver',
  /** Is called and does not come in time. */
  'late',
  /** Asks ten times as often as he was told to. */
  'hasty',
  /** Comes in and buys nothing until the pass has run out; then tries to. */
  'idler',
  /** Buys, and tries to order again with the same pass. */
  'twice',
  /** Gives ticket and pass to another buyer. */
  'sharer',
  /** Makes tickets and passes of his own. */
  'forger',
  /** Shows his first ticket again instead of the one that was given for it. */
  'traveller',
  /** One of many sessions of one attacker: the first to come, and in a hurry. */
  'scalper',
] as const;
export type WaiterKind = (typeof waiterKinds)[number];
