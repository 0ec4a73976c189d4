/** The services of a shop. Every topology must host each of them. */
export const serviceNames = [
  'catalog',
  'stock',
  'cart',
  'promotion',
  'quote',
  'checkout',
  'payment',
  'media',
  'pulse',
] as const;
