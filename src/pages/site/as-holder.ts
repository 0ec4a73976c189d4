import type { Call } from '../../platform/api/contract.ts';

/** The call of who holds a key: of his order, his ticket. */
export function asHolder(
  { requestId, traceparent, deadlineAtMs }: Call,
  credential: string,
  idempotencyKey?: string,
): Partial<Call> {
  const call = { requestId, traceparent, deadlineAtMs, credential };
  return idempotencyKey === undefined ? call : { ...call, idempotencyKey };
}
