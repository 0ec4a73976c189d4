/** A path of this site with its query, as it was sent by who can send anything; undefined for whatever else it is. */
export function ownPath(text: string | null | undefined): string | undefined {
  if (text == null || text.length > 2000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text)) return undefined;
  const url = new URL(text, 'http://shop.invalid');
  // Looked at once more as it will be sent: taking out its dots may have made `/.//elsewhere` another host's address.
  const isHere = url.host === 'shop.invalid' && !/^\/[/\\]/.test(url.pathname);
  return isHere ? `${url.pathname}${url.search}${url.hash}` : undefined;
}
