import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { asksForJson, isStaff } from '../../platform/api/call.ts';
import type { ClientAddress, ClientAddressOf } from '../../platform/api/client-address.ts';
import type { ClientLimits } from '../../platform/api/client-limits.ts';
import type { Gate } from '../../platform/api/gate.ts';
import type { Site } from '../../platform/api/site.ts';
import { linesOf } from '../../platform/api/whole-answer.ts';
import type { Clock } from '../../platform/context/context.ts';
import { createSteadyTime } from '../../platform/rate/bucket.ts';
import type { Metrics } from '../../platform/telemetry/telemetry.ts';
import type { Suspicion } from './api.ts';
import { type Client, createClients } from './clients.ts';
import type { Fingerprint } from './keyed-hash.ts';
import { createLimiter, type Names, type Taking } from './limiter.ts';
import type { LimitPolicy } from './policies.ts';
import { createPrices, keptPageUnits, type Price, type PricedRoute } from './prices.ts';
import { limitItem, policyItem, withPartition } from './rate-limit-fields.ts';
import { createRefusals } from './refusals.ts';

export interface FloodLimitsContext {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly addressOf: ClientAddressOf;
  readonly policies: readonly LimitPolicy[];
  /** Addresses, CIDRs and presets (client-address.ts) that nothing is asked of. */
  readonly exempt: readonly string[];
  readonly routes: readonly PricedRoute[];
  /** Whether a path is answered from memory, so that it costs next to nothing. */
  isKept(path: string): boolean;
  /** The shop's staff move catalogues; no limit holds for them. */
  isAdmin(token: string): boolean;
  /** Which cookie says which session it is. */
  readonly sessionCookie: string;
  readonly errorPage?: Site['errorPage'];
}

export interface FloodLimits extends Suspicion {
  readonly gate: Gate;
  /** For connections, and for what is answered before the gates (wire-lane.ts). */
  readonly clientLimits: ClientLimits;
}

