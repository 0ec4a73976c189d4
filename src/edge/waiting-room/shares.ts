/** What the people that a room has called and not lost yet will take of what it stands before. */
export interface RoomPromise {
  readonly variantIds: ReadonlySet<string>;
  readonly units: number;
}

/**
 * How many of the units that can be ordered now of a room's variants are promised by other rooms, at the most.
 *
 * What is left of a variant is promised once, over all rooms that stand before it: there is always a way to give everybody something
 * of his own sale. By induction. Say there was one before this decision; let each of the others take first of what nobody else
 * stands before, which takes nothing from anybody. Then of this room's variants each takes no more than the rest of its promise, and
 * no more than both stand before. What that leaves is this room's to promise.
 */
export function unitsPromisedElsewhere(
  variantIds: ReadonlySet<string>,
  others: readonly RoomPromise[],
  available: ReadonlyMap<string, number>, // units
): number {
  const roomCount = new Map<string, number>();
  for (const room of [{ variantIds }, ...others]) {
    for (const variantId of room.variantIds) roomCount.set(variantId, (roomCount.get(variantId) ?? 0) + 1);
  }
  const unitsOf = (promise: RoomPromise, isMeant: (variantId: string) => boolean) =>
    [...promise.variantIds].filter(isMeant).reduce((sum, variantId) => sum + (available.get(variantId) ?? 0), 0);

  return others.reduce((sum, other) => {
    const alone = unitsOf(other, (variantId) => roomCount.get(variantId) === 1);
    const shared = unitsOf(other, (variantId) => variantIds.has(variantId));
    return sum + Math.min(shared, Math.max(0, other.units - alone));
  }, 0);
}
