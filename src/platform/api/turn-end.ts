/** So many clients are enough to be woken at once, and the others' answers are made while they read. */
const heldMax = 16;

/**
 * For who holds answers back until the end of a turn of the event loop, to send them together. Sent one by one, each wakes a
 * client that has just read the one before and gone to sleep, and waking costs the system more than all the rest of an answer.
 * To be told of each answer that is held, and how many are then.
 */
export function createTurnEnd(sendAll: () => void): (heldCount: number) => void {
  let isArmed = false;
  const endTurn = () => {
    isArmed = false;
    sendAll();
  };
  return (heldCount) => {
    if (heldCount >= heldMax) sendAll();
    else if (!isArmed) {
      isArmed = true;
      setImmediate(endTurn);
    }
  };
}

/** The same for who needs not know what he holds: each is called once, in the order in which they came. None may throw. */
export function createTurnEndQueue(): (send: () => void) => void {
  let held: (() => void)[] = [];
  const hold = createTurnEnd(() => {
    const leaving = held;
    held = [];
    for (const send of leaving) send();
  });
  return (send) => {
    held.push(send);
    hold(held.length);
  };
}
