import { createLatencies, type Latencies, type LatenciesJson } from '../latency.ts';

/** Demands on single answers, each made by the buyers as they go: what the rows alone cannot show afterwards. */
export const demands = {
  forgedQuote: 'a forged or changed quote is refused',
  expiredQuote: 'an expired quote is refused',
  reusedKey: 'a known key with another body is refused (422)',
  sameAnswer: 'the same request again gives the same order or payment',
  quotedPrice: 'the order is what was quoted',
  limit: 'an order beyond the limit is refused',
} as const;

export type Demand = keyof typeof demands;

export const measuredCalls = ['quote', 'order', 'payment', 'cart', 'cancel'] as const;
export type MeasuredCall = (typeof measuredCalls)[number];

/** How a buyer's visit ended. */
export const visitEnds = ['paid', 'pending', 'unpaid', 'cancelled', 'sold-out', 'refused', 'no-answer'] as const;
export type VisitEnd = (typeof visitEnds)[number];

interface Demanded {
  made: number;
  broken: number;
}

/** What a process of buyers has seen so far; adds up over processes. */
export interface TallyJson {
  readonly requests: number;
  readonly retries: number;
  /** Answers that never came: the connection was refused or lost, or the answer took too long. */
  readonly missingAnswers: number;
  readonly errors: number;
  readonly ordersAcknowledged: number;
  /** Of the hot variant. */
  readonly unitsAcknowledged: number;
  readonly unitsReturned: number;
  readonly soldOutAnswers: number;
  /** Buyers of one unit who were told that it is sold out: only then none can be left. */
  readonly singleRefusals: number;
  readonly ends: Readonly<Record<VisitEnd, number>>;
  readonly demands: Readonly<Record<Demand, Demanded>>;
  readonly answers: Readonly<Record<string, number>>;
  readonly latencies: Readonly<Record<MeasuredCall, LatenciesJson>>;
  /** A few examples of what went wrong. */
  readonly complaints: readonly string[];
  /** Unix milliseconds, of the first order that was asked for after the kill and answered. */
  readonly recoveredAtMs?: number;
}

type Counter = {
  [Name in keyof TallyJson]: TallyJson[Name] extends number ? Name : never;
}[keyof TallyJson];

type CounterName = Exclude<Counter, undefined>;

const counterNames = [
  'requests',
  'retries',
  'missingAnswers',
  'errors',
  'ordersAcknowledged',
  'unitsAcknowledged',
  'unitsReturned',
  'soldOutAnswers',
  'singleRefusals',
] as const satisfies readonly CounterName[];

const complaintsMax = 20;

export interface Tally {
  count(name: (typeof counterNames)[number], by?: number): void;
  ended(how: VisitEnd): void;
  answered(call: MeasuredCall, status: number, slug: string | undefined, tookMs: number): void;
  /** Notes a demand that was made of an answer, and complains where it was not met. */
  demand(name: Demand, isMet: boolean, complaint: () => string): void;
  error(complaint: string): void;
  recovered(atMs: number): void;
  merge(json: TallyJson): void;
  toJson(): TallyJson;
  readonly latencies: Readonly<Record<MeasuredCall, Latencies>>;
}

export function createTally(): Tally {
  const counters = zeros(counterNames);
  const ends = zeros(visitEnds);
  const demanded = Object.fromEntries(Object.keys(demands).map((name) => [name, { made: 0, broken: 0 }])) as Record<
    Demand,
    Demanded
  >;
  const answers: Record<string, number> = {};
  const latencies = Object.fromEntries(measuredCalls.map((name) => [name, createLatencies()])) as Record<
    MeasuredCall,
    Latencies
  >;
  const complaints: string[] = [];
  let recoveredAtMs: number | undefined;
  const complain = (text: string) => {
    if (complaints.length < complaintsMax) complaints.push(text);
  };

  return {
    latencies,
    count(name, by = 1) {
      counters[name] += by;
    },
    ended(how) {
      ends[how] += 1;
    },
    answered(call, status, slug, tookMs) {
      latencies[call].add(tookMs);
      const name = slug === undefined ? `${call} ${status}` : `${call} ${status} ${slug}`;
      answers[name] = (answers[name] ?? 0) + 1;
    },
    demand(name, isMet, complaint) {
      demanded[name].made += 1;
      if (isMet) return;
      demanded[name].broken += 1;
      complain(`${demands[name]}, but ${complaint()}`);
    },
    error(complaint) {
      counters.errors += 1;
      complain(complaint);
    },
    recovered(atMs) {
      recoveredAtMs = Math.min(recoveredAtMs ?? atMs, atMs);
    },
    merge(json) {
      for (const name of counterNames) counters[name] += json[name];
      for (const name of visitEnds) ends[name] += json.ends[name];
      for (const name of Object.keys(demands) as Demand[]) {
        demanded[name].made += json.demands[name].made;
        demanded[name].broken += json.demands[name].broken;
      }
      for (const [name, count] of Object.entries(json.answers)) answers[name] = (answers[name] ?? 0) + count;
      for (const name of measuredCalls) latencies[name].merge(json.latencies[name]);
      for (const text of json.complaints) complain(text);
      if (json.recoveredAtMs !== undefined) this.recovered(json.recoveredAtMs);
    },
    toJson: () => ({
      ...counters,
      ends: { ...ends },
      demands: structuredClone(demanded),
      answers: { ...answers },
      latencies: Object.fromEntries(measuredCalls.map((name) => [name, latencies[name].toJson()])) as Record<
        MeasuredCall,
        LatenciesJson
      >,
      complaints: [...complaints],
      ...(recoveredAtMs !== undefined && { recoveredAtMs }),
    }),
  };
}

/** Several processes' tallies as one. */
export function sumTallies(tallies: Iterable<TallyJson>): Tally {
  const sum = createTally();
  for (const tally of tallies) sum.merge(tally);
  return sum;
}

function zeros<Name extends string>(names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
}
