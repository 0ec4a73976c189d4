/** CSS pixels in a unit of length, CSS Values 4 section 6.2. */
const pixelsPerUnit: Readonly<Record<string, number>> = {
  px: 1,
  pt: 4 / 3,
  pc: 16,
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
};

/**
 * How large a drawing is, in whole CSS pixels: by its `width` and `height`, else by its `viewBox`, else nobody knows.
 * A missing side follows from the other one and the proportions of the box.
 */
export function sizeOfSvg(root: {
  readonly width?: string | undefined;
  readonly height?: string | undefined;
  readonly viewBox?: string | undefined;
}): { width: number; height: number } | undefined {
  const [, , boxWidth = 0, boxHeight = 0] = (root.viewBox ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const hasBox = boxWidth > 0 && boxHeight > 0;
  const width = pixelsOf(root.width) ?? byBox(pixelsOf(root.height), boxWidth, boxHeight);
  const height = pixelsOf(root.height) ?? byBox(pixelsOf(root.width), boxHeight, boxWidth);
  if (width !== undefined && height !== undefined) return rounded(width, height);
  return hasBox ? rounded(boxWidth, boxHeight) : undefined;
}

const lengthTextMax = 40;

function pixelsOf(length: string | undefined): number | undefined {
  // A file may hold megabytes in place of a length.
  if (length === undefined || length.length > lengthTextMax) return undefined;
  const [, digits, unit = ''] = /^\s*(\d*\.?\d+(?:e\d)?)\s*([a-z]*)\s*$/i.exec(length) ?? [];
  const perUnit = unit === '' ? 1 : pixelsPerUnit[unit.toLowerCase()];
  const pixels = Number(digits) * (perUnit ?? Number.NaN);
  return pixels > 0 ? pixels : undefined;
}

function byBox(other: number | undefined, own: number, across: number): number | undefined {
  return other !== undefined && own > 0 && across > 0 ? (other * own) / across : undefined;
}

function rounded(width: number, height: number) {
  return { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) };
}
