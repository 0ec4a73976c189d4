import assert from 'node:assert/strict';
import { type Drawings, room, svg, walls } from './canvas.ts';
import { covers } from './covers.ts';
import { bags } from './draw/bags.ts';
import { campKitchen } from './draw/camp-kitchen.ts';
import { coffee } from './draw/coffee.ts';
import { home } from './draw/home.ts';
import { lamps } from './draw/lamps.ts';
import { layers } from './draw/layers.ts';
import { light } from './draw/light.ts';
import { order } from './draw/order.ts';
import { paper } from './draw/paper.ts';
import { shelter } from './draw/shelter.ts';
import { wayfinding } from './draw/wayfinding.ts';
import { writing } from './draw/writing.ts';
import { ellipse, rect } from './outline.ts';
import { flat, type Paint } from './paint.ts';
import { darker, lighter } from './palette.ts';
import { illustrateHero } from './scene.ts';

/** By the collection before whose wall they stand. */
const drawings: Readonly<Record<string, Drawings>> = {
  'outdoors/bags': bags,
  'outdoors/layers': layers,
  'outdoors/camp-kitchen': campKitchen,
  'outdoors/shelter': shelter,
  'outdoors/light': light,
  'outdoors/wayfinding': wayfinding,
  'desk/writing': writing,
  'desk/paper': paper,
  'desk/order': order,
  'desk/lamps': lamps,
  coffee,
  home,
};

/** The picture of a demo product: a standalone SVG, 800 × 1000, always the same for the same slug. */
export function illustrate(slug: string): string {
  const path = Object.keys(drawings).find((each) => drawings[each]?.[slug]);
  assert(path !== undefined, `${slug} is drawn`);
  return svg(room(walls[path] as string) + drawingOf(slug));
}

/** The cover of a demo collection: some of its products in one room, 1600 × 900; the tarn itself for the front page. */
export function illustrateCollection(path: string): string {
  if (path === 'front') return illustrateHero();
  const cover = covers[path];
  assert(cover !== undefined, `${path} has a cover`);
  const { wall, slugs } = cover;
  const stand = (slug: string, at: number) => {
    const left = Math.round(800 - 248 + (at - (slugs.length - 1) / 2) * 385);
    // Their feet stand on two lines, so that they do not look like a parade.
    const top = at % 2 === 0 ? 250 : 284;
    return `<g transform="matrix(.62 0 0 .62 ${left} ${top})">${drawingOf(slug)}</g>`;
  };
  const [behind, before] = [0, 1].map((line) =>
    slugs.map((slug, at) => (at % 2 === line ? stand(slug, at) : '')).join(''),
  );
  return svg(wideRoom(wall) + behind + before, { width: 1600, height: 900 });
}

function drawingOf(slug: string): Paint {
  const drawing = Object.values(drawings).find((each) => each[slug])?.[slug];
  assert(drawing !== undefined, `${slug} is drawn`);
  return drawing();
}

function wideRoom(wall: string): Paint {
  const isDusk = Number.parseInt(wall.slice(1, 3), 16) < 0x80;
  return [
    flat(rect(0, 0, 1600, 900), wall),
    flat(ellipse(800, 470, 420), lighter(wall, isDusk ? 0.06 : 0.32)),
    flat('M0 706Q800 660 1600 706V900H0Z', darker(wall, isDusk ? 0.35 : 0.1)),
  ].join('');
}
