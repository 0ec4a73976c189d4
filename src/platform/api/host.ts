const host = /^(?:[\w.~-]*|\[[\da-f:.]+\])(?::\d{0,5})?$/i;

/**
 * Whether this is a host, or a host and a port, as a `Host` header may have it (RFC 9112, 3.2; RFC 3986, 3.2.2, without what no name of
 * the DNS has); also if it is empty, as of a target that has none. What is none would be kept, and told on, as one.
 */
export function isHost(text: string): boolean {
  return host.test(text);
}
