import { type Static, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import { InstantMs, strict, text, Uuid } from '../../platform/api/schema.ts';

/** Characters of a tag or group: longer than any that answers carry. */
export const nameLengthMax = 500;
const namesMax = 500;

const Names = Type.Array(text(nameLengthMax, { minLength: 1 }), { maxItems: namesMax });

/** What caches are to forget. Only a name that something carries has an effect; all others are harmless. */
export const PurgeInput = strict(
  {
    tags: Type.Optional({
      ...Names,
      description: 'As answers carry them in `Cache-Tag`: `product:shoreline-dry-bag`.',
    }),
    groups: Type.Optional({ ...Names, description: 'As answers carry them in `Cache-Groups` (RFC 9875).' }),
    urls: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), {
        maxItems: namesMax,
        description:
          'Addresses in the shop, with their query: `/v1/products?sort=price`, or whole ones. The shop forgets them under every host that it was asked by; a CDN under the host that is given.',
      }),
    ),
    everything: Type.Optional(Type.Boolean({ description: 'All that is kept anywhere.' })),
    reason: Type.Optional(text(500, { description: 'For whoever wonders later.' })),
  },
  { title: 'PurgeInput' },
);
export type PurgeInput = Static<typeof PurgeInput>;

/** The same, ready for caches: URLs as they were given, nothing left out. */
export interface Purge {
  readonly tags: readonly string[];
  readonly groups: readonly string[];
  readonly urls: readonly string[];
  readonly everything: boolean;
}

export const purgeApi = defineContract({
  name: 'purge',
  routes: {
    purge: {
      method: 'POST',
      path: '/v1/admin/purges',
      summary: 'Have all caches forget something: those of every process, and the CDN',
      description:
        'Changes of the catalogue, of sales and of stock purge by themselves; this is for everything else. Accepted means that it is written down: every process hears of it within a second, the CDN a few seconds later.',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'by-nature',
      bodyLimitBytes: 2 * 1024 * 1024,
      body: PurgeInput,
      responses: { 202: strict({ purgeId: Uuid, requestedAtMs: InstantMs }) },
      problems: ['bad-request'],
    },
  },
});
