import { ellipse, rect } from './outline.ts';
import { flat, type Paint } from './paint.ts';
import { darker, lighter } from './palette.ts';

/** A picture of one product; the thing stands on the ground at y = 840 or so, centred on x = 400. */
export type Drawing = () => Paint;
export type Drawings = Readonly<Record<string, Drawing>>;

export const width = 800;
export const height = 1000;

/** The wall behind a collection's products. Lamps hang in the dusk, so that they can shine. */
export const walls: Readonly<Record<string, string>> = {
  'outdoors/bags': '#d5dccf',
  'outdoors/layers': '#e3d6c1',
  'outdoors/camp-kitchen': '#e6cfb4',
  'outdoors/shelter': '#c8d8d6',
  'outdoors/light': '#2a4752',
  'outdoors/wayfinding': '#ccd6dc',
  'desk/writing': '#e9dec7',
  'desk/paper': '#cfdcd8',
  'desk/order': '#dcdcc6',
  'desk/lamps': '#3a5158',
  coffee: '#e7c9b0',
  home: '#d8d3c6',
};

/** The empty room: a wall, a paler round of light on it, and the ground. */
export function room(wall: string): Paint {
  const isDusk = Number.parseInt(wall.slice(1, 3), 16) < 0x80;
  return [
    flat(rect(0, 0, width, height), wall),
    flat(ellipse(400, 450, 340), isDusk ? lighter(wall, 0.06) : lighter(wall, 0.32)),
    flat(`M0 770Q400 742 800 770V1000H0Z`, isDusk ? darker(wall, 0.35) : darker(wall, 0.1)),
  ].join('');
}

/** A whole SVG file. Equal clip paths are written once. */
export function svg(
  paint: Paint,
  size: { readonly width: number; readonly height: number } = { width, height },
): string {
  const seen = new Set<string>();
  const once = paint.replace(/<clipPath id="([^"]+)">.*?<\/clipPath>/g, (clip, id: string) => {
    if (seen.has(id)) return '';
    seen.add(id);
    return clip;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}">${once}</svg>`;
}
