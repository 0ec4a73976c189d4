/**
 * The address for those who see it outside of the page: link previews, search engines. Undefined for what is no http
 * address: a picture's address is whatever somebody put into the catalogue, and no page may fail for it.
 */
export function absoluteUrl(address: string | undefined, publicUrl: string): string | undefined {
  const url = address === undefined ? null : URL.parse(address, publicUrl);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url.href : undefined;
}
