import { type Outline, trail } from './outline.ts';
import { flat, type Paint, stroke } from './paint.ts';
import { darker, ink, lighter } from './palette.ts';

/** What things are made of: lines to be painted `inside` a solid. */

/** The grain of a board that lies along x. */
export function grain(x: number, y: number, width: number, height: number, colour: string): Paint {
  const rows = Math.max(2, Math.round(height / 26));
  const lines = Array.from({ length: rows }, (_, row) => {
    const at = y + ((row + 0.5) * height) / rows;
    const bend = (row % 3) * 7 - 7;
    return `M${x} ${at.toFixed(0)}q${(width / 4).toFixed(0)} ${bend} ${(width / 2).toFixed(0)} 0t${(width / 2).toFixed(0)} 0`;
  });
  return stroke(lines.join(''), darker(colour, 0.3), 3, 0.4);
}

/** Knitted or woven ribs from top to bottom. */
export function ribs(x: number, y: number, width: number, height: number, colour: string, count: number): Paint {
  const step = width / count;
  const lines = Array.from({ length: count - 1 }, (_, at) => `M${Math.round(x + (at + 1) * step)} ${y}v${height}`);
  return stroke(lines.join(''), darker(colour, 0.3), 4, 0.4);
}

/** Bands across, every other one in the colour. */
export function bands(x: number, y: number, width: number, height: number, colour: string, count: number): Paint {
  const step = height / (count * 2 - 1);
  const strips = Array.from(
    { length: count },
    (_, at) => `M${x} ${Math.round(y + at * 2 * step)}h${width}v${Math.round(step)}h${-width}Z`,
  );
  return flat(strips.join(''), colour);
}

/** The gleam on glass, glaze and polished metal: a soft stripe on the side of the light. */
export function gleam(outline: Outline, width = 12, opacity = 0.45): Paint {
  return stroke(outline, lighter(ink.chalk, 0.5), width, opacity);
}

/** Steam or scent: two lines that rise and part. */
export function steam(x: number, y: number, height: number): Paint {
  const one = (dx: number, rise: number) =>
    `M${x + dx} ${y}c-26 ${-rise * 0.25} 26 ${-rise * 0.45} 0 ${-rise * 0.7}c-14 ${-rise * 0.12} -6 ${-rise * 0.22} 4 ${-rise * 0.3}`;
  return stroke(one(0, height), ink.chalk, 11, 0.75) + stroke(one(46, height * 0.72), ink.chalk, 9, 0.55);
}

/** A flame, its foot at the point. */
export function flame(x: number, y: number, height: number): Paint {
  const tongue = (size: number) =>
    `M${x} ${y}c${-size * 0.36} 0 ${-size * 0.34} ${-size * 0.4} ${-size * 0.1} ${-size * 0.62}c${size * 0.08} ${-size * 0.12} ${size * 0.08} ${-size * 0.24} ${size * 0.06} ${-size * 0.38}c${size * 0.34} ${size * 0.26} ${size * 0.42} ${size} ${size * 0.04} ${size}Z`.replace(
      /\d+\.\d+/g,
      (number) => Number(number).toFixed(1),
    );
  return flat(tongue(height), ink.ember) + flat(tongue(height * 0.58), ink.glow);
}

/** Light in the air: rings that grow fainter. */
export function halo(cx: number, cy: number, radius: number, strength = 0.13): Paint {
  return [1, 0.74, 0.5]
    .map(
      (share) =>
        `<circle cx="${cx}" cy="${cy}" r="${Math.round(radius * share)}" fill="${ink.glow}" fill-opacity="${strength}"/>`,
    )
    .join('');
}

/** A row of round things on a line. */
export function dots(points: readonly (readonly [number, number])[], radius: number, colour: string): Paint {
  return points.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="${radius}" fill="${colour}"/>`).join('');
}

/** Even lines of writing, the last one short. */
export function writing(
  x: number,
  y: number,
  width: number,
  rows: number,
  step: number,
  colour: string = ink.slate,
): Paint {
  const lines = Array.from({ length: rows }, (_, row) =>
    trail([x, y + row * step], [x + width * (row === rows - 1 ? 0.55 : 1), y + row * step]),
  );
  return stroke(lines.join(''), colour, 4, 0.45);
}
