import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Order } from '../../src/services/checkout/api.ts';
import type { Payment } from '../../src/services/payment/api.ts';

/**
 * What the shop was asked for and what it acknowledged, written down by the buyers the moment it happens. The audit holds
 * the shop's rows against it: it is the only memory of an answer whose order is gone.
 */
export type Testimony =
  /** Before the first request for the order is sent. */
  | { readonly kind: 'asked'; readonly orderId: string; readonly buyerId: string }
  /** A quote that the shop never signed, or no longer holds to, was sent. `orderId` is what it claims. */
  | { readonly kind: 'forged'; readonly orderId: string }
  /** 201; `asked` is the id in the quote. */
  | { readonly kind: 'order'; readonly atMs: number; readonly asked: string; readonly order: Order }
  | { readonly kind: 'paying'; readonly orderId: string; readonly key: string }
  | {
      readonly kind: 'payment';
      readonly atMs: number;
      /** 201 captured, 202 under way, 402 declined. */
      readonly status: number;
      readonly orderId: string;
      readonly key: string;
      readonly payment: Pick<Payment, 'paymentId'> & Partial<Payment>;
    }
  | { readonly kind: 'cancelling'; readonly orderId: string }
  /** 200. */
  | { readonly kind: 'cancelled'; readonly orderId: string };

export interface WitnessBook {
  note(testimony: Testimony): void;
  close(): void;
}

/** Each line is in the kernel's hands before anything else happens, so that no kill of a process takes it back. */
export function openWitnessBook(file: string): WitnessBook {
  const handle = openSync(file, 'a', 0o600);
  return {
    note: (testimony) => void writeSync(handle, `${JSON.stringify(testimony)}\n`),
    close: () => closeSync(handle),
  };
}

/** All that the buyers of several processes wrote down. */
export function readWitnessBooks(files: readonly string[]): Testimony[] {
  return files.flatMap((file) => {
    // A line that was cut off has no line break; nobody acted on it.
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Testimony);
  });
}
