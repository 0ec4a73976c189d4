const origin = /^https?:\/\/.*?\//i;

/**
 * The path of a request target as the router sees it: without scheme and host, up to the query or a fragment, with what was
 * percent-encoded for no reason decoded. Whoever looks a route up before the router does must see the same, or a route
 * that is written in another way is nobody's: it has no price, and no importance.
 */
export function routedPath(url: string): string {
  if (url.startsWith('/') && !url.includes('%') && !url.includes('#')) return upTo(url, url.indexOf('?'));
  const target = url.startsWith('/') ? url : url.replace(origin, '/');
  const path = upTo(target, target.search(/[?#]/));
  if (!path.includes('%')) return path;
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function upTo(text: string, end: number): string {
  return end < 0 ? text : text.slice(0, end);
}
