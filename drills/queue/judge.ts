import type { Proof } from '../sale/case.ts';
import { byPromise } from '../sale/judge.ts';
import { count, proof } from '../sale/proof.ts';
import type { QueueCase } from './case.ts';
import { judgeLine } from './judge-line.ts';
import { judgeLot } from './judge-lot.ts';
import { judgePace } from './judge-pace.ts';
import { judgePasses } from './judge-passes.ts';

/** Holds what was seen in the queue against what the rows say. Pure: the same books give the same verdict. */
export function judgeQueue(given: QueueCase): Proof[] {
  return [...judgeLine(given), ...judgeLot(given), ...judgePasses(given), ...judgePace(given), answers(given)].sort(
    byPromise,
  );
}

function answers({ journal: { errors } }: QueueCase): Proof {
  return proof({
    id: '',
    promise: 'no error',
    checked: 'answers that nobody should get (500, half an answer)',
    found: count(errors.length, 'error'),
    findings: errors,
  });
}
