import { purgedTags } from '../../platform/api/cache-labels.ts';
import type { FieldError } from '../../platform/api/problem.ts';
import type { PublishedEvent } from '../../platform/events/event.ts';
import { nameLengthMax, type Purge, type PurgeInput } from './api.ts';
import { purgeTopic } from './events.ts';

/** Which events change what is shown, and by which tags answers name it. */
export interface Touches {
  readonly topics: readonly string[];
  tagsTouchedBy(event: Pick<PublishedEvent, 'topic' | 'payload'>): readonly string[];
}

export interface PurgeRules {
  readonly topics: readonly string[];
  /** What is out of date since these events, all together. */
  purgeOf(events: readonly Pick<PublishedEvent, 'topic' | 'payload'>[]): Purge;
}

/** What caches have to forget after an event: the same for those of the processes and for the CDN. */
export function createPurgeRules(touches: Touches): PurgeRules {
  return {
    topics: [...touches.topics, purgeTopic],
    purgeOf(events) {
      const byHand = events.filter(({ topic }) => topic === purgeTopic).map(({ payload }) => payload as PurgeInput);
      const tags = events.filter(({ topic }) => topic !== purgeTopic).flatMap((event) => touches.tagsTouchedBy(event));
      return {
        tags: purgedTags([...tags, ...byHand.flatMap((input) => input.tags ?? [])]),
        groups: [...new Set(byHand.flatMap((input) => input.groups ?? []))],
        urls: [...new Set(byHand.flatMap((input) => input.urls ?? []))],
        everything: byHand.some((input) => input.everything === true),
      };
    },
  };
}

/** What is wrong with a purge that was asked for by hand; none if it can be done. */
export function findFaults({ tags = [], groups = [], urls = [], everything }: PurgeInput): FieldError[] {
  if (!everything && tags.length + groups.length + urls.length === 0) {
    return [{ pointer: '', detail: 'names nothing: give tags, groups, urls or everything' }];
  }
  const faultsOf = (kind: string, names: readonly string[], faultOf: (name: string) => string | undefined) =>
    names.flatMap((name, index) => {
      const detail = faultOf(name);
      return detail === undefined ? [] : [{ pointer: `/${kind}/${index}`, detail }];
    });
  return [
    ...faultsOf('tags', tags, tagFault),
    ...faultsOf('groups', groups, nameFault),
    ...faultsOf('urls', urls, (url) =>
      pathOf(url) === undefined
        ? 'must be an address of the shop: /products/a, or https://shop.example/products/a'
        : undefined,
    ),
  ];
}

/** Two tags in one, as a list or from a shell without quotation marks, would purge nothing without a word. */
function tagFault(tag: string): string | undefined {
  return /[\s,]/.test(tag) ? 'is no tag: a tag has no blanks and no commas. Give several one by one' : nameFault(tag);
}

function nameFault(name: string): string | undefined {
  return name.length > nameLengthMax ? `is longer than any name may be: ${nameLengthMax} characters` : undefined;
}

/** Whole URLs that are of another host than the shop, as far as it knows its own: they mean the same path here, under every host. */
export function urlsElsewhere(urls: readonly string[], publicUrl: string | undefined): string[] {
  const own = publicUrl && URL.parse(publicUrl)?.host;
  return own === undefined ? [] : urls.filter((url) => URL.parse(url, publicUrl)?.host !== own);
}

/** Path and query of an address in the shop, as requests have them; undefined if it is none. */
export function pathOf(url: string): string | undefined {
  // A path alone begins with one slash: two would name another host.
  const isPath = /^\/(?!\/)/.test(url);
  if (!isPath && !/^https?:\/\//i.test(url)) return undefined;
  const parsed = URL.parse(url, 'http://shop.invalid');
  return parsed === null ? undefined : `${parsed.pathname}${parsed.search}`;
}
