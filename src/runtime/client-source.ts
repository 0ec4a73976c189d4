import type { ClientSource } from '../platform/api/call.ts';
import { type ClientAddressOf, createExemption } from '../platform/api/client-address.ts';
import type { Signer } from '../platform/signing/signer.ts';

export interface ClientSourceOptions {
  readonly addressOf: ClientAddressOf;
  /** From 0 to 1, by the limits of the edge. */
  readonly suspicionOf: (request: Parameters<ClientAddressOf>[0]) => number;
  readonly signer: Pick<Signer, 'pseudonym'>;
  /** Who is not counted: addresses, CIDRs and names as for trusted proxies. */
  readonly exempt: readonly string[];
}

/** Who sends a request, for what counts by network: beyond this process he is known by a code that only this shop can make. */
export function createClientSource({ addressOf, suspicionOf, signer, exempt }: ClientSourceOptions): ClientSource {
  const isExempt = createExemption(exempt);
  return {
    factsOf(request) {
      const client = addressOf(request);
      if (isExempt(client)) return undefined;
      const { address, prefix, network } = client;
      // Of IPv4 the address itself is the prefix, and its neighbours are others.
      return { prefix, ...(prefix !== address && { site: network }), suspicion: suspicionOf(request) };
    },
    codeOf: (prefix) => signer.pseudonym('client', prefix),
  };
}
