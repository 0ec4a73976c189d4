import { type Static, Type } from 'typebox';
import { defineContract } from '../../platform/api/contract.ts';
import { AmountMinor, CurrencyCode, InstantMs, strict, text, Uuid } from '../../platform/api/schema.ts';
import { Address, Contact, Quantity } from '../quote/api.ts';

export const CartLine = strict(
  {
    lineId: Uuid,
    variantId: Uuid,
    quantity: Quantity,
    sku: Type.Optional(Type.String()),
    title: Type.Optional(Type.String()),
    unitPriceMinor: Type.Optional(
      Type.Integer({ description: 'The price now; the quote decides. Absent while the variant is not for sale.' }),
    ),
    seenUnitPriceMinor: Type.Optional({ ...AmountMinor, description: 'What the buyer was shown, if that was told.' }),
  },
  { title: 'CartLine' },
);
export type CartLine = Static<typeof CartLine>;

/** A cart's id is unguessable and opens it, like a link. */
export const Cart = strict(
  {
    cartId: Uuid,
    buyer: Type.String(),
    currency: CurrencyCode,
    lines: Type.Array(CartLine),
    contact: Type.Optional(Contact),
    deliveryAddress: Type.Optional(Address),
    deliveryMethod: Type.Optional(Type.String()),
    couponCode: Type.Optional(Type.String()),
    subtotalMinor: AmountMinor,
    orderId: {
      ...Uuid,
      description: 'The order that just these lines become, by a quote with `orderIdFrom: "cart"`.',
    },
    updatedAtMs: InstantMs,
    version: Type.Integer({ description: 'Also the ETag. Send it as `If-Match` to change only what you have seen.' }),
  },
  { title: 'Cart' },
);
export type Cart = Static<typeof Cart>;

/** What a quote needs of a cart. Prices are not in it: the quote asks who knows them. */
export const CartContent = strict(
  {
    buyerId: Uuid,
    orderId: Uuid,
    currency: CurrencyCode,
    lines: Type.Array(strict({ variantId: Uuid, quantity: Quantity })),
    contact: Type.Optional(Contact),
    deliveryAddress: Type.Optional(Address),
    deliveryMethod: Type.Optional(Type.String()),
    couponCode: Type.Optional(Type.String()),
  },
  { title: 'CartContent' },
);
export type CartContent = Static<typeof CartContent>;

export const DeliveryMethod = strict(
  { code: Type.String(), title: Type.String(), amountMinor: AmountMinor, currency: CurrencyCode },
  { title: 'DeliveryMethod' },
);
export type DeliveryMethod = Static<typeof DeliveryMethod>;

const seenUnitPriceMinor = Type.Optional({
  ...AmountMinor,
  description:
    'The price that the buyer was shown, in the cart’s currency. Kept with the line, to be compared with the quote.',
});
const cartParams = strict({ cartId: Uuid });
const lineParams = strict({ cartId: Uuid, lineId: Uuid });
const change = { scope: 'public', importance: 'core', idempotency: 'honoured', responses: { 200: Cart } } as const;
const problems = ['not-found', 'precondition-failed', 'cart-full'] as const;

