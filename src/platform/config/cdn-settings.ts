import Type, { type Static } from 'typebox';
import { durationMs } from './duration.ts';

/** Which CDN is to be told of changes, and how it is reached. It holds secrets: nobody logs it. */
export type CdnSettings = (Cloudflare | Fastly | Akamai) & {
  /** Where its API is, without a slash at the end. */
  readonly apiUrl: string;
  /** How long it may keep what it is told every change of. */
  readonly maxAgeS: number;
};

export interface Cloudflare {
  readonly kind: 'cloudflare';
  readonly zoneId: string;
  readonly token: string;
}

export interface Fastly {
  readonly kind: 'fastly';
  readonly serviceId: string;
  readonly token: string;
  /** What is purged may still be shown while it is fetched anew. */
  readonly isSoft: boolean;
}

export interface Akamai {
  readonly kind: 'akamai';
  readonly network: 'production' | 'staging';
  /** What is purged as a whole when everything is. */
  readonly cpCode?: number;
  readonly clientToken: string;
  readonly clientSecret: string;
  readonly accessToken: string;
  /** Invalidated: asked about at the next view; otherwise deleted. */
  readonly isSoft: boolean;
}

/** Secrets come by the environment, never in a file that is shared. */
export const cdnVariables = [
  'ONRUSH_CDN_TOKEN',
  'ONRUSH_CDN_CLIENT_TOKEN',
  'ONRUSH_CDN_CLIENT_SECRET',
  'ONRUSH_CDN_ACCESS_TOKEN',
] as const;

const kinds = ['cloudflare', 'fastly', 'akamai'] as const;

export function cdnSchema() {
  const id = (of: string) =>
    Type.String({ pattern: '^[A-Za-z0-9_-]{1,100}$', description: `the id of ${of}: letters, digits, - and _` });
  return Type.Object(
    {
      kind: Type.Enum([...kinds], { description: 'cloudflare, fastly or akamai' }),
      zoneId: Type.Optional(id('the zone at Cloudflare')),
      serviceId: Type.Optional(id('the service at Fastly')),
      network: Type.Optional(Type.Enum(['production', 'staging'], { description: 'production or staging' })),
      cpCode: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'the number of a CP code' }),
      ),
      isSoft: Type.Optional(Type.Boolean({ description: 'true or false' })),
      maxAge: Type.Optional(
        Type.String({ pattern: '^[1-9][0-9]{0,5}(s|m|h|d)$', description: 'a duration such as 30s, 15m or 2h' }),
      ),
      apiUrl: Type.Optional(
        Type.String({
          pattern: '^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$',
          maxLength: 300,
          description: 'the address of its API, such as https://api.fastly.com',
        }),
      ),
    },
    { additionalProperties: false, description: 'a map with kind and what that kind needs' },
  );
}

export type CdnTopology = Static<ReturnType<typeof cdnSchema>>;

const maxAgeDefault = '1h';

/** The settings, or one sentence for each thing that is missing. */
export function readCdnSettings(
  given: CdnTopology,
  env: Readonly<Partial<Record<(typeof cdnVariables)[number], string | undefined>>>,
): { readonly settings: CdnSettings } | { readonly problems: string[] } {
  const problems: string[] = [];
  const need = (key: keyof CdnTopology, value: string | undefined): string => {
    if (value === undefined) problems.push(`edge.cdn.${key} is missing: ${given.kind} cannot be told without it.`);
    return value ?? '';
  };
  const secret = (name: (typeof cdnVariables)[number]): string => {
    const value = env[name] || undefined;
    // What a header cannot hold would fail at the first purge, and a line break might become a header of its own.
    if (value === undefined) problems.push(`${name} is missing: edge.cdn names ${given.kind}, which asks who we are.`);
    else if (!/^[\x21-\x7e]{1,1000}$/.test(value)) problems.push(`${name} must be visible ASCII without blanks.`);
    return value ?? '';
  };
  const common = (apiUrl: string) => ({
    apiUrl: (given.apiUrl ?? apiUrl).replace(/\/+$/, ''),
    maxAgeS: durationMs(given.maxAge ?? maxAgeDefault) / 1000,
  });
  const settings = settingsOf(given, { need, secret, common });
  return problems.length > 0 ? { problems } : { settings };
}

interface Reading {
  need(key: keyof CdnTopology, value: string | undefined): string;
  secret(name: (typeof cdnVariables)[number]): string;
  common(apiUrl: string): { apiUrl: string; maxAgeS: number };
}

function settingsOf(given: CdnTopology, { need, secret, common }: Reading): CdnSettings {
  const isSoft = given.isSoft ?? false;
  switch (given.kind) {
    case 'cloudflare': {
      const zoneId = need('zoneId', given.zoneId);
      return {
        kind: given.kind,
        zoneId,
        token: secret('ONRUSH_CDN_TOKEN'),
        ...common('https://api.cloudflare.com/client/v4'),
      };
    }
    case 'fastly': {
      const serviceId = need('serviceId', given.serviceId);
      return {
        kind: given.kind,
        serviceId,
        isSoft,
        token: secret('ONRUSH_CDN_TOKEN'),
        ...common('https://api.fastly.com'),
      };
    }
    case 'akamai':
      return {
        kind: given.kind,
        network: given.network ?? 'production',
        ...(given.cpCode !== undefined && { cpCode: given.cpCode }),
        isSoft,
        clientToken: secret('ONRUSH_CDN_CLIENT_TOKEN'),
        clientSecret: secret('ONRUSH_CDN_CLIENT_SECRET'),
        accessToken: secret('ONRUSH_CDN_ACCESS_TOKEN'),
        // Each client of Akamai has a host of its own.
        ...common(need('apiUrl', given.apiUrl)),
      };
  }
}
