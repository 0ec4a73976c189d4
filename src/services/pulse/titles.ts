import { LRUCache } from 'lru-cache';
import type { Client } from '../../platform/api/contract.ts';
import { succeeded } from '../../platform/api/peer.ts';
import type { catalogApi } from '../catalog/api.ts';

/** What variants are called. A title may be a minute old; who no longer exists keeps the last one that is known. */
export interface Titles {
  of(variantIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

const freshMs = 60_000;
const keptMax = 1_000;

export function createTitles(
  catalog: Pick<Client<typeof catalogApi>, 'getVariants'>,
  { clock }: { clock: { nowMs(): number } },
): Titles {
  const known = new LRUCache<string, { readonly title: string; readonly askedAtMs: number }>({ max: keptMax });
  return {
    async of(variantIds) {
      const nowMs = clock.nowMs();
      const wanted = variantIds.filter((id) => nowMs - (known.get(id)?.askedAtMs ?? -Infinity) > freshMs);
      if (wanted.length > 0) {
        const { items } = succeeded('catalog', await catalog.getVariants({ body: { variantIds: wanted } })).body;
        const titles = new Map(items.map(({ variantId, title }) => [variantId, title]));
        for (const id of wanted)
          known.set(id, { title: titles.get(id) ?? known.get(id)?.title ?? '', askedAtMs: nowMs });
      }
      return new Map(variantIds.map((id) => [id, known.get(id)?.title ?? '']));
    },
  };
}
