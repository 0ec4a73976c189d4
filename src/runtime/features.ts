import type { Rule } from '../platform/switches/rule.ts';
import type { Feature } from '../platform/switches/switches.ts';

// What nobody buys by goes first; what many look for waits until work that is not deferrable is refused.
const soon: Rule = { whenShed: 'deferrable', forMs: 3_000, backAfterMs: 30_000 };
const later: Rule = { whenShed: 'standard', forMs: 5_000, backAfterMs: 60_000 };

/** What a shop can do without for a while, and when it does so by itself. */
export const features: readonly Feature[] = [
  { name: 'search-suggestions', summary: 'products suggested while one types', rule: soon },
  { name: 'browse-filters', summary: 'lists narrowed down by maker and price, or in another order', rule: soon },
  { name: 'wall', summary: 'the sale wall and its figures', rule: later },
  { name: 'search', summary: 'the search for products', rule: later },
  // Pages are right without them, only older; a crowd that sees no figures reloads the page instead, so no rule takes them away.
  { name: 'live-figures', summary: 'prices and units that change on an open page' },
];
