/** Deeper trees than this are a mistake in a feed: each level puts every product below it into one more list. */
export const collectionDepthMax = 10;

const pathPattern = /^[a-z0-9]+(?:[-/][a-z0-9]+)*$/;

/** Whether it is a path in the collection tree, such as `shoes/trail-running`. */
export function isCollectionPath(path: string): boolean {
  return path.length <= 300 && pathPattern.test(path) && path.split('/').length <= collectionDepthMax;
}

/** `a/b/c` is in `a`, `a/b` and `a/b/c`. */
export function pathsDownTo(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

export function parentPathOf(path: string): string | undefined {
  const end = path.lastIndexOf('/');
  return end < 0 ? undefined : path.slice(0, end);
}

/** What a collection is called until somebody gives it a title: `shoes/trail-running` is `Trail running`. */
export function titleFromPath(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replaceAll('-', ' ');
  return name.charAt(0).toUpperCase() + name.slice(1);
}
