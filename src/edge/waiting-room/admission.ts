/** How far a line is and what it may be called on. */
export interface AdmissionFacts {
  /** Places given out, and called so far. */
  readonly issued: number;
  readonly admitted: number;
  /** Places from `admitted` on whose holders have left, in their order. */
  readonly departedAhead: readonly number[];
  /** How many are to come in a second. */
  readonly pacePerS: number;
  /** Of those who are called, the share that comes: 0 to 1. */
  readonly showRate: number;
  /** Since the last decision. */
  readonly dtMs: number;
  /** The part of a place that was left over then. */
  readonly credit: number;
  /** How many more may be promised something; undefined where nothing runs out. */
  readonly promisable: number | undefined;
}

export interface AdmissionDecision {
  /** Places to go on by, those that are passed over included. */
  readonly placeCount: number;
  /** How many of them still wait. */
  readonly calledCount: number;
  readonly credit: number;
}

/** Fewer than one in five come: then it is the estimate that is wrong, or everyone has gone; there is no hurry either way. */
const showRateMin = 0.2;
/** However long nothing was decided: a process that stood still, or a clock that jumped, must not call everybody at once. */
const dtMsMax = 1_000;

/**
 * How many places to call now. Who is called and does not come is made up for by calling others, at the rate at which that happens;
 * who has left is passed over and costs nothing.
 */
export function nextAdmission(facts: AdmissionFacts): AdmissionDecision {
  const waiting = Math.max(0, facts.issued - facts.admitted);
  const dtS = Math.min(Math.max(0, facts.dtMs), dtMsMax) / 1000;
  const perS = facts.pacePerS / Math.max(showRateMin, facts.showRate);
  const budget = facts.credit + perS * dtS;
  const promisable = Math.max(0, facts.promisable ?? Number.POSITIVE_INFINITY);
  const placeCount = Math.min(waiting, withDeparted(Math.min(Math.floor(budget), promisable), facts));
  const passed = facts.departedAhead.filter((place) => isWithin(place, facts.admitted, placeCount));
  const calledCount = placeCount - passed.length;
  // What could not be used is not saved up: a queue that fills after a lull is let in at its pace, not in one go.
  return { placeCount, calledCount, credit: Math.min(budget - calledCount, 1) };
}

/** As many places as hold so many who still wait, and those after them up to the next one who does. */
function withDeparted(count: number, { admitted, departedAhead }: AdmissionFacts): number {
  let places = count;
  for (const place of departedAhead) {
    if (place > admitted + places) break;
    if (place >= admitted) places += 1;
  }
  return places;
}

function isWithin(place: number, from: number, count: number): boolean {
  return place >= from && place < from + count;
}

/** Those who were called and can still buy. */
export interface OutFacts {
  /** Units that an order with a pass takes, on average. */
  readonly unitsPerPass: number;
  /** Passes that can still become an order. */
  readonly passesOut: number;
  /** Places called that can still become a pass. */
  readonly calledOut: number;
  readonly showRate: number;
}

export interface StockFacts extends OutFacts {
  /** Units that can be ordered now and that no other room has promised. */
  readonly availableUnits: number;
}

/**
 * How many more places can be called so that, in all likelihood, everyone who comes in finds something. Those who have a pass
 * count whole. Of those called, as many as will come at the worst of 40 times (the mean and two standard deviations of so many
 * independent draws): with few left that is all of them, with many left not every absentee costs a round of calling.
 */
export function promisableCount(facts: StockFacts): number {
  // Fewer units than an order takes on average are still something for one: else they would be promised to nobody for ever.
  const something = facts.availableUnits > 0 ? 1 : 0;
  const orders = Math.max(something, Math.floor(facts.availableUnits / Math.max(1, facts.unitsPerPass)));
  const left = orders - facts.passesOut;
  if (left <= 0) return 0;
  const p = Math.min(1, Math.max(showRateMin, facts.showRate));
  // The largest n with n·p + 2·√(n·p·(1−p)) ≤ left, a quadratic in √n.
  const spread = Math.sqrt(p * (1 - p));
  const root = (Math.sqrt(spread * spread + p * left) - spread) / p;
  const called = Math.max(left, Math.floor(root * root + 1e-9));
  return Math.max(0, called - facts.calledOut);
}

/** Units that a room has promised: what its passes take, and those called that come, counted as `promisableCount` counts them. */
export function promisedUnits({ unitsPerPass, passesOut, calledOut, showRate }: OutFacts): number {
  const p = Math.min(1, Math.max(showRateMin, showRate));
  const mean = calledOut * p;
  const coming = Math.min(calledOut, mean + 2 * Math.sqrt(mean * (1 - p)));
  return Math.ceil((passesOut + coming) * Math.max(1, unitsPerPass) - 1e-9);
}

/** The mean of what passes became, which begins at one unit and believes it only after a while. */
export function unitsPerPass(usedPasses: number, usedUnits: number): number {
  const doubt = 10;
  return (usedUnits + doubt) / (usedPasses + doubt);
}

/** The share of those called who came, which begins at everybody. */
export function showRateOf(calledCount: number, cameCount: number): number {
  const doubt = 20;
  return Math.min(1, (cameCount + doubt) / (calledCount + doubt));
}
