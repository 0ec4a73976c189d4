import type { Outline } from './outline.ts';

/** SVG elements, ready to be put behind and before others. */
export type Paint = string;

export interface Modelling {
  /** Painted on the thing and cut off at its edge: bands, pockets, grain. Lies under its light and shade. */
  readonly inside?: Paint;
  /** How broad the shade at the lower right is, in pixels; 0 for things as flat as paper. */
  readonly shade?: number;
  /** How broad the light at the upper left is, in pixels. */
  readonly light?: number;
  /** 0 to 1. */
  readonly shadeStrength?: number;
  readonly lightStrength?: number;
}

/**
 * A body in the one light that all pictures have, from the upper left: its colour, a rim of light and a rim of shade. The rims
 * are what its outline, moved a little, does not cover, so they follow any shape.
 */
export function solid(outline: Outline, colour: string, modelling: Modelling = {}): Paint {
  const { inside = '', shade = 34, light = 9, shadeStrength = 0.2, lightStrength = 0.22 } = modelling;
  const id = `c${nameOf(outline)}`;
  const rim = (by: number, fill: string, opacity: number) =>
    by === 0
      ? ''
      : `<path d="M-900-900H1900V2200H-900Z${outline}" fill="${fill}" fill-opacity="${opacity}" transform="translate(${Math.round(by)} ${Math.round(by * 0.6)})"/>`;
  return [
    `<clipPath id="${id}"><path d="${outline}"/></clipPath><g clip-path="url(#${id})" fill-rule="evenodd">`,
    flat('M-900-900H1900V2200H-900Z', colour),
    inside,
    rim(light, '#fff6df', lightStrength),
    rim(-shade, '#0f2a35', shadeStrength),
    '</g>',
  ].join('');
}

export function flat(outline: Outline, colour: string, opacity = 1): Paint {
  return `<path d="${outline}" fill="${colour}"${opacity === 1 ? '' : ` fill-opacity="${opacity}"`}/>`;
}

export function stroke(outline: Outline, colour: string, width: number, opacity = 1): Paint {
  const faint = opacity === 1 ? '' : ` stroke-opacity="${opacity}"`;
  return `<path d="${outline}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"${faint}/>`;
}

/** A seam: short stitches along the line. */
export function stitch(outline: Outline, colour: string, width = 4): Paint {
  return `<path d="${outline}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-dasharray="13 9"/>`;
}

/** A cord, cable, handle or wire: round, so lit along its upper edge. */
export function cord(outline: Outline, colour: string, width: number): Paint {
  return [
    stroke(outline, colour, width),
    `<g transform="translate(${-width * 0.16} ${-width * 0.2})">${stroke(outline, '#fff6df', Math.max(2, Math.round(width * 0.28)), 0.28)}</g>`,
  ].join('');
}

/** What the thing throws on the ground: soft by two steps, a little to the right, where the light goes. */
export function shadow(cx: number, cy: number, rx: number, ry = rx * 0.13): Paint {
  const oval = (x: number, width: number, height: number, opacity: number) =>
    `<ellipse cx="${Math.round(x)}" cy="${Math.round(cy)}" rx="${Math.round(width)}" ry="${Math.round(height)}" fill="#12303a" fill-opacity="${opacity}"/>`;
  return oval(cx + rx * 0.12, rx * 1.12, ry * 1.25, 0.1) + oval(cx + rx * 0.05, rx, ry, 0.16);
}

export function move(x: number, y: number, paint: Paint): Paint {
  return `<g transform="translate(${x} ${y})">${paint}</g>`;
}

/** Turned about a point, in degrees, clockwise. */
export function turn(degrees: number, cx: number, cy: number, paint: Paint): Paint {
  return `<g transform="rotate(${degrees} ${cx} ${cy})">${paint}</g>`;
}

/** Made larger or smaller about a point. */
export function scale(factor: number, cx: number, cy: number, paint: Paint, factorY = factor): Paint {
  const offset = (centre: number, by: number) => Math.round(centre * (1 - by) * 10) / 10;
  return `<g transform="matrix(${factor} 0 0 ${factorY} ${offset(cx, factor)} ${offset(cy, factorY)})">${paint}</g>`;
}

/** Outlines with the same name are the same outline: FNV-1a, 32 bits. */
function nameOf(outline: Outline): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < outline.length; index += 1) {
    hash = Math.imul(hash ^ outline.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash.toString(36);
}
