// A process of its own that buys: forked by crash.test.ts and processes.test.ts.
//   place <database url> <killed before step, or -1> <quote>…      settle <database url> <step> <order id> <payment id> <amount>

import { connectInProcess } from '../../../platform/api/in-process.ts';
import { isProblem, problemSlug } from '../../../platform/api/problem.ts';
import { Commit } from '../../../platform/database/commit.ts';
import { type Database, openDatabase } from '../../../platform/database/database.ts';
import type { Queryable } from '../../../platform/database/sql.ts';
import { createSigner } from '../../../platform/signing/signer.ts';
import { loadSigningKeys } from '../../../platform/signing/store.ts';
import { contextOn } from '../../../platform/testing/context.ts';
import { createCheckout } from '../service.ts';

const [command, url = '', killedBefore = '-1', ...rest] = process.argv.slice(2);

const real = openDatabase({
  url,
  poolMax: 4,
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 30_000,
  applicationName: 'onrush-test-buyer',
  onIdleError: () => {},
});
const signer = createSigner(await loadSigningKeys(real));
// Limits that are taken into account at each step, and that no test reaches.
const unpaidLimits = {
  unpaidPerBuyer: 100,
  unpaidPerNetwork: 1000,
  unpaidSaleUnitsPerNetwork: 1000,
  unpaidStockPercent: 100,
  unpaidSaleStockPercent: 100,
};
const ctx = contextOn(dyingDatabase(real, Number(killedBefore)), { signer });
const checkout = connectInProcess(createCheckout(ctx, undefined, unpaidLimits));

if (command === 'place') {
  const replies = await Promise.all(
    rest.map((quote) => checkout.placeOrder({ body: { quote } }, { clientPrefix: 'network-1' })),
  );
  process.send?.(replies.map((reply) => (isProblem(reply) ? problemSlug(reply) : reply.body.state)));
} else {
  const [orderId = '', paymentId = '', amountMinor = ''] = rest;
  const reply = await checkout.settleOrder({
    params: { orderId },
    body: { paymentId, amountMinor: Number(amountMinor), currency: 'USD' },
  });
  process.send?.(isProblem(reply) ? problemSlug(reply) : reply.body.isPaid);
}
await real.close();
process.disconnect?.();

/**
 * The database, with one step at which this process is killed: before its n-th statement, before the last writes and the commit
 * are sent, when they are on their way, or after it. The flight may also be cut: some of its writes arrive, and no commit.
 */
function dyingDatabase(database: Database, step: number): Database {
  let steps = 0;
  const isStep = () => steps++ === step;
  const die = () => process.kill(process.pid, 'SIGKILL');
  const count = () => isStep() && die();
  const dying = <Q extends Queryable>(on: Q): Q => ({
    ...on,
    async run(statement) {
      // Each statement is finished before the next, so that dying at one leaves those before it done.
      const result = await on.run(statement);
      count();
      return result;
    },
  });
  return {
    ...dying(database),
    async transaction(work, options) {
      count();
      const result = await database.transaction(async (tx) => {
        const done = await work(dying(tx));
        count();
        const writes = done instanceof Commit ? done.writes : [];
        const cutAfter = step - steps;
        steps += writes.length;
        if (cutAfter >= 0 && cutAfter < writes.length) {
          for (const write of writes.slice(0, cutAfter + 1)) await tx.run(write);
          die();
        }
        // Behind the turn in which the whole flight is handed to the socket.
        if (isStep()) setImmediate(die);
        return done;
      }, options);
      count();
      return result;
    },
  };
}
