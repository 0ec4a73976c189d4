/** Problem details (RFC 9457): every error that leaves the shop has this shape. */
export interface Problem {
  /** Stable and resolvable on the shop itself: `/problems/<slug>`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  /** Which fields are wrong, as JSON pointers (RFC 6901) into the body, or `#query/name`-style places. */
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

export interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemReply {
  readonly status: number;
  readonly problem: Problem;
  readonly headers?: { readonly 'retry-after'?: string; readonly 'www-authenticate'?: string };
}

/**
 * Every kind of problem, once: its slug is the last part of its `type`, its title never changes between occurrences,
 * and its description is what `/problems/<slug>` shows to who follows the link.
 */
export const problemKinds = {
  'bad-request': [400, 'The request is not valid', 'Its syntax, a field or a header is wrong; `errors` says where.'],
  'idempotency-key-missing': [
    400,
    'An Idempotency-Key header is required',
    'This request moves money. Send a unique `Idempotency-Key` so that a retry cannot move it twice.',
  ],
  unauthorised: [401, 'Credentials are missing or wrong', 'Send the token as `Authorization: Bearer …`.'],
  forbidden: [403, 'These credentials do not allow this', 'They are valid, but not for this resource.'],
  'not-found': [404, 'There is nothing here', 'No such resource, or it is not visible with these credentials.'],
  'method-not-allowed': [405, 'The method is not allowed here', 'The `Allow` header lists those that are.'],
  'request-timeout': [
    408,
    'The request did not arrive in time',
    'Send the whole request without long pauses, on a new connection.',
  ],
  conflict: [409, 'The resource is in another state', 'Read it again and decide anew.'],
  'idempotency-key-in-flight': [
    409,
    'The first request with this Idempotency-Key is still being answered',
    'Retry a little later with the same key.',
  ],
  'idempotency-answer-not-kept': [
    409,
    'The first request with this Idempotency-Key was answered, with more than is kept',
    'It was not run again. `answeredStatus` is how it was answered, `location` where the resource is, if it has one. Look before you ask with a new key.',
  ],
  'sold-out': [409, 'Sold out', 'Fewer units are left than the order asks for. Nothing was ordered or charged.'],
  'limit-reached': [
    409,
    "The sale's limit per buyer is reached",
    'This buyer has already ordered as many as the sale allows.',
  ],
  'quote-expired': [409, 'The quote has expired', 'Ask for a new quote: prices may have changed.'],
  'quote-invalid': [
    400,
    'The quote is not one that this shop signed',
    'Send the `quote` value exactly as it was given.',
  ],
  'sale-not-open': [
    409,
    'The sale is not open',
    'It has not started, or it is over. `startsAtMs` and `endsAtMs` tell.',
  ],
  'waiting-room': [
    503,
    'There is a queue for this',
    'More buyers came than the shop can serve at once. `roomId` is the waiting room and `ticket` your place in it: follow it at `GET /v1/waiting-rooms/{roomId}/ticket`, and come back with the pass that you get when it is your turn. The same request once more, without `ticket` in its body, gets a new place at the end of the line.',
  ],
  'ticket-invalid': [
    401,
    'The ticket holds no place in this waiting room',
    'It was not issued here, is of another room or another buyer’s, or its place was given up: nobody asked about it for too long, or nobody came when it was called; or it was left, or its pass has bought or run out: `why` tells which. Take a new one.',
  ],
  'pass-invalid': [
    403,
    'The pass does not let in',
    'It was not issued here, is another buyer’s, or has expired. Take a ticket of the waiting room.',
  ],
  'pass-used': [409, 'The pass has been used', 'A pass is good for one order. Take a new ticket of the waiting room.'],
  'not-your-turn': [409, 'It is not your turn yet', 'Ask about your ticket again when `Retry-After` says.'],
  'challenge-required': [
    428,
    'Some work is asked of you first',
    'So many requests come from where this one does that a machine may be sending them. `challenge` is a puzzle in the format of ALTCHA: solve it, and send the same request again with the solution in the `Challenge-Solution` header.',
  ],
  'too-many-unpaid': [
    409,
    'This is more than unpaid orders may hold',
    'Unpaid orders hold stock, so a buyer may have only so many at a time, and so may all buyers of one network, or of one IPv6 site (/48): `of` tells which of them it is, `held` and `max` how many there are and may be. For a buyer’s own orders (`orderIds`): pay or cancel one. For a network’s, which are others’ too: try again when some are paid or have expired. Where `variantId` or `couponCode` is given, its units or redemptions are counted: order fewer of it.',
  ],
  'cart-empty': [409, 'The cart is empty', 'Put a variant into it first.'],
  'cart-full': [409, 'The cart is full', 'A cart holds 100 lines at most.'],
  'coupon-invalid': [
    409,
    'The coupon code is not valid',
    'It does not exist, is not valid now, or does not fit what is in the cart.',
  ],
  'coupon-exhausted': [409, 'The coupon has been redeemed as often as it may be', 'Ask for a quote without it.'],
  'delivery-required': [
    409,
    'Say where it goes and how',
    'A cart is quoted with `contact`, `deliveryAddress` and `deliveryMethod`, from the cart or in the request. `missing` lists those that neither gives.',
  ],
  'delivery-unknown': [409, 'There is no such way of delivery', '`GET /v1/delivery-methods` lists them.'],
  'not-for-sale': [
    409,
    'A variant is not for sale',
    'It is unpublished, has no price in this currency, or does not exist.',
  ],
  'order-not-payable': [
    409,
    'The order cannot be paid',
    'It is already paid, cancelled or expired. Nothing was charged.',
  ],
  'order-not-cancellable': [409, 'The order cannot be cancelled', 'It is already cancelled, expired or on its way.'],
  'payment-declined': [
    402,
    'The payment was declined',
    'Nothing was charged. Try another card; the order is held until its deadline.',
  ],
  'refund-exceeds-payment': [
    409,
    'The refund is larger than what is left of the payment',
    'Refunds of a payment together cannot exceed what was captured.',
  ],
  'precondition-failed': [412, 'The resource has changed', '`If-Match` names another version. Read it again.'],
  'too-large': [413, 'The request is too large', 'Send less at once.'],
  'unsupported-media-type': [
    415,
    'The media type is not supported',
    'Send `application/json`, and a picture as what it is: `detail` says what may be sent.',
  ],
  'picture-not-usable': [
    422,
    'The picture cannot be used',
    'It is broken, too large to be shown, or has something in it that a picture may not have. `detail` says what.',
  ],
  'idempotency-key-reused': [
    422,
    'The Idempotency-Key was used for another request',
    'Use a new key for a new request, and the same body for a retry.',
  ],
  'expectation-failed': [417, 'The expectation cannot be met', 'Leave out the `Expect` header.'],
  'header-too-large': [431, "The request's headers are too large", 'Send fewer or shorter headers, or a shorter URL.'],
  'too-many-requests': [429, 'Too many requests', 'Wait as long as `Retry-After` says.'],
  'internal-error': [500, 'Something went wrong on our side', 'It is logged under the `requestId` given here.'],
  overloaded: [
    503,
    'The shop is too busy for this right now',
    'Nothing was changed. Retry after as many seconds as `Retry-After` says.',
  ],
  'switched-off': [
    503,
    'This part of the shop is switched off for a while',
    'The shop does without it so that buying goes on. Nothing was changed. Retry after as many seconds as `Retry-After` says.',
  ],
  unavailable: [
    503,
    'A part of the shop is not reachable right now',
    'If the request changed something, it may or may not have taken effect: retry with the same key.',
  ],
  timeout: [
    504,
    'The answer took too long',
    'If the request changed something, it may or may not have taken effect: retry with the same key.',
  ],
} as const satisfies Record<string, readonly [status: number, title: string, description: string]>;

export type ProblemSlug = keyof typeof problemKinds;

/** Makes a problem reply: `problem('sold-out', { detail, variantId })`. Extra members become extensions. */
export function problem(
  slug: ProblemSlug,
  members: { detail?: string; errors?: readonly FieldError[]; [extension: string]: unknown } = {},
  headers?: ProblemReply['headers'],
): ProblemReply {
  const [status, title] = problemKinds[slug];
  const reply: ProblemReply = { status, problem: { type: `/problems/${slug}`, title, status, ...members } };
  // A 401 says what would let in (RFC 9110, 15.5.2), also where nobody has said it more exactly.
  if (status === 401) return { ...reply, headers: { 'www-authenticate': 'Bearer', ...headers } };
  return headers === undefined ? reply : { ...reply, headers };
}

/** The request is not valid because of one field; `pointer` is a JSON pointer into the body. */
export function badField(pointer: string, detail: string, members: object = {}): ProblemReply {
  return problem('bad-request', { detail, errors: [{ pointer, detail }], ...members });
}

export function isProblem(reply: object): reply is ProblemReply {
  return 'problem' in reply;
}

/** The slug of a problem reply, for telling outcomes apart. */
export function problemSlug(reply: ProblemReply): string {
  return reply.problem.type.slice('/problems/'.length);
}