/** Limits by address, network, session and cost: the first gate that a request meets. Each process counts for itself. */
export function createFloodLimits(ctx: FloodLimitsContext): FloodLimits {
  const { policies, addressOf } = ctx;
  const limiter = createLimiter(policies, createSteadyTime(ctx.clock));
  const clients = createClients(ctx.exempt, () => randomBytes(4).readInt32LE());
  const priceOf = createPrices(ctx.routes, policies);
  const refusals = createRefusals(policies, ctx.errorPage);
  const items = policies.map(policyItem);
  const sessionItems = items.flatMap((item, index) => (policies[index]?.key === 'session' ? `, ${item}` : [])).join('');
  const pagePolicies = policies.flatMap(({ key, counts, routes }, index) =>
    key !== 'session' && counts === 'requests' && routes.includes('*') ? [index] : [],
  );
  const connectionPolicies = policies.flatMap(({ counts }, index) => (counts === 'connections' ? [index] : []));
  const counter = ctx.metrics.counter('onrush_limits_refused_total', 'Refused by a limit of addresses or sessions.', [
    'policy',
  ]);
  const counts = policies.map(({ name }) => counter.bind({ policy: name }));
  const owing = 'Names that have used some of their share, by policy.';
  ctx.metrics.gauge('onrush_limits_names', owing, () => limiter.countOwing(), 'policy');

  function take(client: Client, wanted: readonly number[], units: number, session?: Fingerprint): Taking {
    const taking = limiter.take(wanted, namesOf(client, session), units);
    if (taking.waitMs > 0) counts[taking.policy]?.();
    return taking;
  }

  /** Who is refused goes through the gate, and is counted there. */
  function takeOnWire(client: Client, wanted: readonly number[], units: number, session?: Fingerprint): Taking {
    return limiter.takeIfThere(wanted, namesOf(client, session), units);
  }

  function pass(request: IncomingMessage, response: ServerResponse, onward: () => void): void {
    const client = clients.of(addressOf(request));
    if (client.isExempt || isStaff(request, ctx.isAdmin)) {
      onward();
      return;
    }
    const { price, session, units } = askedFor(request);
    const taking = take(client, price.policies, units, session);
    const fields = fieldsOf(client, price, session !== undefined, taking);
    if (taking.waitMs > 0) {
      const isStubborn = limiter.suspicionOf(namesOf(client, session)) > stubbornFrom;
      refusals.write(request, response, { policy: taking.policy, waitMs: taking.waitMs, fields, isStubborn });
      return;
    }
    for (let index = 0; index < fields.length; index += 2) {
      response.setHeader(fields[index] as string, fields[index + 1] as string);
    }
    onward();
  }

  /** What it costs, and whom besides its client. */
  function askedFor(request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>) {
    const { method = 'GET', url = '/' } = request;
    const price = priceOf(method, url);
    const isKept = price.keptUnits !== undefined && ctx.isKept(pathOf(url));
    const sessionText = sessionTextOf(request, ctx.sessionCookie);
    const session = sessionText === undefined ? undefined : clients.sessionOf(sessionText);
    const units = isKept ? (price.keptUnits as number) : asksForJson(request) ? price.scriptUnits : price.units;
    return { price, session, units };
  }

  function fieldsOf(client: Client, price: Price, hasSession: boolean, taking: Taking): string[] {
    const { policy, unitsLeft, fullInMs } = taking;
    if (!price.isApi || policy < 0) return [];
    const left = limitItem(policies[policy] as LimitPolicy, unitsLeft, fullInMs);
    const told = policyFieldOf(client, price);
    return ['ratelimit-policy', hasSession ? `${told}${sessionItems}` : told, 'ratelimit', left];
  }

  /** Whose session it is the client knows itself; which addresses are one client or one network it is told by a label. */
  function policyFieldOf(client: Client, price: Price): string {
    client.labels ??= clients.labelsOf(client);
    let field = '';
    for (const index of price.policies) {
      const { key } = policies[index] as LimitPolicy;
      if (key === 'session') continue;
      const item = withPartition(items[index] as string, client.labels[key]);
      field = field === '' ? item : `${field}, ${item}`;
    }
    return field;
  }

  const clientOf = (address: ClientAddress) => clients.of(address);
  return {
    gate: { name: 'limits', pass },
    clientLimits: {
      isExempt: (address) => clientOf(address).isExempt,
      admitsConnection(address) {
        const client = clientOf(address);
        return client.isExempt || take(client, connectionPolicies, 1).waitMs === 0;
      },
      admitsPage(request) {
        const client = clientOf(addressOf(request));
        return client.isExempt || takeOnWire(client, pagePolicies, keptPageUnits).waitMs === 0;
      },
      admitOnWire(request) {
        const client = clientOf(addressOf(request));
        if (client.isExempt) return '';
        const { price, session, units } = askedFor(request);
        const taking = takeOnWire(client, price.policies, units, session);
        if (taking.waitMs > 0) return undefined;
        return linesOf(fieldsOf(client, price, session !== undefined, taking));
      },
    },
    suspicionOf(request) {
      const client = clientOf(addressOf(request));
      return client.isExempt ? 0 : limiter.suspicionOf(namesOf(client));
    },
    suspect(request, weight) {
      const client = clientOf(addressOf(request));
      if (!client.isExempt) limiter.suspect(client.byKey.client, weight);
    },
  };
}

function namesOf({ byKey: { client, network } }: Client, session?: Fingerprint): Names {
  return { client, network, session };
}

// As many refusals without a pause as nobody gets who heeds one.
const stubbornFrom = 0.6;

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** The bearer token, or the buyer's cookie, as it came: who makes one up has a bucket of his own, and that of his address. */
function sessionTextOf({ headers }: Pick<IncomingMessage, 'headers'>, cookie: string): string | undefined {
  if (headers.authorization !== undefined) return headers.authorization;
  const text = headers.cookie;
  const at = text?.indexOf(`${cookie}=`) ?? -1;
  if (text === undefined || at < 0) return undefined;
  const from = at + cookie.length + 1;
  const end = text.indexOf(';', from);
  return text.slice(from, end < 0 ? undefined : end);
}
