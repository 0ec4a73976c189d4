import type { Level } from './api.ts';

/** What checkout says of a variant's allotment, all shards together. */
export interface Allotment {
  readonly subjectId: string;
  readonly granted: number;
  readonly reserved: number;
  readonly sold: number;
}

/** Promise I1 as arithmetic: received = sold + reserved + available. */
export function levelOf(variantId: string, allotment: Allotment | undefined): Level {
  const { granted, reserved, sold } = allotment ?? { granted: 0, reserved: 0, sold: 0 };
  return { variantId, received: granted, onHand: granted - sold, reserved, available: granted - reserved - sold, sold };
}
