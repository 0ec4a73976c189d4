/** A member knows its place, and so can be in one roster at a time. */
export interface Listed {
  rosterIndex: number;
}

/** Of one that is in no roster. */
export const unlisted = -1;

/**
 * What is under way, in no order, where it comes and goes thousands of times a second. A `Set` would do, but for what it leaves
 * behind: with so much coming and going it moves to a new table many times a second, and in V8 each old table refers to the
 * next one (`OrderedHashTable::Rehash`) and to all that was in it. One that has grown old enough for the old generation keeps all
 * of that alive, dead as it is, until the next collection of the whole heap: request, answer, and what hangs on them. Here is one array.
 */
export class Roster<T extends Listed> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    if (this.has(member)) return;
    member.rosterIndex = this.#members.push(member) - 1;
  }

  has(member: T): boolean {
    return this.#members[member.rosterIndex] === member;
  }

  /** Whether it was here. */
  delete(member: T): boolean {
    if (!this.has(member)) return false;
    const last = this.#members.pop() as T;
    if (last !== member) {
      last.rosterIndex = member.rosterIndex;
      this.#members[member.rosterIndex] = last;
    }
    member.rosterIndex = unlisted;
    return true;
  }

  /** As they are now: members may come and go meanwhile. */
  snapshot(): readonly T[] {
    return this.#members.slice();
  }
}
