import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { normaliseProduct } from './product-input.ts';
import { type KnownProduct, type KnownVariant, type PutPlan, planPut, type Wanted } from './put-plan.ts';

const anyItem = fc.record({
  slug: fc.constantFrom('a', 'b', 'c', 'd'),
  skus: fc.uniqueArray(fc.constantFrom('1', '2', '3', '4', '5'), { minLength: 1, maxLength: 3 }),
  title: fc.constantFrom('One', 'Two'),
});
const anyRequest = fc.array(anyItem, { maxLength: 6 });
type Item = typeof anyItem extends fc.Arbitrary<infer T> ? T : never;

function wantedOf({ slug, skus, title }: Item): Wanted {
  const variants = skus.map((sku) => ({ sku, prices: [] }));
  const normalised = normaliseProduct({ slug, title, variants }, () => true);
  assert(normalised.kind === 'normal');
  return { ...normalised, slug };
}

/** The tables, as little of them as plans look at. */
function createModel() {
  const products = new Map<string, KnownProduct>();
  const variants = new Map<string, KnownVariant>();
  let idCount = 0;
  return {
    products,
    variants,
    put(items: readonly Item[], options: { stopAtRefused?: boolean } = {}): PutPlan {
      const known = { products: [...products.values()], variants: [...variants.values()] };
      const plan = planPut(items.map(wantedOf), known, () => `id-${idCount++}`, options);
      for (const variantId of plan.retiredVariantIds) {
        const [sku, variant] = [...variants].find(([, each]) => each.variantId === variantId) ?? [];
        assert(sku !== undefined && variant !== undefined);
        variants.set(sku, { ...variant, ownerSlug: undefined });
      }
      for (const { productId, version, contentHash, product, variants: written } of plan.writes) {
        const { slug, collections } = product;
        products.set(slug, { productId, version, contentHash, slug, collections });
        for (const { sku, variantId } of written) variants.set(sku, { sku, variantId, ownerSlug: product.slug });
      }
      return plan;
    },
    /** What stands, without ids. */
    state: () => ({
      products: [...products.values()]
        .map(({ slug, version, contentHash }) => [slug, version, contentHash.toString('hex')])
        .sort(),
      owners: [...variants.values()].map(({ sku, ownerSlug }) => [sku, ownerSlug]).sort(),
    }),
  };
}

test('a request does what its products would do one after the other', () => {
  fc.assert(
    fc.property(fc.array(anyRequest, { maxLength: 4 }), (requests) => {
      const together = createModel();
      const oneByOne = createModel();
      for (const request of requests) {
        const plan = together.put(request);
        const taken = new Set<string>();
        const outcomes = request.map((item) => {
          if (taken.has(item.slug)) return 'refused';
          const [result] = oneByOne.put([item]).results;
          assert(result);
          if (result.outcome !== 'refused') taken.add(item.slug);
          return result.outcome;
        });
        assert.deepEqual(
          plan.results.map(({ outcome }) => outcome),
          outcomes,
        );
        assert.deepEqual(together.state(), oneByOne.state());
      }
    }),
    { numRuns: 500 },
  );
});

test('a SKU keeps its id for ever, no product shares one, and each is told the ids that it has', () => {
  fc.assert(
    fc.property(fc.array(anyRequest, { maxLength: 6 }), (requests) => {
      const model = createModel();
      const idBySku = new Map<string, string>();
      for (const request of requests) {
        const plan = model.put(request);
        for (const [sku, { variantId }] of model.variants) {
          assert.equal(idBySku.get(sku) ?? variantId, variantId);
          idBySku.set(sku, variantId);
        }
        for (const [index, { outcome, productId, variants }] of plan.results.entries()) {
          if (outcome === 'refused') continue;
          assert.equal(model.products.get(request[index]?.slug ?? '')?.productId, productId);
          assert.deepEqual(
            variants,
            request[index]?.skus.map((sku) => ({ sku, variantId: idBySku.get(sku) })),
          );
        }
      }
      assert.equal(new Set(idBySku.values()).size, idBySku.size);
    }),
  );
});

test('a request that stops at its first refused product does what the products before it would do', () => {
  fc.assert(
    fc.property(anyRequest, anyRequest, (before, request) => {
      const stopping = createModel();
      const shorter = createModel();
      for (const model of [stopping, shorter]) model.put(before);
      const { results } = stopping.put(request, { stopAtRefused: true });
      const stoppedAt = results.findIndex(({ outcome }) => outcome === 'refused');
      const done = stoppedAt < 0 ? request : request.slice(0, stoppedAt);
      assert(shorter.put(done).results.every(({ outcome }) => outcome !== 'refused'));
      assert.deepEqual(stopping.state(), shorter.state());
      for (const { outcome } of results.slice(done.length + 1)) assert.equal(outcome, 'left');
    }),
    { numRuns: 500 },
  );
});
