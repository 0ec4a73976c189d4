import type { CdnSettings } from '../../platform/config/cdn-settings.ts';
import type { CdnAdapter } from './adapter.ts';
import { createAkamai } from './akamai.ts';
import { createCloudflare } from './cloudflare.ts';
import { createFastly } from './fastly.ts';

// All three answer within a second; this much longer and they are having a bad day.
const timeoutMs = 10_000;

export function createAdapter(settings: CdnSettings, clock: { nowMs(): number }): CdnAdapter {
  switch (settings.kind) {
    case 'cloudflare':
      return createCloudflare({ ...settings, timeoutMs });
    case 'fastly':
      return createFastly({ ...settings, timeoutMs });
    case 'akamai': {
      const { clientToken, clientSecret, accessToken } = settings;
      return createAkamai({ ...settings, keys: { clientToken, clientSecret, accessToken }, clock, timeoutMs });
    }
  }
}
