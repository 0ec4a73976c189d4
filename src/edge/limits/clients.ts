import { type ClientAddress, createExemption } from '../../platform/api/client-address.ts';
import { type Fingerprint, fingerprint, type HashKey } from './keyed-hash.ts';

/** A client as the limits know it. */
export interface Client {
  readonly isExempt: boolean;
  readonly byKey: { readonly client: Fingerprint; readonly network: Fingerprint };
  /** What programs are told their bucket by (`pk`): nothing can be learned from it, about addresses or tables. */
  labelOf(key: 'client' | 'network'): string;
  /** `RateLimit-Policy` for a set of policies, once it was made. */
  readonly policyFields: Map<readonly number[], string>;
}

export interface Clients {
  /** The same object for the same address object, so that it costs nothing a second time. */
  of(address: ClientAddress): Client;
  sessionOf(text: string): Fingerprint;
}

/** `randomWord` gives 32 bits that nobody can guess. */
export function createClients(exempt: readonly string[], randomWord: () => number): Clients {
  const isExempt = createExemption(exempt);
  const key: HashKey = [randomWord(), randomWord()];
  const labelKey: HashKey = [randomWord(), randomWord()];
  const known = new WeakMap<ClientAddress, Client>();
  const labelOf = (text: string) => {
    const { high, low } = fingerprint(text, labelKey);
    return base64(high, low & 0xffff);
  };
  return {
    of(address) {
      const found = known.get(address);
      if (found !== undefined) return found;
      const { prefix, network } = address;
      const client: Client = {
        isExempt: isExempt(address),
        byKey: { client: fingerprint(prefix, key), network: fingerprint(network, key) },
        labelOf: (key) => labelOf(key === 'client' ? prefix : network),
        policyFields: new Map(),
      };
      known.set(address, client);
      return client;
    },
    sessionOf: (text) => fingerprint(text, key),
  };
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Of 32 bits and 16 more, as their bytes would be written. Without the bytes, which every new client would cost an allocation. */
export function base64(first: number, then: number): string {
  let text = '';
  for (let shift = 26; shift > 0; shift -= 6) text += digits[(first >>> shift) & 63];
  return text + digits[((first & 3) << 4) | (then >>> 12)] + digits[(then >>> 6) & 63] + digits[then & 63];
}
