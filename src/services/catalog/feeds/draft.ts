import type { Media, Price, ProductInput, VariantInput } from '../api.ts';
import { manyLines, oneLine } from './html.ts';
import { quoted } from './record.ts';
import { slugify } from './slug.ts';
import type { Scalar } from './value.ts';

// The contract's limits (api.ts). What a feed has beyond them is left out with a note, where the product is still whole
// without it; else the product is refused by the contract's own check.
const limits = { media: 250, barcodes: 200, attributes: 300, attributeName: 120, attributeText: 10_000, url: 2048 };

/** A product that is being put together from rows: merges what they say, keeps within what the catalogue takes. */
export interface Draft {
  readonly media: Media[];
  readonly attributes: Map<string, Scalar>;
  readonly collections: Map<string, string>;
  readonly variants: VariantInput[];
  readonly notes: string[];
}

export function beginDraft(): Draft {
  return { media: [], attributes: new Map(), collections: new Map(), variants: [], notes: [] };
}

export function addMedia(draft: Draft, url: string, alt: string | undefined): void {
  const plain = url.trim();
  if (plain === '' || draft.media.some((media) => media.url === plain)) return;
  // The shop's own pictures (docs/media.md) need no host.
  if (!/^(?:https?:\/\/|\/media\/)[^\s"<>]+$/i.test(plain) || plain.length > limits.url) {
    draft.notes.push(`the image address ${quoted(plain)} is left out: it is no http(s) address`);
  } else if (draft.media.length >= limits.media) {
    noteOnce(draft, `images beyond ${limits.media} are left out`);
  } else {
    const text = alt === undefined ? '' : oneLine(alt).slice(0, 500).toWellFormed();
    draft.media.push(text === '' ? { url: plain } : { url: plain, alt: text });
  }
}

/** Takes the attribute unless there is one of that name already. Says whether it did. */
export function addAttribute(draft: Draft, name: string, value: Scalar): boolean {
  const { attributes } = draft;
  const key = attributeKey(name);
  if (key === '' || key === '__proto__') return true;
  const before = attributes.get(key);
  if (before !== undefined) return before === value;
  if (attributes.size >= limits.attributes) {
    noteOnce(draft, `attributes beyond ${limits.attributes} are left out`);
    return true;
  }
  if (typeof value !== 'string') attributes.set(key, value);
  else {
    const text = manyLines(value);
    const kept = text.length > limits.attributeText ? text.slice(0, limits.attributeText).toWellFormed() : text;
    if (kept !== text) draft.notes.push(`the attribute ${quoted(key)} is cut to ${limits.attributeText} characters`);
    if (kept !== '') attributes.set(key, kept);
  }
  return true;
}

function attributeKey(name: string): string {
  const key = oneLine(name);
  return key.length > limits.attributeName ? key.slice(0, limits.attributeName).toWellFormed() : key;
}

/** A collection by the titles of its levels: `Furniture`, `Café tables` is `furniture/cafe-tables`. */
export function addCollection(draft: Draft, titles: readonly string[]): void {
  let path = '';
  for (const title of titles.map(oneLine).filter((text) => text !== '')) {
    const name = slugify(title);
    if (name === '') continue;
    path = path === '' ? name : `${path}/${name}`;
    if (!draft.collections.has(path)) draft.collections.set(path, title.slice(0, 200).toWellFormed());
  }
}

/** Numbers on packages. Spreadsheets write an apostrophe before them so that they stay text. */
export function barcodesOf(values: readonly Scalar[], draft: Draft): string[] {
  const codes = [
    ...new Set(values.map((value) => String(value).replace(/^'/, '').trim()).filter((code) => code !== '')),
  ];
  const sane = codes.filter((code) => code.length <= 40);
  if (sane.length < codes.length) draft.notes.push('a barcode of more than 40 characters is left out');
  if (sane.length > limits.barcodes) noteOnce(draft, `barcodes beyond ${limits.barcodes} are left out`);
  return sane.slice(0, limits.barcodes);
}

export interface Heading {
  readonly slug: string;
  readonly title: string;
  readonly description: string | undefined;
  readonly vendor: string | undefined;
  readonly state: NonNullable<ProductInput['state']>;
  readonly optionNames: readonly string[];
}

/** The product, with only the fields that say something. */
export function finishDraft(draft: Draft, heading: Heading): ProductInput {
  const { slug, title, state, optionNames } = heading;
  const description = manyLines(heading.description ?? '');
  const vendor = oneLine(heading.vendor ?? '');
  const paths = [...draft.collections.keys()];
  // A parent is a collection of its own only where the product stands in it directly; below it, it is implied.
  const leaves =
    paths.length < 2 ? paths : paths.filter((path) => !paths.some((other) => other.startsWith(`${path}/`)));
  return {
    slug,
    title: oneLine(title),
    ...(description !== '' && { description }),
    ...(vendor !== '' && { vendor }),
    state,
    ...(leaves.length > 0 && { collections: leaves }),
    ...(optionNames.length > 0 && { optionNames: [...optionNames] }),
    ...(draft.media.length > 0 && { media: draft.media }),
    ...(draft.attributes.size > 0 && { attributes: Object.fromEntries(draft.attributes) }),
    variants: draft.variants,
  };
}

/** Without the struck-out price where it is no higher: it would promise a saving that there is not. */
export function priceOf(currency: string, amountMinor: number, compareAtMinor: number | undefined): Price {
  return compareAtMinor !== undefined && compareAtMinor > amountMinor
    ? { currency, amountMinor, compareAtMinor }
    : { currency, amountMinor };
}

function noteOnce(draft: Draft, note: string): void {
  if (!draft.notes.includes(note)) draft.notes.push(note);
}
