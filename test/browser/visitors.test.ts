import test from 'node:test';
import { brokenPicture } from './broken-picture.ts';
import { buying } from './buying.ts';
import { choosing } from './choosing.ts';
import { flashSale } from './flash-sale.ts';
import { living } from './living.ts';
import { offline } from './offline.ts';
import { queueing } from './queueing.ts';
import { openStorefront } from './storefront.ts';
import { strangers } from './strangers.ts';

// In one file, since a shop and a browser take longer to start than most visits take.
test('visitors', async (t) => {
  const storefront = await openStorefront(t);
  await buying(storefront);
  await choosing(storefront);
  await living(storefront);
  await flashSale(storefront);
  await queueing(storefront);
  await strangers(storefront);
  await brokenPicture(storefront);
  await offline(storefront);
});
