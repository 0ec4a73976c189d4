import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import test, { after } from 'node:test';
import { startStandIn } from '../edge/cdn/testing.ts';
import { createIdempotencyStore } from '../platform/api/idempotency.ts';
import { createHttpServer, type HostedService } from '../platform/api/server.ts';
import type { CdnSettings } from '../platform/config/cdn-settings.ts';
import { parseTopology } from '../platform/config/topology.ts';
import type { Database } from '../platform/database/database.ts';
import { contextOn, testContext } from '../platform/testing/context.ts';
import { until } from '../platform/testing/until.ts';
import { createCaches } from './caches.ts';
import { migrationSources } from './migration-sources.ts';
import { createServices } from './services.ts';

// The context itself brings those of keys and events.
const rooms = migrationSources.filter(({ room }) => room !== 'signing' && room !== 'events');
const { database, signer } = await testContext(rooms);
const adminToken = 'a-token-of-the-staff';

function topologyWith(edge: string) {
  const text = `version: 1
shop: {name: Test, currency: USD, taxIncludedBasisPoints: 0, quoteTtl: 15m, payWithin: 15m}
engines: {database: embedded}
edge: ${edge}
processes: [{name: shop, services: [all], heapMb: 192}]`;
  return parseTopology(text, 'test.yaml', ['all']);
}

/** One process of the shop as it serves the API, on the database that all share. Its clock stands still: nothing is forgotten for its age. */
async function startProcess(
  database: Database,
  options: { edge?: string; cdn?: CdnSettings; wrap?: (service: HostedService) => HostedService } = {},
) {
  const ctx = { ...contextOn(database, { signer }), browsing: database };
  const isAdmin = (token: string) => token === adminToken;
  const services = createServices(ctx, {
    webhookUrl: () => 'http://127.0.0.1:9/v1/payments/webhooks',
    isAdmin,
    onListsCleared: () => caches.listsCleared(),
  });
  const caches = createCaches(ctx, {
    config: { topology: topologyWith(options.edge ?? '{}'), ...(options.cdn && { cdn: options.cdn }) },
    contracts: () => hosted.map(({ contract }) => contract),
    publicUrl: () => 'https://shop.example',
    screen: () => undefined,
  });
  // The others add nothing to what is tried here but the time that their schemas take.
  const asked = services.hosted.filter(({ contract }) => ['catalog', 'promotion', 'cart'].includes(contract.name));
  const hosted = [...asked, caches.purge].map((service) => options.wrap?.(service) ?? service);
  const server = createHttpServer({
    services: hosted,
    admin: { isAdmin },
    log: ctx.log,
    metrics: ctx.metrics,
    clock: ctx.clock,
    info: { title: 'shop', version: '0' },
    readiness: async () => [],
    idempotency: createIdempotencyStore(ctx),
    innerGates: caches.gates,
    labelHeaders: caches.labelHeaders,
  });
  await ctx.events.start();
  await caches.start();
  await server.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  after(async () => {
    await server.close();
    await caches.stop();
    await services.stop();
    await ctx.events.stop();
  });

  async function ask(path: string, init: RequestInit & { headers?: Record<string, string> } = {}) {
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    const cacheStatus = response.headers.get('cache-status') ?? '';
    const { status, headers } = response;
    return {
      status,
      headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
      isHit: /;\s*hit\b/.test(cacheStatus),
    };
  }
  return {
    ...services.peers,
    ctx,
    ask,
    priceOf: async (slug: string) => (await ask(`/v1/products/${slug}`)).body?.variants?.[0].prices[0].amountMinor,
    purge: (body: object) =>
      ask('/v1/admin/purges', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      }),
  };
}

const one = await startProcess(database);
const two = await startProcess(database);

let productCount = 0;
async function newProduct(amountMinor = 1000) {
  const slug = `thing-${productCount++}`;
  await putProduct(slug, amountMinor);
  return slug;
}

async function putProduct(slug: string, amountMinor: number, state: 'published' | 'archived' = 'published') {
  const prices = [{ currency: 'USD', amountMinor }];
  const products = [{ slug, title: slug, state, variants: [{ sku: slug, prices }] }];
  const reply = await one.catalog.putProducts({ body: { products } });
  assert.equal(reply.status, 200);
}

