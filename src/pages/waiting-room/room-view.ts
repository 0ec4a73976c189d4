import type { Estimate, Room, TicketStatus } from '../../edge/waiting-room/api.ts';

/** What the page says to one visitor. */
export type RoomView =
  /** No places yet: they are drawn at the opening. */
  | { readonly kind: 'before'; readonly opensAtMs: number | undefined; readonly keptS: number }
  | WaitingView
  /** All that is left is promised to those who were called; who stays may still be called. */
  | (Omit<WaitingView, 'kind'> & { readonly kind: 'promised' })
  /** He is asked whether he wants to leave; until he says so he goes on waiting. */
  | { readonly kind: 'leaving' }
  /** Given up by himself. `used`: he has bought. `missed`: called, and not come in time. `lost`: given up because he was silent. */
  | { readonly kind: 'left' | 'used' | 'missed' | 'lost' }
  /** Shown before its visitor is known to be there: he takes his place by the next look. */
  | { readonly kind: 'entering' }
  /** His browser keeps no cookies, and so no place. */
  | { readonly kind: 'cookieless' }
  | { readonly kind: 'called' | 'over' | 'off' | 'busy' };

export interface WaitingView {
  readonly kind: 'waiting';
  /** From 1, as people count. */
  readonly place: number;
  readonly aheadCount: number;
  readonly estimate: Estimate | undefined;
  /** How much of the way is behind the visitor, 0 to 100; while the place is held it only grows. */
  readonly share: number;
  /** For so long after the last look the place is kept. */
  readonly keptS: number;
}

/** `startAhead`: how many were ahead when the visitor's place was first known. */
export function viewOf(
  status: Omit<TicketStatus, 'ticket'>,
  room: Pick<Room, 'opensAtMs'>,
  startAhead: number | undefined,
): RoomView {
  const { standing, place, aheadCount = 0, estimate, keptS } = status;
  switch (standing) {
    case 'called':
    case 'over':
    case 'off':
      return { kind: standing };
    case 'waiting':
    case 'promised':
      if (place === undefined) return { kind: 'before', opensAtMs: status.opensAtMs ?? room.opensAtMs, keptS };
      return {
        kind: standing,
        place: place + 1,
        aheadCount,
        estimate,
        share: shareOf(aheadCount, startAhead ?? aheadCount),
        keptS,
      };
  }
}

/** Those ahead only grow fewer, so that this only grows. */
export function shareOf(aheadCount: number, startAhead: number): number {
  const start = Math.max(startAhead, aheadCount);
  return start === 0 ? 100 : Math.round((1 - aheadCount / start) * 1000) / 10;
}

/** Where the buoy is on the wave that room-page.ts draws: 600 by 24, a swell of 8 every 50. */
export function buoyAt(share: number): { readonly x: number; readonly y: number } {
  // Inside the picture at both ends.
  const x = 10 + (share / 100) * 580;
  const t = (x % 50) / 50;
  const swell = 2 * t * (1 - t) * 16;
  const isTrough = Math.floor(x / 50) % 2 === 1;
  return { x: Math.round(x * 10) / 10, y: Math.round((12 + (isTrough ? swell : -swell)) * 10) / 10 };
}
