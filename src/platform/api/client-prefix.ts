/**
 * What all networks of an IPv6 end site (RFC 6177) have together, as a multiple of what one has. A /48 has 65,536 of them: one customer has
 * it to himself, or some hundred households share it, as thousands share one IPv4 address of a carrier, which do with what one network may
 * have (decision 0015).
 */
export const networksOfSite = 4;

/** The code of a client's network, behind that of its end site where it has one; as `Call` has it. Codes have no dot. */
export function clientPrefixOf(networkCode: string, siteCode: string | undefined): string {
  return siteCode === undefined ? networkCode : `${siteCode}.${networkCode}`;
}

/** The code of the end site; undefined where there is none, as of IPv4. */
export function siteOf(clientPrefix: string): string | undefined {
  const dot = clientPrefix.indexOf('.');
  return dot < 0 ? undefined : clientPrefix.slice(0, dot);
}
