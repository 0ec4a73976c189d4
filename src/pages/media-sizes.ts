import { LRUCache } from 'lru-cache';
import type { Client } from '../platform/api/contract.ts';
import { succeeded } from '../platform/api/peer.ts';
import type { Media } from '../services/catalog/api.ts';
import type { mediaApi } from '../services/media/api.ts';
import { mediaIdOfUrl } from '../services/media/picture.ts';

/** What is shown with a picture, or several. */
export interface Pictured {
  readonly media?: Media | Media[] | undefined;
}

export interface MediaSizes {
  /**
   * The same things, with the width and height of uploaded pictures: a URL is all that a seller has to write. What a seller
   * wrote of a photograph of ours is not believed: its widths would be offered, and those that it has not are not found.
   * Throws PeerFault.
   */
  fill<Thing extends Pictured>(things: readonly Thing[]): Promise<Thing[]>;
}

// As in the contract of media.
const askedAtOnceMax = 5000;

export function createMediaSizes(media: Pick<Client<typeof mediaApi>, 'findMedia'>): MediaSizes {
  // What stands under a URL never changes. What is not there may be uploaded yet, so that is not remembered.
  const sizes = new LRUCache<string, Size>({ max: 50_000 });

  async function load(mediaIds: readonly string[]): Promise<Map<string, Size>> {
    const found = new Map<string, Size>();
    const missing: string[] = [];
    for (const mediaId of new Set(mediaIds)) {
      const size = sizes.get(mediaId);
      if (size === undefined) missing.push(mediaId);
      else found.set(mediaId, size);
    }
    for (let from = 0; from < missing.length; from += askedAtOnceMax) {
      const body = { mediaIds: missing.slice(from, from + askedAtOnceMax) };
      for (const { mediaId, width, height } of succeeded('media', await media.findMedia({ body })).body.items) {
        sizes.set(mediaId, { width, height });
        found.set(mediaId, { width, height });
      }
    }
    return found;
  }

  return {
    async fill(things) {
      const mediaIds = things.flatMap(({ media }) => [media ?? []].flat()).flatMap((each) => unsizedId(each) ?? []);
      if (mediaIds.length === 0) return [...things];
      const found = await load(mediaIds);
      const sized = (each: Media): Media => ({ ...each, ...found.get(unsizedId(each) ?? '') });
      return things.map((thing) => {
        if (thing.media === undefined) return thing;
        return { ...thing, media: Array.isArray(thing.media) ? thing.media.map(sized) : sized(thing.media) };
      });
    },
  };
}

interface Size {
  /** Pixels, as it is shown. */
  readonly width: number;
  readonly height: number;
}

/** The id of a picture of ours whose size has to be asked for. A drawing has every width: what is written of it will do. */
function unsizedId({ url, width, height }: Media): string | undefined {
  const isTold = url.endsWith('.svg') && width !== undefined && height !== undefined;
  return isTold ? undefined : mediaIdOfUrl(url);
}
