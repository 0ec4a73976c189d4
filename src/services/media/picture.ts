/** Pictures as pages ask for them. Pure, and without anything of Node: also for pages and browsers. */

/** What a derived picture may be wide, in pixels: few, so that caches meet the same ones again. */
export const pictureWidths = [160, 320, 480, 640, 960, 1280, 1600, 1920, 2560] as const;

/** File endings of what can be uploaded, with their media types. */
export const originalTypes = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  svg: 'image/svg+xml',
} as const;
export type OriginalEnding = keyof typeof originalTypes;

export const derivedTypes = {
  avif: 'image/avif',
  webp: 'image/webp',
  jpg: 'image/jpeg',
} as const;
export type DerivedEnding = keyof typeof derivedTypes;

/** A file under `/media/`. */
export type MediaFile =
  | { readonly kind: 'original'; readonly mediaId: string; readonly ending: OriginalEnding }
  | { readonly kind: 'derived'; readonly mediaId: string; readonly ending: DerivedEnding; readonly width: number };

const fileForm = /^([\w-]{22})(?:-([1-9]\d{2,3}))?\.([a-z]{3,4})$/;

/** Undefined for what is no name of a media file, or of a width that none has. */
export function parseMediaFile(file: string): MediaFile | undefined {
  const [, mediaId, width, ending] = fileForm.exec(file) ?? [];
  if (mediaId === undefined || ending === undefined) return undefined;
  if (width === undefined) {
    return Object.hasOwn(originalTypes, ending)
      ? { kind: 'original', mediaId, ending: ending as OriginalEnding }
      : undefined;
  }
  const isKnown = Object.hasOwn(derivedTypes, ending) && (pictureWidths as readonly number[]).includes(Number(width));
  return isKnown ? { kind: 'derived', mediaId, ending: ending as DerivedEnding, width: Number(width) } : undefined;
}

export function mediaUrl(mediaId: string, ending: OriginalEnding): string {
  return `/media/${mediaId}.${ending}`;
}

/**
 * The widths that a photograph is shown in: those that it has, and the next one, which is answered at the original's own
 * width, so that nothing of it is lost. Drawings and animations are shown as they are.
 */
export function widthsOf(original: Original): number[] {
  if (original.ending === 'svg' || original.ending === 'gif') return [];
  const nextLarger = pictureWidths.find((width) => width >= original.width);
  return pictureWidths.filter((width) => width <= (nextLarger ?? original.width));
}

export interface Original {
  /** Pixels. */
  readonly width: number;
  readonly ending: OriginalEnding;
}

/**
 * Whether a picture is made of another when somebody asks for it: only what `pictureSources` and `previewUrl` name. Each
 * takes a third of a second of a core, and anybody may ask.
 */
export function isOffered(original: Original, width: number, ending: DerivedEnding): boolean {
  if (ending === 'jpg' && width === previewWidth) return true;
  if (!widthsOf(original).includes(width)) return false;
  return ending !== 'jpg' || (original.ending === 'jpg' && width <= plainWidth);
}

/**
 * A picture as those want it who preview links and read no SVG, AVIF or WebP: one of ours as JPEG, in its own width if that
 * is smaller. Undefined for a URL that no picture should have.
 */
export function previewUrl(url: string): string | undefined {
  const [, mediaId, ending = ''] = oursForm.exec(url) ?? [];
  if (mediaId === undefined) return foreignUrl(url);
  return Object.hasOwn(originalTypes, ending) ? `/media/${mediaId}-${previewWidth}.jpg` : undefined;
}

/** The id of an uploaded picture by its URL (`findMedia` knows its size); undefined for a foreign one. */
export function mediaIdOfUrl(url: string): string | undefined {
  return oursForm.exec(url)?.[1];
}

/** What is shown: of an uploaded picture its `url`, `width`, `height` and `alt` as the media service gave them. */
export interface ShownMedia {
  readonly url: string;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly alt?: string | undefined;
}

/** The parts of a `<picture>`: a `<source>` for each of `sources`, in their order, and an `<img>`. */
export interface PictureSources {
  readonly src: string;
  /** Pixels of the original, so that the browser keeps its place free. */
  readonly width?: number;
  readonly height?: number;
  /** Empty for a picture that says nothing which the text beside it does not. */
  readonly alt: string;
  readonly sources: readonly { readonly type: string; readonly srcset: string }[];
  readonly sizes: string;
}

const oursForm = /^\/media\/([\w-]{22})\.([a-z]{3,4})$/;
// For browsers that know no srcset, and for whoever reads the page without being one.
const plainWidth = 960;
const previewWidth = 1280;

/**
 * How a picture is shown at `sizes` (as the HTML attribute has it: `(min-width: 60rem) 33vw, 100vw`). Photographs of ours
 * come as AVIF and WebP in all widths up to `widthMax` (CSS pixels times two is enough); drawings, animations, foreign
 * pictures and those whose width nobody knows come as they are. Undefined for a URL that no picture should have.
 */
export function pictureSources(
  media: ShownMedia,
  sizes: string,
  { widthMax = 2560 }: { readonly widthMax?: number } = {},
): PictureSources | undefined {
  const { url, width, height, alt = '' } = media;
  const shown = { ...(width !== undefined && { width }), ...(height !== undefined && { height }), alt, sizes };
  const [, mediaId, ending] = oursForm.exec(url) ?? [];
  if (mediaId === undefined || ending === undefined || !Object.hasOwn(originalTypes, ending)) {
    const src = foreignUrl(url);
    return src === undefined ? undefined : { src, ...shown, sources: [] };
  }
  if (width === undefined || ending === 'svg' || ending === 'gif') return { src: url, ...shown, sources: [] };

  const all = widthsOf({ width, ending: ending as OriginalEnding });
  const widths = all.filter((each, index) => index === 0 || each <= widthMax);
  const srcsetOf = (to: DerivedEnding) =>
    widths.map((each) => `/media/${mediaId}-${each}.${to} ${Math.min(each, width)}w`).join(', ');
  const plain = widths.findLast((each) => each <= plainWidth) ?? widths[0];
  return {
    src: `/media/${mediaId}-${plain}.${ending === 'jpg' ? 'jpg' : 'webp'}`,
    ...shown,
    sources: [
      { type: derivedTypes.avif, srcset: srcsetOf('avif') },
      { type: derivedTypes.webp, srcset: srcsetOf('webp') },
    ],
  };
}

/** Always by https: pages let nothing else in, and servers that show pictures to a shop's visitors speak it. */
function foreignUrl(url: string): string | undefined {
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? url.replace(/^http:/i, 'https:') : undefined;
}
