import { hash } from 'node:crypto';

/** What shared caches are told of an answer that they may keep. */
export interface CacheLabel {
  /** Names of what it shows: whoever changes one of them purges it by that name. */
  readonly tags: readonly string[];
  /** Every change of it is announced, so that a cache that is purged may keep it for much longer than any other. */
  readonly isAnnounced: boolean;
}

/** Turns a label into headers, names and values in turn. Each CDN reads headers of its own. */
export type LabelHeaders = (label: CacheLabel) => readonly string[];

/** Carried in place of the tags for which there was no room. Whoever purges by any tag purges this one too. */
export const crowdTag = 'crowd';

// CDNs take 128 tags of 128 characters (Akamai) or 16 KB in all (Cloudflare, Fastly); this stays below all of them even
// when each tag is as long as it may be.
const tagsMax = 64;
const tagLengthMax = 120;
// RFC 9875, section 2.1: a cache need not take more groups than 32, nor longer ones than 32 characters.
const groupsMax = 32;
const groupLengthMax = 32;

/** `Cache-Tag`, as most caches read it, and `Cache-Groups` (RFC 9875) for those tags that are short enough. */
export const standardLabels: LabelHeaders = ({ tags }) => {
  const carried = carriedTags(tags);
  if (carried.length === 0) return [];
  const groups = carried.filter(({ length }) => length <= groupLengthMax).slice(0, groupsMax);
  const headers = ['cache-tag', carried.join(',')];
  if (groups.length > 0) headers.push('cache-groups', groups.map((group) => `"${group}"`).join(', '));
  return headers;
};

/** The tags as an answer carries them: each once, no more and no longer than every cache takes. */
export function carriedTags(tags: readonly string[]): string[] {
  const carried = [...new Set(tags.map(carriedTag))];
  return carried.length <= tagsMax ? carried : [...carried.slice(0, tagsMax - 1), crowdTag];
}

/** By what answers are to be purged of which something with these names has changed. */
export function purgedTags(tags: readonly string[]): string[] {
  return tags.length === 0 ? [] : [...new Set([...tags.map(carriedTag), crowdTag])];
}

// Visible ASCII but what separates tags or quotes them somewhere: blank, comma, quotation mark, backslash.
const plainTag = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]+$/;

/** A tag that cannot stand in a header is carried as its hash. */
function carriedTag(tag: string): string {
  if (tag.length <= tagLengthMax && plainTag.test(tag)) return tag;
  return `hash-${hash('sha256', tag, 'hex').slice(0, 32)}`;
}