const isHit = async ({ ask }: Pick<typeof one, 'ask'>, path: string) => (await ask(path)).isHit;

/** Both processes have heard of everything that was announced before this was called. */
async function bothHaveHeard() {
  const sentinel = await newProduct(1);
  for (const each of [one, two]) await until(async () => (await each.priceOf(sentinel)) === 1);
  for (const each of [one, two]) await until(() => isHit(each, `/v1/products/${sentinel}`));
  await putProduct(sentinel, 2);
  for (const each of [one, two]) await until(async () => (await each.priceOf(sentinel)) === 2);
}

test('a product is read once and then answered from the cache, byte for byte, with its labels', async () => {
  const slug = await newProduct();
  await bothHaveHeard();
  const first = await one.ask(`/v1/products/${slug}`);
  assert(!first.isHit);
  const second = await one.ask(`/v1/products/${slug}`);
  assert(second.isHit, second.headers.get('cache-status') ?? 'no Cache-Status');
  assert.equal(second.text, first.text);
  assert.equal(second.headers.get('etag'), first.headers.get('etag'));
  assert.equal(second.headers.get('content-type'), 'application/json; charset=utf-8');
  assert.equal(second.headers.get('cache-control'), 'public, max-age=5, stale-while-revalidate=60');
  assert.equal(second.headers.get('cache-tag'), `product:${slug}`);
  assert.equal(second.headers.get('cache-groups'), `"product:${slug}"`);
  assert.equal(second.headers.get('age'), '0');
  // It names a line in the log that was written for somebody else.
  assert(first.headers.has('x-request-id'));
  assert(!second.headers.has('x-request-id'));
});