export const cartApi = defineContract({
  name: 'cart',
  routes: {
    createCart: {
      ...change,
      method: 'POST',
      path: '/v1/carts',
      summary: 'Begin a cart',
      isBodyOptional: true,
      body: strict({ currency: Type.Optional(CurrencyCode), buyer: Type.Optional(Type.String({ maxLength: 200 })) }),
      responses: { 201: Cart },
    },
    getCart: {
      ...change,
      idempotency: 'safe',
      method: 'GET',
      path: '/v1/carts/:cartId',
      summary: 'Read a cart',
      params: cartParams,
      problems: ['not-found'],
    },
    addLine: {
      ...change,
      method: 'POST',
      path: '/v1/carts/:cartId/lines',
      summary: 'Put a variant into the cart, on a line of its own unless it is to join one',
      params: cartParams,
      body: strict({
        variantId: Uuid,
        quantity: Type.Optional(Quantity),
        seenUnitPriceMinor,
        joinsLine: Type.Optional(
          Type.Boolean({
            description:
              'Raise the quantity of a line of the same variant, if there is one, to 10,000 at most. Its seen price becomes the one sent.',
          }),
        ),
      }),
      responses: { 201: Cart },
      problems: [...problems, 'not-for-sale'],
    },
    changeLine: {
      ...change,
      method: 'PATCH',
      path: '/v1/carts/:cartId/lines/:lineId',
      summary: 'Change how many of a line',
      params: lineParams,
      body: strict({ quantity: Quantity, seenUnitPriceMinor }),
      problems,
    },
    removeLine: {
      ...change,
      idempotency: 'by-nature',
      method: 'DELETE',
      path: '/v1/carts/:cartId/lines/:lineId',
      summary: 'Take a line out of the cart',
      params: lineParams,
      problems,
    },
    removeLines: {
      ...change,
      idempotency: 'by-nature',
      method: 'DELETE',
      path: '/v1/carts/:cartId/lines',
      summary: 'Take everything out of the cart, as when it has been ordered',
      params: cartParams,
      problems,
    },
    setAddress: {
      ...change,
      idempotency: 'by-nature',
      method: 'PUT',
      path: '/v1/carts/:cartId/address',
      summary: 'Say who buys and where it goes',
      params: cartParams,
      body: strict({ contact: Contact, deliveryAddress: Address }),
      problems,
    },
    setDelivery: {
      ...change,
      idempotency: 'by-nature',
      method: 'PUT',
      path: '/v1/carts/:cartId/delivery',
      summary: 'Choose how it is delivered',
      params: cartParams,
      body: strict({ deliveryMethod: Type.String({ maxLength: 60 }) }),
      problems: [...problems, 'delivery-unknown'],
    },
    setCoupon: {
      ...change,
      idempotency: 'by-nature',
      method: 'PUT',
      path: '/v1/carts/:cartId/coupon',
      summary: 'Give a coupon code; whether it is good, and still left, the quote and the order decide',
      params: cartParams,
      body: strict({ couponCode: Type.Union([text(60, { minLength: 1 }), Type.Null()]) }),
      problems,
    },
    putDeliveryMethods: {
      method: 'PUT',
      path: '/v1/admin/delivery-methods',
      summary: 'Say which ways of delivery there are, in each currency that you sell in, and what they cost',
      description: 'Replaces all of them. Carts of a currency without a way of delivery cannot be quoted.',
      scope: 'admin',
      importance: 'standard',
      idempotency: 'by-nature',
      body: strict({
        items: Type.Array(
          strict({
            code: Type.String({ pattern: '^[a-z0-9]+(?:-[a-z0-9]+)*$', maxLength: 60 }),
            title: text(200, { minLength: 1 }),
            amountMinor: AmountMinor,
            currency: CurrencyCode,
          }),
          { minItems: 1, maxItems: 500 },
        ),
      }),
      responses: { 200: strict({ items: Type.Array(DeliveryMethod) }) },
      problems: ['bad-request'],
    },
    listDeliveryMethods: {
      method: 'GET',
      path: '/v1/delivery-methods',
      summary: 'Read the ways of delivery and what they cost',
      scope: 'public',
      importance: 'standard',
      idempotency: 'safe',
      cache: { maxAgeS: 60, staleWhileRevalidateS: 600, shared: true },
      query: strict({ currency: Type.Optional(CurrencyCode) }),
      responses: { 200: strict({ items: Type.Array(DeliveryMethod) }) },
    },
    getCartForQuote: {
      method: 'GET',
      path: '/internal/cart/carts/:cartId',
      summary: 'What a quote is made from: the cart as it is stored, without prices and texts',
      scope: 'internal',
      importance: 'core',
      idempotency: 'safe',
      params: cartParams,
      responses: { 200: CartContent },
      problems: ['not-found'],
    },
  },
});
