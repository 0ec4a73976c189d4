import { type ClientAddress, createExemption } from '../../platform/api/client-address.ts';
import { type Fingerprint, fingerprint, type HashKey } from './keyed-hash.ts';

/** A client as the limits know it: little, since in a rush each of thousands a second is a new one. */
export interface Client {
  readonly isExempt: boolean;
  readonly byKey: { readonly client: Fingerprint; readonly network: Fingerprint };
  /** Made when it is first told of them. */
  labels: Labels | undefined;
}

/** What programs are told their buckets by (`pk`): nothing can be learned from it, about addresses or tables. */
export interface Labels {
  readonly client: string;
  readonly network: string;
}

export interface Clients {
  /** The same object for the same address object, so that it costs nothing a second time. */
  of(address: ClientAddress): Client;
  sessionOf(text: string): Fingerprint;
  labelsOf(client: Client): Labels;
}

/** `randomWord` gives 32 bits that nobody can guess. */
export function createClients(exempt: readonly string[], randomWord: () => number): Clients {
  const isExempt = createExemption(exempt);
  const key: HashKey = [randomWord(), randomWord()];
  const labelKey: HashKey = [randomWord(), randomWord()];
  const known = new WeakMap<ClientAddress, Client>();
  return {
    of(address) {
      const found = known.get(address);
      if (found !== undefined) return found;
      const { prefix, network } = address;
      const client: Client = {
        isExempt: isExempt(address),
        byKey: { client: fingerprint(prefix, key), network: fingerprint(network, key) },
        labels: undefined,
      };
      known.set(address, client);
      return client;
    },
    sessionOf: (text) => fingerprint(text, key),
    labelsOf: ({ byKey: { client, network } }) => ({ client: labelOf(client), network: labelOf(network) }),
  };

  function labelOf({ high, low }: Fingerprint): string {
    const label = fingerprint(`${high} ${low}`, labelKey);
    return base64(label.high, label.low & 0xffff);
  }
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Of 32 bits and 16 more, as their bytes would be written. Without the bytes, which every new client would cost an allocation. */
export function base64(first: number, then: number): string {
  let text = '';
  for (let shift = 26; shift > 0; shift -= 6) text += digits[(first >>> shift) & 63];
  return text + digits[((first & 3) << 4) | (then >>> 12)] + digits[(then >>> 6) & 63] + digits[then & 63];
}
