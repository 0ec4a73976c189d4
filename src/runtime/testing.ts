import { challengeApi } from '../edge/challenge/api.ts';
import { purgeApi } from '../edge/purge/api.ts';
import { waitingRoomApi } from '../edge/waiting-room/api.ts';
import { storefrontApi } from '../pages/live/api.ts';
import type { Contract } from '../platform/api/contract.ts';
import { switchesApi } from '../platform/switches/api.ts';
import { cartApi } from '../services/cart/api.ts';
import { catalogApi } from '../services/catalog/api.ts';
import { checkoutApi } from '../services/checkout/api.ts';
import { mediaApi } from '../services/media/api.ts';
import { paymentApi } from '../services/payment/api.ts';
import { promotionApi } from '../services/promotion/api.ts';
import { pulseApi } from '../services/pulse/api.ts';
import { quoteApi } from '../services/quote/api.ts';
import { stockApi } from '../services/stock/api.ts';

/** What a shop serves. */
export const contracts: readonly Contract[] = [
  ...[catalogApi, stockApi, promotionApi, cartApi, quoteApi, checkoutApi, paymentApi, mediaApi, pulseApi],
  ...[storefrontApi, waitingRoomApi, challengeApi, purgeApi, switchesApi],
];
