import { createQueue } from './queue.ts';

/** What is thrown out when there is no room. */
export interface Evictable {
  readonly bytes: number;
  place: 'small' | 'main' | undefined;
  useCount: number;
}

export interface Eviction<T extends Evictable> {
  readonly bytes: number;
  /** Takes it in, and returns what has to go for it: never more than `bytesMax` stays. */
  add(item: T): T[];
  use(item: T): void;
  remove(item: T): void;
  /** It has grown or shrunk by this much. */
  resize(item: T, byBytes: number): T[];
}

export interface EvictionRules<T> {
  nameOf(item: T): string;
  /** Of a kind of which anybody can have any number made, and ask for each as often as he likes: it has the small queue only. */
  isMinor(item: T): boolean;
}

/**
 * S3-FIFO (Yang et al., SOSP 2023): what is new waits in a small queue with a tenth of the room, and comes into the main one only
 * if it is used again before its turn, or was here not long ago. So a scan of a million pages that are each looked at once runs
 * through the tenth, and leaves what is hot alone. A use costs an addition and moves nothing.
 * What is minor never comes into the main one, and is not remembered when it goes.
 */
export function createEviction<T extends Evictable>(
  bytesMax: number,
  { nameOf, isMinor }: EvictionRules<T>,
): Eviction<T> {
  const small = createQueue<T>();
  const main = createQueue<T>();
  const smallBytesMax = bytesMax / 10;
  let smallBytes = 0;
  let mainBytes = 0;
  // Names of what left the small queue unused, about as many as there are answers in the main one.
  const ghosts = createQueue<string>();

  const evictFromSmall = (): T | undefined => {
    for (let item = small.shift(); item !== undefined; item = small.shift()) {
      smallBytes -= item.bytes;
      if (isMinor(item)) return item;
      if (item.useCount === 0) {
        const name = nameOf(item);
        ghosts.delete(name);
        ghosts.push(name);
        while (ghosts.size > Math.max(64, main.size + small.size)) ghosts.shift();
        return item;
      }
      item.useCount = 0;
      item.place = 'main';
      mainBytes += item.bytes;
      main.push(item);
    }
    return undefined;
  };
  const evictFromMain = (): T | undefined => {
    for (let item = main.shift(); item !== undefined; item = main.shift()) {
      if (item.useCount === 0) {
        mainBytes -= item.bytes;
        return item;
      }
      // At most three more rounds each, so this ends.
      item.useCount -= 1;
      main.push(item);
    }
    return undefined;
  };
  const makeRoom = (): T[] => {
    const evicted: T[] = [];
    while (smallBytes + mainBytes > bytesMax) {
      const item = smallBytes > smallBytesMax || mainBytes === 0 ? evictFromSmall() : evictFromMain();
      if (item === undefined) continue;
      item.place = undefined;
      evicted.push(item);
    }
    return evicted;
  };

  return {
    get bytes() {
      return smallBytes + mainBytes;
    },
    add(item) {
      item.useCount = 0;
      if (ghosts.delete(nameOf(item))) {
        item.place = 'main';
        main.push(item);
        mainBytes += item.bytes;
      } else {
        item.place = 'small';
        small.push(item);
        smallBytes += item.bytes;
      }
      return makeRoom();
    },
    use(item) {
      if (item.useCount < 3) item.useCount += 1;
    },
    remove(item) {
      if (small.delete(item)) smallBytes -= item.bytes;
      else if (main.delete(item)) mainBytes -= item.bytes;
      item.place = undefined;
    },
    resize(item, byBytes) {
      if (item.place === 'small') smallBytes += byBytes;
      else if (item.place === 'main') mainBytes += byBytes;
      return makeRoom();
    },
  };
}
