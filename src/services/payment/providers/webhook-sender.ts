import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../platform/context/context.ts';
import { signWebhook } from '../webhook-signature.ts';

export interface WebhookSender {
  /** Sends it after `delayMs`, and again and again until it is accepted or given up. */
  send(paymentId: string, body: string, delayMs: number): void;
  /** Resolves when nothing is under way: all was accepted, or given up. */
  done(): Promise<void>;
  /** Gives up what is under way. */
  close(): Promise<void>;
}

const retryDelaysMs = [250, 1_000, 4_000, 15_000];
const answerTimeoutMs = 10_000;

/** The sending end of webhooks: a signed POST over real HTTP, repeated while the shop does not accept it. */
export function createWebhookSender(options: {
  readonly clock: Clock;
  readonly webhookSecret: string;
  readonly webhookUrl?: () => string;
  readonly onWebhookLost?: (paymentId: string) => void;
}): WebhookSender {
  const { webhookUrl } = options;
  const underWay = new Set<Promise<void>>();
  const closing = new AbortController();

  async function deliver(url: () => string, paymentId: string, body: string, delayMs: number): Promise<void> {
    for (const waitMs of [delayMs, ...retryDelaysMs]) {
      await sleep(waitMs, undefined, { signal: closing.signal, ref: false });
      if (await isAccepted(url(), body)) return;
    }
    options.onWebhookLost?.(paymentId);
  }

  async function isAccepted(url: string, body: string): Promise<boolean> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        // Signed anew each time: the shop refuses what was signed long ago.
        headers: {
          'content-type': 'application/json',
          signature: signWebhook(options.webhookSecret, body, options.clock.nowMs()),
        },
        body,
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(answerTimeoutMs)]),
      });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false;
    }
  }

  async function done(): Promise<void> {
    await Promise.all(underWay);
  }

  return {
    send(paymentId, body, delayMs) {
      if (webhookUrl === undefined || closing.signal.aborted) return;
      const delivery: Promise<void> = deliver(webhookUrl, paymentId, body, delayMs)
        .catch(() => {})
        .finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    },
    done,
    async close() {
      closing.abort();
      await done();
    },
  };
}