test('entity tags are answered with 304 and HEAD without a body, from the cache as well as without it', async () => {
  const slug = await newProduct();
  await bothHaveHeard();
  const path = `/v1/products/${slug}`;
  const etag = (await one.ask(path)).headers.get('etag') ?? '';
  assert.match(etag, /^"/);
  const unchanged = await one.ask(path, { headers: { 'if-none-match': etag } });
  assert.equal(unchanged.status, 304);
  assert.equal(unchanged.text, '');
  assert.equal(unchanged.headers.get('etag'), etag);
  assert.equal((await one.ask(path, { headers: { 'if-none-match': '"other"' } })).status, 200);
  const head = await one.ask(path, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  assert(head.isHit);
});

test('a new price is seen in both processes, though nothing has become too old', async () => {
  const slug = await newProduct(1000);
  for (const each of [one, two]) assert.equal(await each.priceOf(slug), 1000);
  for (const each of [one, two]) await until(() => isHit(each, `/v1/products/${slug}`));
  await putProduct(slug, 900);
  for (const each of [one, two]) await until(async () => (await each.priceOf(slug)) === 900);
  for (const each of [one, two]) await until(() => isHit(each, `/v1/products/${slug}`));
});

test('lists are new again when the catalogue has cleared its own, however many changes came at once', async () => {
  const titles = async (process: typeof one) =>
    (await process.ask('/v1/products?limit=100')).body.items.map(({ slug }: { slug: string }) => slug);
  for (const each of [one, two]) await titles(each);
  const slugs = [await newProduct(), await newProduct()];
  // Kept, while the catalogue still answers from the list that it has in memory.
  for (const each of [one, two]) await titles(each);
  slugs.push(await newProduct());
  const hasAll = async (process: typeof one) => new Set(slugs).isSubsetOf(new Set(await titles(process)));
  for (const each of [one, two]) await until(() => hasAll(each));
  for (const each of [one, two]) await until(async () => (await each.ask('/v1/products?limit=100')).isHit);
});

test('a sale is seen when it is announced', async () => {
  const [first] = (await one.ask(`/v1/products/${await newProduct()}`)).body.variants;
  const namesOf = async (process: typeof one) =>
    (await process.ask('/v1/sales')).body.items.map(({ name }: { name: string }) => name);
  for (const each of [one, two]) assert(!(await namesOf(each)).includes('Flash'));
  const startsAtMs = one.ctx.clock.nowMs() + 60_000;
  const items = [{ variantId: first.variantId, currency: 'USD', amountMinor: 500 }];
  await one.promotion.createSale({ body: { name: 'Flash', startsAtMs, endsAtMs: startsAtMs + 60_000, items } });
  for (const each of [one, two]) await until(async () => (await namesOf(each)).includes('Flash'));
});

test('a purge by hand reaches both processes, by tag, group, URL and everything', async () => {
  const slug = await newProduct();
  await bothHaveHeard();
  const path = `/v1/products/${slug}`;
  const [tag] = [`product:${slug}`];
  for (const what of [
    { tags: [tag] },
    { groups: [tag] },
    { urls: [path] },
    { urls: [`https://shop.example${path}`] },
    { everything: true },
  ]) {
    for (const each of [one, two]) {
      await each.ask(path);
      assert((await each.ask(path)).isHit, JSON.stringify(what));
    }
    const accepted = await one.purge(what);
    assert.equal(accepted.status, 202, accepted.text);
    for (const each of [one, two]) await until(async () => !(await each.ask(path)).isHit);
  }
});

test('purges are for staff, and say what is wrong with them', async () => {
  assert.equal((await one.ask('/v1/admin/purges', { method: 'POST', body: '{}' })).status, 401);
  const nothing = await one.purge({});
  assert.equal(nothing.status, 400);
  assert.match(nothing.text, /names nothing/);
  assert.match((await one.purge({ urls: ['product:a'] })).text, /must be an address of the shop/);
});

test('an answer that was being made when it was purged is given to who waited, and not kept', async () => {
  let gate: PromiseWithResolvers<void> | undefined;
  let beganCount = 0;
  const slow = await startProcess(database, {
    wrap: (service) =>
      service.contract.name !== 'catalog'
        ? service
        : {
            contract: service.contract,
            handlers: {
              ...service.handlers,
              getProduct: async (request: { params: { slug: string } }, call: never) => {
                const reply = await service.handlers.getProduct?.(request as never, call);
                if (request.params.slug === slug) {
                  beganCount++;
                  await gate?.promise;
                }
                return reply as object;
              },
            },
          },
  });
  const slug = await newProduct(1000);
  gate = Promise.withResolvers();
  const waiting = slow.priceOf(slug);
  await until(() => beganCount === 1);
  const sentinel = await newProduct(1);
  assert.equal(await slow.priceOf(sentinel), 1);
  await putProduct(slug, 900);
  await putProduct(sentinel, 2);
  await until(async () => (await slow.priceOf(sentinel)) === 2);
  gate.resolve();
  assert.equal(await waiting, 1000);
  assert.equal(await slow.priceOf(slug), 900);
});

test('who shows a token neither gets nor makes a copy for others', async () => {
  const slug = await newProduct();
  await bothHaveHeard();
  const path = `/v1/products/${slug}`;
  const headers = { authorization: `Bearer ${adminToken}` };
  assert(!(await one.ask(path, { headers })).isHit);
  assert(!(await one.ask(path)).isHit, 'the copy of somebody signed in was given to others');
  assert((await one.ask(path)).isHit);
  assert(!(await one.ask(path, { headers })).isHit);
});

test('what is for one buyer or for staff is never kept', async () => {
  const { variants } = (await one.ask(`/v1/products/${await newProduct()}`)).body;
  const headers = { 'content-type': 'application/json' };
  const made = await one.ask('/v1/carts', { method: 'POST', body: '{}', headers });
  const paths = [
    `/v1/carts/${made.body?.cartId ?? variants[0].variantId}`,
    '/v1/admin/products',
    '/openapi.json',
    '/livez',
  ];
  for (const path of paths) {
    for (const sent of [{}, { authorization: `Bearer ${adminToken}` }]) {
      await one.ask(path, { headers: sent });
      const again = await one.ask(path, { headers: sent });
      assert.equal(again.headers.get('cache-status'), 'Onrush; fwd=bypass', path);
    }
  }
});

test('that something is not there is kept for seconds, for caches and not for browsers', async () => {
  let askedCount = 0;
  const counted = await startProcess(database, {
    wrap: (service) => countProductReads(service, () => askedCount++),
  });
  const path = '/v1/products/nobody-ever-made-this';
  const first = await counted.ask(path);
  assert.deepEqual([first.status, first.headers.get('cache-status')], [404, 'Onrush; fwd=uri-miss; stored']);
  for (let count = 0; count < 20; count++) {
    const kept = await counted.ask(path);
    assert.deepEqual([kept.status, kept.isHit, kept.text], [404, true, first.text]);
    assert.equal(kept.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    assert.equal(kept.headers.get('cache-control'), 'max-age=0, s-maxage=5');
    assert.equal(kept.headers.get('cache-tag'), 'product:nobody-ever-made-this');
    // Neither names a line in the log that was written for somebody else.
    assert.deepEqual([kept.headers.get('x-request-id'), kept.body.requestId], [null, undefined]);
  }
  assert.equal(askedCount, 1);
  counted.ctx.clock.advance(6_000);
  assert.equal((await counted.ask(path)).headers.get('cache-status'), 'Onrush; fwd=stale; stored');
  assert.equal(askedCount, 2);
});

test('what comes to be is seen at once in both processes, though they had kept that it was not there', async () => {
  await bothHaveHeard();
  const slug = `thing-${productCount}`;
  const path = `/v1/products/${slug}`;
  const isThere = async (process: typeof one) => (await process.ask(path)).status === 200;
  for (const each of [one, two]) assert(!(await isThere(each)));
  for (const each of [one, two]) assert(await isHit(each, path));
  assert.equal(await newProduct(), slug);
  for (const each of [one, two]) await until(() => isThere(each));
  await putProduct(slug, 1000, 'archived');
  for (const each of [one, two]) await until(async () => (await each.ask(path)).status === 404);
  for (const each of [one, two]) await until(() => isHit(each, path));
  await putProduct(slug, 1000);
  for (const each of [one, two]) await until(() => isThere(each));
});

test('with a token a 404 is neither kept nor given from what is kept, and what is wrong is not kept at all', async () => {
  const path = '/v1/products/nobody-signed-in-made-this';
  const headers = { authorization: `Bearer ${adminToken}` };
  for (let count = 0; count < 2; count++) {
    const own = await one.ask(path, { headers });
    assert.deepEqual([own.status, own.isHit, own.headers.get('cache-control')], [404, false, 'no-store']);
    assert.equal(own.body.requestId, own.headers.get('x-request-id'));
    assert.equal(own.headers.get('cache-tag'), null);
  }
  assert(!(await one.ask(path)).isHit);
  assert((await one.ask(path)).isHit);
  assert(!(await one.ask(path, { headers })).isHit);
  for (const bad of ['/v1/products?limit=0', '/v1/products/NO_SLUG']) {
    for (let count = 0; count < 2; count++) {
      const refused = await one.ask(bad);
      assert.deepEqual([refused.status, refused.isHit], [400, false], bad);
      assert.equal(refused.headers.get('cache-control'), 'no-store');
    }
  }
});

/** The catalogue with each read of a product told. */
function countProductReads(service: HostedService, onRead: () => void): HostedService {
  if (service.contract.name !== 'catalog') return service;
  const { getProduct } = service.handlers;
  const counted: typeof getProduct = (request, call) => {
    onRead();
    return getProduct?.(request, call) as never;
  };
  return { ...service, handlers: { ...service.handlers, getProduct: counted } } as HostedService;
}

test('what changes something, or is nothing that is kept, passes the cache and says so by its name', async () => {
  const named = await startProcess(database, { edge: '{cache: {name: Berlin}}' });
  const headers = { 'content-type': 'application/json' };
  const made = await named.ask('/v1/carts', { method: 'POST', body: '{}', headers });
  assert.equal(made.status, 201);
  assert.equal(made.headers.get('cache-status'), 'Berlin; fwd=method');
  const refused = await named.ask('/v1/products', { method: 'POST', body: '{}', headers });
  assert.deepEqual([refused.status, refused.headers.get('cache-status')], [405, 'Berlin; fwd=method']);
  for (const [path, status] of [
    ['/livez', 200],
    ['/v1/nothing', 404],
    [`/v1/carts/${made.body.cartId}x`, 400],
  ] as const) {
    const passed = await named.ask(path);
    assert.deepEqual([passed.status, passed.headers.get('cache-status')], [status, 'Berlin; fwd=bypass'], path);
  }
  assert.equal((await named.ask('/v1/collections')).headers.get('cache-status'), 'Berlin; fwd=uri-miss; stored');
});

test('with no room nothing is kept and everything works', async () => {
  const without = await startProcess(database, { edge: '{cache: {maxMb: 0}}' });
  const slug = await newProduct();
  for (let count = 0; count < 2; count++) {
    const answer = await without.ask(`/v1/products/${slug}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('cache-status'), null);
  }
  assert.equal((await without.purge({ everything: true })).status, 202);
});

test('with a CDN, its header is passed on to it, and the cache of the process goes by what it says to all', async () => {
  const path = `/v1/products/${await newProduct()}`;
  await bothHaveHeard();
  for (const [kind, header] of [
    ['fastly', 'surrogate-control'],
    ['cloudflare', 'cdn-cache-control'],
  ] as const) {
    const account = kind === 'fastly' ? { kind, serviceId: 's', isSoft: false } : { kind, zoneId: 'z' };
    const cdn: CdnSettings = { ...account, token: 't', apiUrl: 'http://127.0.0.1:9', maxAgeS: 3600 };
    const behind = await startProcess(database, { cdn });
    await behind.ask(path);
    behind.ctx.clock.advance(4_000);
    const kept = await behind.ask(path);
    // `Date` is of whole seconds, so the answer may have been up to one old when it came.
    assert.match(kept.headers.get('cache-status') ?? '', /^Onrush; hit; ttl=[01]$/);
    assert.equal(kept.headers.get('age'), '4');
    assert.match(kept.headers.get(header) ?? '', /^max-age=3600,/);
    behind.ctx.clock.advance(2_000);
    const stale = await behind.ask(path);
    assert.match(stale.headers.get('cache-status') ?? '', /^Onrush; hit; ttl=-[12]$/, 'asked for again after 5 s');
  }
});

test('with a CDN, answers say how long it may keep them, and it is told when they change', async () => {
  const api = await startStandIn(() => ({ status: 200, body: { status: 'ok' } }));
  const cdn = { kind: 'fastly', serviceId: 's', token: 't', isSoft: false, apiUrl: api.url, maxAgeS: 600 } as const;
  const behind = await startProcess(database, { cdn });
  const slug = await newProduct(1000);
  const { headers } = await behind.ask(`/v1/products/${slug}`);
  assert.equal(headers.get('cache-control'), 'public, max-age=5, stale-while-revalidate=60');
  assert.equal(headers.get('surrogate-control'), 'max-age=600, stale-while-revalidate=60, stale-if-error=86400');
  assert.equal(headers.get('surrogate-key'), `product:${slug}`);
  const absent = await behind.ask('/v1/products/nobody-made-this-either');
  assert.equal(absent.headers.get('cache-control'), 'max-age=0, s-maxage=5');
  assert.equal(absent.headers.get('surrogate-control'), null, 'an hour for what is there, seconds for what is not');
  assert.equal(absent.headers.get('surrogate-key'), 'product:nobody-made-this-either');
  const sales = await behind.ask('/v1/sales');
  assert.equal(sales.headers.get('surrogate-key'), 'sales');
  assert.equal(sales.headers.get('surrogate-control'), null, 'the clock changes them, and no event tells of it');

  await putProduct(slug, 900);
  const isTold = () =>
    api.asked.some(({ headers }) => String(headers['surrogate-key']).split(' ').includes(`product:${slug}`));
  await until(() => {
    behind.ctx.clock.advance(1_000);
    return isTold();
  });
});
