import type { Sharp, SharpOptions } from 'sharp';
import type { MediaType } from './api.ts';
import type { DerivedEnding } from './picture.ts';

/** A phone's best camera makes 50 million; decoded, so many take 200 MB for a moment. */
const pixelsMax = 64_000_000;
/** WebP and AVIF cannot be larger than 16,383. */
const sideMax = 16_000;
const framesMax = 500;
const timeoutS = 20;
/**
 * A drawing may be a few lines that take a minute to paint, and buyers would have it painted. Common ones take 10 ms at the
 * first width; what takes longer than `msSurely` is tried at the second, sixteen times the pixels and the only one that can
 * be asked for.
 */
const paintingTrials = [
  { width: 320, msSurely: 50, msMax: 500 },
  { width: 1280, msSurely: 2500, msMax: 2500 },
] as const;

/** So many times as long as it may take, by the clock, it is waited for on a busy machine. */
const busyFactor = 4;

/** The world, or a decoder, failed at a picture that had been found good. */
export class PictureFault extends Error {
  override readonly name = 'PictureFault';
}

export type Inspection =
  | { readonly kind: 'good'; readonly width: number; readonly height: number }
  | { readonly kind: 'bad'; readonly detail: string };

/**
 * Whether a picture can be shown, and how large it is, turned upright. Its header is judged before a pixel is decoded, so
 * that a small file that claims to be a huge picture costs nothing; then all of it is decoded once.
 */
export async function inspectPicture(bytes: Uint8Array): Promise<Inspection> {
  try {
    // Reads the header only.
    const sharp = await loadSharp();
    const { autoOrient, pages = 1, pageHeight } = await sharp(bytes, { limitInputPixels: false }).metadata();
    const { width } = autoOrient;
    const height = pageHeight ?? autoOrient.height;
    if (width > sideMax || height > sideMax || width * height > pixelsMax) {
      const size = `${width.toLocaleString('en')} × ${height.toLocaleString('en')}`;
      return bad(`The picture is ${size} pixels: a side may have 16,000 and all of it 64 million.`);
    }
    if (pages > framesMax) return bad(`The picture has ${pages.toLocaleString('en')} frames; ${framesMax} at most.`);
    const picture = await open(bytes, {});
    await picture.resize({ width: 32, height: 32, fit: 'inside' }).raw().toBuffer();
    return { kind: 'good', width, height };
  } catch (error) {
    // sharp's errors have no code: whatever it cannot decode is broken, or too much.
    return bad(`The picture is broken or not whole: ${sentenceOf(error)}.`);
  }
}

/** An SVG that was cleaned, and how large it says it is in CSS pixels. */
export interface Drawing {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly hasText: boolean;
}

/** Whether a drawing can be painted, in a time that a buyer would wait. */
export async function inspectDrawing({ bytes, hasText, ...size }: Drawing): Promise<Inspection> {
  const longer = Math.max(size.width, size.height);
  if (longer > sideMax || longer > 20 * Math.min(size.width, size.height)) {
    return bad('A side of an SVG may have 16,000 pixels, and be 20 times as long as the other one.');
  }
  for (const { width, msSurely, msMax } of paintingTrials) {
    let trial = await paint(bytes, size.width, width, msMax);
    // The first text of a process waits for the machine's fonts to be found, which may take seconds; and what was cut short
    // before it had used its time waited for others.
    const mayBeQuicker = hasText || trial.usedMs <= msMax;
    if (trial.tookMs > msMax && mayBeQuicker) trial = await paint(bytes, size.width, width, msMax);
    if (trial.failure !== undefined) return bad(`The SVG cannot be painted: ${trial.failure}.`);
    if (trial.tookMs > msMax) {
      return bad(
        'The SVG takes too long to be painted. Make it simpler: filters and large shapes over each other cost most.',
      );
    }
    if (trial.tookMs <= msSurely) break;
  }
  return { kind: 'good', width: size.width, height: size.height };
}

