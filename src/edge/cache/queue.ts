/** First in, first out, and any in between taken out, each in constant time. */
export interface Queue<T> {
  readonly size: number;
  push(item: T): void;
  /** The one that has waited longest. */
  shift(): T | undefined;
  delete(item: T): boolean;
}

interface Link<T> {
  item: T;
  before: Link<T> | undefined;
  after: Link<T> | undefined;
}

// A Map in its order would do, but one that loses its first entries again and again walks over all their empty places.
export function createQueue<T>(): Queue<T> {
  const links = new Map<T, Link<T>>();
  let first: Link<T> | undefined;
  let last: Link<T> | undefined;
  const unlink = (link: Link<T>) => {
    if (link.before === undefined) first = link.after;
    else link.before.after = link.after;
    if (link.after === undefined) last = link.before;
    else link.after.before = link.before;
    links.delete(link.item);
  };
  return {
    get size() {
      return links.size;
    },
    push(item) {
      const link: Link<T> = { item, before: last, after: undefined };
      if (last === undefined) first = link;
      else last.after = link;
      last = link;
      links.set(item, link);
    },
    shift() {
      const link = first;
      if (link !== undefined) unlink(link);
      return link?.item;
    },
    delete(item) {
      const link = links.get(item);
      if (link === undefined) return false;
      unlink(link);
      return true;
    },
  };
}
