import type { ProductInput } from '../api.ts';
import { type Mapper, noAlternatives, noTitles } from './mapper.ts';

/** Onrush's own format: each row is a product as the contract defines it, and only the contract judges it. */
export function createNativeMapper(): Mapper {
  return {
    rows: 'together',
    skipsRepeats: true,
    contentOf: (record) => JSON.stringify(record.values),
    groupOf: () => undefined,
    toProduct: ([record]) => ({
      kind: 'product',
      product: record?.values as ProductInput,
      collectionTitles: noTitles,
      alternatives: noAlternatives,
      notes: [],
    }),
  };
}
