import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../platform/context/context.ts';
import type { News } from '../payment.ts';
import { type PaymentProvider, ProviderFault, type WebhookDelivery, type WebhookNews } from '../provider.ts';
import { checkWebhook } from '../webhook-signature.ts';
import { createWebhookSender } from './webhook-sender.ts';

/**
 * A small payment provider for shops that are being tried out: it authorises, captures, voids, refunds and sends webhooks
 * as a real one does, mishaps included, and moves no money. It keeps its books in memory, and in a file if it is given
 * one. A payment that it does not know (any more) it answers by the card alone, so a shop on it survives a restart.
 */
export interface TestProviderOptions {
  readonly clock: Clock;
  readonly webhookSecret: string;
  /** The shop's `/v1/payments/webhooks/test`, once it listens. Without it no webhooks are sent. */
  readonly webhookUrl?: () => string;
  /** How long after the payment the webhook of `test-timeout` comes. */
  readonly webhookDelayMs?: number;
  /** Where the books are kept beyond this process, one JSON line for each change. */
  readonly booksFile?: string;
  /** Payments kept in memory; the oldest are forgotten first. */
  readonly chargesMax?: number;
  /** Told when a webhook was not accepted after several tries. */
  readonly onWebhookLost?: (paymentId: string) => void;
}

/** What the provider's own books say of a payment: what an audit compares the shop's books with. */
export interface Charge {
  readonly paymentId: string;
  readonly card: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly state: 'authorised' | 'declined' | 'captured' | 'voided';
  readonly refundedMinorBy: Readonly<Record<string, number>>;
}

export interface TestProvider extends PaymentProvider {
  charges(): Charge[];
  /** Resolves when no webhook is under way. */
  webhooksDone(): Promise<void>;
  close(): Promise<void>;
}

type CardBehaviour =
  | { readonly kind: 'ok' | 'timeout' | 'twice' | 'error'; readonly instrument?: string }
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'decline'; readonly reason: string };

const webhookToleranceMs = 5 * 60_000;
const slowMsMax = 60_000;

export function createTestProvider(options: TestProviderOptions): TestProvider {
  const books = openBooks(options.booksFile, options.chargesMax ?? 20_000);
  const failedOnce = new Set<string>();
  const sender = createWebhookSender(options);

  /** The news of an authorised payment, as a webhook. */
  function tell(paymentId: string, delayMs: number): void {
    const body = {
      id: `evt_${paymentId}_authorised`,
      type: 'payment.authorised',
      paymentId,
      reference: reference(paymentId),
    };
    sender.send(paymentId, JSON.stringify(body), delayMs);
  }

  return {
    name: 'test',

    async authorise({ paymentId, amountMinor, currency, card }, signal) {
      const known = books.get(paymentId);
      if (known !== undefined) {
        const isSame = known.card === card && known.amountMinor === amountMinor && known.currency === currency;
        if (!isSame) throw new ProviderFault('this payment was asked for before, with other particulars');
        return firstAnswer(known);
      }
      const behaviour = behaviourOf(card);
      if (behaviour.kind === 'error' && !failedOnce.has(paymentId)) {
        failedOnce.add(paymentId);
        throw new ProviderFault('the test provider answered 500');
      }
      failedOnce.delete(paymentId);
      const state = behaviour.kind === 'decline' ? 'declined' : 'authorised';
      const charge: Charge = { paymentId, card, amountMinor, currency, state, refundedMinorBy: {} };
      books.put(charge);
      // It is the answer that is slow: the payment is on the books, and who asks again is answered.
      if (behaviour.kind === 'slow') await sleep(behaviour.ms, undefined, { ref: false });
      if (behaviour.kind === 'timeout') {
        tell(paymentId, options.webhookDelayMs ?? 1_000);
        await aborted(signal);
      }
      if (behaviour.kind === 'twice') {
        tell(paymentId, 0);
        tell(paymentId, 0);
      }
      return firstAnswer(charge);
    },

    async capture({ paymentId, amountMinor, currency }) {
      const charge = books.get(paymentId) ?? forgotten(paymentId, amountMinor, currency);
      switch (charge.state) {
        case 'authorised':
          books.put({ ...charge, state: 'captured' });
          return { kind: 'captured', reference: reference(paymentId) };
        case 'captured':
          return { kind: 'captured', reference: reference(paymentId) };
        case 'voided':
          return { kind: 'voided' };
        case 'declined':
          throw new ProviderFault('a declined payment cannot be captured');
      }
    },

    async void({ paymentId, amountMinor, currency }) {
      const charge = books.get(paymentId) ?? forgotten(paymentId, amountMinor, currency);
      if (charge.state === 'captured') return { kind: 'captured', reference: reference(paymentId) };
      if (charge.state !== 'voided') books.put({ ...charge, state: 'voided' });
      return { kind: 'voided' };
    },

    async refund({ refundId, paymentId, amountMinor }) {
      const charge = books.get(paymentId);
      if (charge === undefined) return;
      if (charge.refundedMinorBy[refundId] !== undefined) return;
      const refundedMinor = refundedMinorOf(charge) + amountMinor;
      if (charge.state !== 'captured' || refundedMinor > charge.amountMinor) {
        throw new ProviderFault('there is not as much to give back');
      }
      books.put({ ...charge, refundedMinorBy: { ...charge.refundedMinorBy, [refundId]: amountMinor } });
    },

    parseWebhook: (delivery) => parseWebhook(options.webhookSecret, delivery),
    charges: () => books.all(),
    webhooksDone: () => sender.done(),
    close: () => sender.close(),
  };
}

