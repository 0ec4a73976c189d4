import { buyerCookie } from '../pages/cart/cart-cookie.ts';
import type { Pages } from '../pages/pages.ts';
import type { AddressedRequest, ClientAddressOf } from '../platform/api/client-address.ts';
import { probePaths } from '../platform/api/probes.ts';
import type { Context } from '../platform/context/context.ts';
import type { Service } from '../platform/context/service.ts';
import { createOverload, type Overload } from '../platform/overload/overload.ts';
import { policiesOf, type RoutePolicy } from '../platform/overload/routes.ts';
import { hashText } from '../platform/overload/session.ts';
import { browsingPoolMax } from './open-context.ts';

const probes = probePaths.map((path): RoutePolicy => ({ method: 'GET', path, treatment: 'free' }));

/** The overload control of a shop's process, with what its services and pages say of their importance. */
export function createShopOverload(
  ctx: Pick<Context, 'clock' | 'metrics' | 'signer'>,
  hosted: readonly Pick<Service, 'contract'>[],
  pages: Pick<Pages, 'policies' | 'site'>,
  { addressOf, isAdmin }: { readonly addressOf: ClientAddressOf; isAdmin(token: string): boolean },
): Overload {
  return createOverload({
    ...ctx,
    routes: [...policiesOf(hosted.map(({ contract }) => contract)), ...pages.policies, ...probes],
    errorPage: pages.site.errorPage,
    isAdmin,
    sessionCookie: buyerCookie,
    clientOf: (request) => behindProxy(request, addressOf),
    // They ask the connections of those who only look, of which there are few: a third in line would wait too long.
    deferrableMax: { calm: 10 * browsingPoolMax, pressed: 2 * browsingPoolMax },
    // Every process of the shop puts sessions into the same order.
    seed: hashText(ctx.signer.pseudonym('webhook', 'order of sessions'), 0, 0),
  });
}

/** Who sent it where a trusted proxy says so; else the connection is the client's own. */
function behindProxy(request: AddressedRequest, addressOf: ClientAddressOf): string | undefined {
  const { address, isKnown } = addressOf(request);
  const { remoteAddress } = request.socket;
  return isKnown && address !== remoteAddress && `::ffff:${address}` !== remoteAddress ? address : undefined;
}
