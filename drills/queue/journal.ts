import type { WaiterKind } from './setup.ts';

/** All that was seen in the queue from outside, in the order in which it was seen. */
export interface Journal {
  readonly waiters: WaiterRecord[];
  readonly sightings: Sighting[];
  readonly attempts: Attempt[];
  readonly orders: OrderSeen[];
  /** What the room said of itself, to everybody. */
  readonly rooms: RoomSeen[];
  /** Answers that nobody should ever get, in sentences. */
  readonly errors: string[];
}

export interface WaiterRecord {
  readonly kind: WaiterKind;
  /** Came before the opening. */
  readonly isEarly: boolean;
  /** The ticket's number, as it says itself; undefined for who got none. */
  number?: number;
  buyerId?: string;
  pass?: { readonly place: number; readonly expiresAtMs: number };
  /** The shop said that his place was given up. */
  refused?: Refusal;
  /** How it ended, in a word or two. */
  end?:
    | 'ordered'
    | 'nothing left'
    | 'still in line'
    | 'left'
    | 'place given up'
    | 'no answer'
    | 'pass ran out'
    | 'pass refused';
}

export interface Refusal {
  /** When he had sent what was answered last that he still had it. */
  readonly heardAtMs: number;
  readonly gotAtMs: number;
}

/** An answer about a ticket. */
export interface Sighting {
  /** Index in `waiters`. */
  readonly waiter: number;
  readonly sentAtMs: number;
  readonly gotAtMs: number;
  readonly standing: string;
  readonly place: number | undefined;
}

export interface RoomSeen {
  readonly gotAtMs: number;
  readonly state: string;
  readonly admittedCount: number;
  readonly issuedCount: number;
}

export type AttackKind = 'forged' | 'shared' | 'replayed' | 'expired' | 'too early';

/** Something that must be refused. */
export interface Attempt {
  readonly attack: AttackKind;
  /** What was tried, for the complaint. */
  readonly what: string;
  readonly wanted: readonly string[];
  readonly status: number;
  readonly slug: string | undefined;
}

/** An order that the shop acknowledged. */
export interface OrderSeen {
  readonly orderId: string;
  readonly waiter: number;
  readonly atMs: number;
}

export function createJournal(): Journal {
  return { waiters: [], sightings: [], attempts: [], orders: [], rooms: [], errors: [] };
}
