/** Units of an order that are counted per means of payment. */
export interface InstrumentTake {
  readonly limitId: string;
  readonly quantity: number;
  /** What one instrument may pay for in all. */
  readonly max: number;
}

/** A payment that is authorised and wants to pay for its order. */
export interface InstrumentRequest {
  readonly paymentId: string;
  readonly instrument: string;
  readonly takes: readonly InstrumentTake[];
}

/** `returned`: what it took has gone back, because the payment came to nothing or its order was cancelled. */
export type InstrumentState = 'taken' | 'refused' | 'returned';

/** How an instrument's takings under a limit are looked up. */
export function instrumentKey(limitId: string, instrument: string): string {
  return `${limitId} ${instrument}`;
}

/**
 * First come, first served; a payment gets all of its takes or none. What was decided before stands.
 * `taken`: units by `instrumentKey`; `decided`: by payment. What is absent is none.
 */
export function decideInstruments(
  requests: readonly InstrumentRequest[], // in order of arrival
  taken: ReadonlyMap<string, number>,
  decided: ReadonlyMap<string, InstrumentState>,
): InstrumentState[] {
  const takenNow = new Map(taken);
  const decidedNow = new Map(decided);
  return requests.map(({ paymentId, instrument, takes }) => {
    const before = decidedNow.get(paymentId);
    if (before !== undefined) return before;
    const fits = takes.every(({ limitId, quantity, max }) => {
      return (takenNow.get(instrumentKey(limitId, instrument)) ?? 0) + quantity <= max;
    });
    const state = fits ? 'taken' : 'refused';
    decidedNow.set(paymentId, state);
    if (!fits) return state;
    for (const { limitId, quantity } of takes) {
      const key = instrumentKey(limitId, instrument);
      takenNow.set(key, (takenNow.get(key) ?? 0) + quantity);
    }
    return state;
  });
}