export function refundedMinorOf(charge: Pick<Charge, 'refundedMinorBy'>): number {
  return Object.values(charge.refundedMinorBy).reduce((sum, amountMinor) => sum + amountMinor, 0);
}

function behaviourOf(card: string): CardBehaviour {
  const [, slowMs] = /^test-slow-(\d{1,6})$/.exec(card) ?? [];
  if (slowMs !== undefined) return { kind: 'slow', ms: Math.min(Number(slowMs), slowMsMax) };
  // A card that is told from others: `test-ok` is everybody's, and of it no fingerprint is told.
  const [, instrument] = /^test-ok-([\w.-]{1,64})$/.exec(card) ?? [];
  if (instrument !== undefined) return { kind: 'ok', instrument };
  switch (card) {
    case 'test-ok':
      return { kind: 'ok' };
    case 'test-timeout':
      return { kind: 'timeout' };
    case 'test-twice':
      return { kind: 'twice' };
    case 'test-error':
      return { kind: 'error' };
    case 'test-decline':
      return { kind: 'decline', reason: 'insufficient-funds' };
    default:
      return { kind: 'decline', reason: 'card-unknown' };
  }
}

/** Asked for the same payment again, a provider answers as it did the first time, whatever came of it since. */
function firstAnswer({ paymentId, card, state }: Charge): News {
  const behaviour = behaviourOf(card);
  if (state !== 'declined') {
    const instrument = behaviour.kind === 'ok' ? behaviour.instrument : undefined;
    return { kind: 'authorised', reference: reference(paymentId), ...(instrument !== undefined && { instrument }) };
  }
  return { kind: 'declined', reason: behaviour.kind === 'decline' ? behaviour.reason : 'declined' };
}

function forgotten(paymentId: string, amountMinor: number, currency: string): Charge {
  return { paymentId, card: '', amountMinor, currency, state: 'authorised', refundedMinorBy: {} };
}

function reference(paymentId: string): string {
  return `test_${paymentId}`;
}

function parseWebhook(secret: string, delivery: WebhookDelivery): WebhookNews {
  const check = checkWebhook(secret, delivery, webhookToleranceMs);
  if (check.kind === 'refused') return check;
  // From here on these are our own words: only who has the secret can have written them.
  const told: { id: string; type: string; paymentId: string; reference?: string; reason?: string } = JSON.parse(
    delivery.rawBody.toString(),
  );
  const { id: eventId, paymentId } = told;
  const named = told.reference ?? reference(paymentId);
  switch (told.type) {
    case 'payment.authorised':
      return { kind: 'news', eventId, paymentId, news: { kind: 'authorised', reference: named } };
    case 'payment.captured':
      return { kind: 'news', eventId, paymentId, news: { kind: 'captured', reference: named } };
    case 'payment.declined':
      return { kind: 'news', eventId, paymentId, news: { kind: 'declined', reason: told.reason ?? 'declined' } };
    case 'payment.voided':
      return { kind: 'news', eventId, paymentId, news: { kind: 'voided' } };
    default:
      return { kind: 'unrelated' };
  }
}

interface Books {
  get(paymentId: string): Charge | undefined;
  put(charge: Charge): void;
  all(): Charge[];
}

function openBooks(file: string | undefined, chargesMax: number): Books {
  const chargeBy = new Map<string, Charge>();
  const put = (charge: Charge) => {
    chargeBy.set(charge.paymentId, charge);
    if (chargeBy.size <= chargesMax) return;
    const [oldest] = chargeBy.keys();
    if (oldest !== undefined) chargeBy.delete(oldest);
  };
  const reread = () => {
    if (file === undefined || !existsSync(file)) return;
    // A line that a kill cut off has no line break and was never answered for.
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    for (const line of lines) put(JSON.parse(line));
  };
  reread();
  return {
    get: (paymentId) => chargeBy.get(paymentId),
    put(charge) {
      // Written before it is answered, and by the kernel's hand after that: a kill of this process loses nothing.
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(charge)}\n`);
      put(charge);
    },
    all: () => [...chargeBy.values()],
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = () => reject(new ProviderFault('the caller gave up waiting'));
    if (signal.aborted) give();
    signal.addEventListener('abort', give, { once: true });
  });
}
