import assert from 'node:assert/strict';
import test from 'node:test';
import type { Payment } from '../../services/payment/api.ts';
import { type OrderPhase, orderPhase } from './order-phase.ts';

const payment = (state: Payment['state'], createdAtMs = 0, declineReason?: string): Payment => ({
  paymentId: '00000000-0000-8000-8000-000000000001',
  orderId: '00000000-0000-8000-8000-000000000002',
  state,
  amountMinor: 100,
  refundedMinor: 0,
  currency: 'USD',
  provider: 'test',
  createdAtMs,
  ...(declineReason !== undefined && { declineReason }),
});

test('a placed order is due, unless a payment of it has no answer yet', () => {
  const due = (given: Partial<OrderPhase>) => ({
    kind: 'due',
    declineReason: undefined,
    isExhausted: false,
    isCancellable: true,
    ...given,
  });
  const declined = payment('declined', 1, 'insufficient-funds');
  const cases: [payments: Payment[], phase: object][] = [
    [[], due({})],
    [[payment('voided')], due({})],
    [[declined], due({ declineReason: 'insufficient-funds' } as object)],
    [[payment('declined', 2), declined], due({ declineReason: 'declined' } as object)],
    [[declined, payment('started', 2)], { kind: 'waiting', isCancellable: true }],
    [[payment('started', 0), declined], { kind: 'waiting', isCancellable: true }],
    [Array.from({ length: 20 }, () => payment('voided')), due({ isExhausted: true } as object)],
  ];
  for (const [payments, phase] of cases) assert.deepEqual(orderPhase({ state: 'placed' }, payments), phase);
});

test('the other states are told as they are; of a cancelled order, whether money goes back', () => {
  assert.deepEqual(orderPhase({ state: 'paid', paidAtMs: 1 }, []), { kind: 'paid', isCancellable: true });
  assert.deepEqual(orderPhase({ state: 'fulfilled' }, []), { kind: 'fulfilled', isCancellable: false });
  assert.deepEqual(orderPhase({ state: 'expired' }, []), { kind: 'expired', isCancellable: false });
  const cancelled = { kind: 'cancelled', isCancellable: false };
  assert.deepEqual(orderPhase({ state: 'cancelled' }, []), { ...cancelled, wasPaid: false });
  assert.deepEqual(orderPhase({ state: 'cancelled', paidAtMs: 1 }, []), { ...cancelled, wasPaid: true });
});
