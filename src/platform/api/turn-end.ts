/** So many clients are enough to be woken at once, and the others' answers are made while they read. */
const heldMax = 16;

/** Of who holds answers back until the end of a turn of the event loop, to send them together. */
export interface TurnEnd {
  /** To be called then, once. May not throw. */
  hold(send: () => void): void;
  /** Now, in the order in which they came. */
  sendAll(): void;
}

/**
 * Sent one by one, each answer wakes a client that has just read the one before and gone to sleep, and waking costs the system more
 * than all the rest of an answer.
 */
export function createTurnEnd(): TurnEnd {
  let held: (() => void)[] = [];
  let isArmed = false;

  function sendAll(): void {
    const leaving = held;
    held = [];
    for (const send of leaving) send();
  }

  function endTurn(): void {
    isArmed = false;
    sendAll();
  }

  return {
    sendAll,
    hold(send) {
      if (held.push(send) >= heldMax) sendAll();
      else if (!isArmed) {
        isArmed = true;
        setImmediate(endTurn);
      }
    },
  };
}
