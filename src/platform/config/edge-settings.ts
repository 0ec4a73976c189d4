import Type, { type Static } from 'typebox';
import { createAddressSet, forwardedHeaders, trustedPresets } from '../api/client-address.ts';
import { challengeSchema } from './challenge-settings.ts';
import { hoardingSchema } from './hoarding-settings.ts';

export type EdgeSettings = Static<ReturnType<typeof edgeSchema>>;

/**
 * The `edge` part of a topology: what stands between the world and the shop. Every setting has a default that suits one machine
 * on the open internet. A schema's `description` completes the sentence “… must be …”.
 */
export function edgeSchema() {
  return Type.Object(
    {
      trustedProxies: Type.Optional(addressesSchema()),
      challenge: Type.Optional(challengeSchema()),
      hoarding: Type.Optional(hoardingSchema()),
      forwardedBy: Type.Optional(Type.Enum([...forwardedHeaders], { description: forwardedHeaders.join(' or ') })),
    },
    { additionalProperties: false, description: 'a map of settings of the edge' },
  );
}

const presetNames = Object.keys(trustedPresets).join(', ');

function addressesSchema() {
  return Type.Array(
    Type.Refine(Type.String({ description: `an address, a CIDR or one of ${presetNames}` }), isAddressRange),
    { description: `a list of addresses, CIDRs or names (${presetNames})` },
  );
}

function isAddressRange(text: string): boolean {
  try {
    createAddressSet([text]);
    return true;
  } catch {
    return false;
  }
}
