import type { News } from './payment.ts';

/**
 * What Onrush needs of whoever moves the money. Every call is idempotent by the id that it carries (at Stripe: its
 * `Idempotency-Key`): asked again, the provider answers again and moves nothing twice. A call that throws means "unknown",
 * never "no"; it will be made again.
 */
export interface PaymentProvider {
  /** Stands in webhook addresses, accounts and rows: lower case, never renamed. */
  readonly name: string;
  authorise(request: AuthoriseRequest, signal: AbortSignal): Promise<News>;
  /** Takes authorised money. Answers `voided` when the authorisation is no more. */
  capture(request: PaymentRequest, signal: AbortSignal): Promise<CaptureAnswer>;
  /** Lets authorised money go. Answers `captured` when it is too late for that. */
  void(request: PaymentRequest, signal: AbortSignal): Promise<VoidAnswer>;
  refund(request: RefundRequest, signal: AbortSignal): Promise<void>;
  /** Checks who sent a webhook, and when, before it believes a word of it. */
  parseWebhook(delivery: WebhookDelivery): WebhookNews;
  /** Ends what it still has under way. */
  close?(): Promise<void>;
}

export type CaptureAnswer = Extract<News, { kind: 'captured' | 'voided' }>;
export type VoidAnswer = Extract<News, { kind: 'captured' | 'voided' }>;

export interface AuthoriseRequest {
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly card: string;
}

export interface PaymentRequest {
  readonly paymentId: string;
  /** The provider's own name for the payment, from its answer to `authorise`. */
  readonly reference: string;
  readonly amountMinor: number;
  readonly currency: string;
}

export interface RefundRequest extends PaymentRequest {
  readonly refundId: string;
}

export interface WebhookDelivery {
  /** The body's bytes as they came: a signature is over bytes, not over meaning. */
  readonly rawBody: Buffer;
  readonly signature: string | undefined;
  readonly nowMs: number;
}

export type WebhookNews =
  | { readonly kind: 'news'; readonly eventId: string; readonly paymentId: string; readonly news: News }
  /** Truly from the provider, but nothing that a payment waits for. */
  | { readonly kind: 'unrelated' }
  | { readonly kind: 'refused'; readonly reason: string };

/** The provider failed or did not answer. What was asked of it may or may not have happened. */
export class ProviderFault extends Error {
  override readonly name = 'ProviderFault';
}

/** The provider's answer, or a ProviderFault after `timeoutMs`, whether or not the provider heeds the signal. */
export function answerWithin<T>(timeoutMs: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      reject(new ProviderFault(`the payment provider did not answer within ${timeoutMs} ms`));
      controller.abort();
    }, timeoutMs);
    ask(controller.signal).then(
      (answer) => {
        clearTimeout(timer);
        resolve(answer);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(
          error instanceof ProviderFault ? error : new ProviderFault('the payment provider failed', { cause: error }),
        );
      },
    );
  });
}

/** Stands in for the provider where nothing is due: nobody needs to be asked for nothing. */
export const nothingDue: Pick<PaymentProvider, 'authorise' | 'capture' | 'void'> = {
  authorise: async ({ paymentId }) => ({ kind: 'authorised', reference: paymentId }),
  capture: async ({ reference }) => ({ kind: 'captured', reference }),
  void: async () => ({ kind: 'voided' }),
};
