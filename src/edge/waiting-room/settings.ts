/** What is the same for all waiting rooms of a shop. */
export interface RoomSettings {
  /** How long a waiter may be silent before his place is given up. */
  readonly leaveAfterMs: number;
  /** How long after its call a place can be turned into a pass. */
  readonly claimWithinMs: number;
  /** How long a pass lasts. */
  readonly passTtlMs: number;
  /** From when on before its opening a room gives out tickets, unless it says otherwise. */
  readonly queueBeforeMs: number;
  /** How long it is kept which places were called when, and who came. */
  readonly forgetAfterMs: number;
  /** Passes a second: the least that is let in while anything is left, where it begins, and the most. */
  readonly pace: { readonly floorPerS: number; readonly startPerS: number; readonly maxPerS: number };
}

/**
 * Three minutes of silence are six missed polls. A place that was called is looked at every few seconds, so that a minute is
 * ample for who is there, and the next one waits no longer for who is not. Ten minutes are for address and card. A month is as
 * long as events are kept: to look into who came in before whom.
 */
export const defaultRoomSettings: RoomSettings = {
  leaveAfterMs: 3 * 60_000,
  claimWithinMs: 60_000,
  passTtlMs: 10 * 60_000,
  queueBeforeMs: 15 * 60_000,
  forgetAfterMs: 30 * 86_400_000,
  pace: { floorPerS: 1, startPerS: 50, maxPerS: 500 },
};