async function paint(bytes: Uint8Array, ownWidth: number, width: number, msMax: number) {
  const startedAtMs = performance.now();
  const usedBefore = process.cpuUsage();
  const usedMs = () => {
    const { user, system } = process.cpuUsage(usedBefore);
    return (user + system) / 1000;
  };
  try {
    const picture = await open(bytes, { density: densityFor(width, ownWidth) });
    picture.resize({ width }).timeout({ seconds: Math.ceil((busyFactor * msMax) / 1000) });
    await picture.raw().toBuffer();
  } catch (error) {
    const sentence = sentenceOf(error);
    return sentence.startsWith('timeout')
      ? { tookMs: Number.POSITIVE_INFINITY, usedMs: usedMs(), failure: undefined }
      : { tookMs: 0, usedMs: usedMs(), failure: sentence };
  }
  // What others do on a busy machine makes no drawing a difficult one: it cost no more than this process used meanwhile.
  return { tookMs: Math.min(performance.now() - startedAtMs, usedMs()), usedMs: usedMs(), failure: undefined };
}

export interface Derivation {
  readonly original: { readonly bytes: Uint8Array; readonly type: MediaType; readonly width: number };
  /** Pixels. A photograph is never made larger than it is. */
  readonly width: number;
  readonly ending: DerivedEnding;
}

/** Another width and format of a picture: upright, in sRGB, without what the camera wrote beside it. The first frame only. */
export async function derivePicture({ original, width, ending }: Derivation): Promise<Buffer> {
  const isDrawing = original.type === 'image/svg+xml';
  try {
    const picture = await open(original.bytes, isDrawing ? { density: densityFor(width, original.width) } : {});
    picture.autoOrient().resize({ width, withoutEnlargement: !isDrawing });
    return await encode(picture, ending, original.type).toBuffer();
  } catch (error) {
    throw new PictureFault(`The picture could not be made: ${sentenceOf(error)}.`, { cause: error });
  }
}

/** Painted as large as it is wanted, not small and blown up: at 72 dots an inch it is as large as it says. */
function densityFor(width: number, ownWidth: number): number {
  return Math.min(Math.max((72 * width) / ownWidth, 1), 100_000);
}

/**
 * Chosen by eye on photographs and drawings at 640 and 1280 pixels: the lowest at which a buyer would not tell it from the
 * original. AVIF's effort: 1280 pixels take 140 to 190 ms on one core; with the next one half as long again and more, for
 * one percent less.
 */
function encode(picture: Sharp, ending: DerivedEnding, from: MediaType): Sharp {
  // Thin coloured lines, which drawings have and photographs have not, lose their colour to subsampling.
  const chromaSubsampling = from === 'image/jpeg' ? '4:2:0' : '4:4:4';
  switch (ending) {
    case 'avif':
      return picture.avif({ quality: 60, effort: 1, chromaSubsampling });
    case 'webp':
      return picture.webp({ quality: 80, effort: 3, smartSubsample: from !== 'image/jpeg' });
    case 'jpg':
      return picture.flatten({ background: '#ffffff' }).jpeg({ quality: 82, mozjpeg: true, chromaSubsampling });
  }
}

async function open(bytes: Uint8Array, options: SharpOptions): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(bytes, { limitInputPixels: pixelsMax, failOn: 'error', ...options }).timeout({ seconds: timeoutS });
}

/** Twenty megabytes of libraries, which a shop that runs a sale from stored pictures, or a command, never needs. */
async function loadSharp() {
  const { default: sharp } = await import('sharp');
  // It would keep up to 50 MB of what was decoded last, which nobody asks for twice.
  sharp.cache(false);
  return sharp;
}

function bad(detail: string): Inspection {
  return { kind: 'bad', detail };
}

function sentenceOf(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.trim().replace(/\.$/, '').slice(0, 200);
}
