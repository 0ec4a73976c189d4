/**
 * What every page says of itself. Scripts, styles and fonts come from the shop alone, nothing is inline, nobody frames it.
 * Pictures may come from the addresses that an imported catalogue names.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' https: data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Names and values in turn. */
export const securityHeaders = securityHeadersWith(contentSecurityPolicy);

export function securityHeadersWith(policy: string): readonly string[] {
  return [
    'content-security-policy',
    policy,
    'x-content-type-options',
    'nosniff',
    // The link of an order holds its key: other sites are not told where the visitor comes from.
    'referrer-policy',
    'same-origin',
    'cross-origin-opener-policy',
    'same-origin',
    'permissions-policy',
    'camera=(), geolocation=(), microphone=(), payment=(self)',
  ];
}
