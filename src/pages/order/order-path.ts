import { type Locale, localPath } from '../locale.ts';

/** An order's page, with the key that opens it. */
export function orderPath({ locale }: { locale: Locale }, { orderId, key }: { orderId: string; key: string }): string {
  return localPath(locale, `/orders/${orderId}?key=${encodeURIComponent(key)}`);
}
