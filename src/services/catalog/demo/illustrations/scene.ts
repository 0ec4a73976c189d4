import { svg } from './canvas.ts';
import { ellipse, poly, rect } from './outline.ts';
import { flat, move, type Paint, scale, solid, stroke } from './paint.ts';
import { darker, ink, lighter, mix } from './palette.ts';
import { halo } from './texture.ts';

/** A tern in flight to the right, its breast at 0, 0 and its wings 460 pixels across. */
export function ternInFlight(): Paint {
  return [
    solid('M70-6C130-90 220-150 340-164C270-110 200-40 100 14Z', darker(ink.fog, 0.08), {
      shade: 10,
      light: 0,
      inside: flat('M230-190H360V-120L262-96Z', ink.slate),
    }),
    solid(
      'M140 0C122-26 60-32 0-24C-60-16-110-8-150-4L-262-40L-180 14L-268 44L-140 26C-80 42 40 46 100 28C122 20 136 12 140 0Z',
      ink.chalk,
      { shade: 12, light: 0 },
    ),
    flat('M143-3C128-31 88-36 62-26C82-10 112-4 143-3Z', ink.tar),
    flat('M138-4L196 14L136 12Z', ink.rust),
    solid('M76-12C50-112-24-214-166-268C-116-196-80-92-52-4Z', ink.chalk, {
      shade: 0,
      light: 9,
      inside: flat('M-190-290L-20-190L-118-160Z', ink.slate) + stroke('M-136-238C-70-180-10-90 20-20', ink.fog, 7, 0.8),
    }),
  ].join('');
}

/** A mountain with its lit face to the left, its foot along the water's edge. */
function mountain(
  left: number,
  peak: readonly [number, number],
  right: number,
  foot: number,
  colour: string,
  snow: number,
): Paint {
  const [x, y] = peak;
  const at = (share: number, side: number) =>
    [Math.round(x + (side - x) * share), Math.round(y + (foot - y) * share)] as const;
  const cap = [
    peak,
    at(snow, left),
    at(snow * 0.66, x - (x - left) * 0.3),
    at(snow * 1.25, x),
    at(snow * 0.74, x + (right - x) * 0.34),
    at(snow, right),
  ] as const;
  return [
    flat(poly([left, foot], peak, [right, foot]), colour),
    flat(poly(peak, [right, foot], at(1, x - 40), at(0.55, x + 46)), darker(colour, 0.24)),
    snow === 0
      ? ''
      : flat(poly(...cap), ink.chalk) +
        flat(poly(peak, at(snow * 1.25, x), at(snow * 0.74, x + (right - x) * 0.34), at(snow, right)), ink.fog),
  ].join('');
}

/** Ripples: short light lines that grow longer towards us. */
function ripples(): Paint {
  const rows = Array.from({ length: 13 }, (_, at) => `M${140 + ((at * 397) % 1240)} ${585 + at * 15}h${44 + at * 9}`);
  return stroke(rows.join(''), lighter(ink.shallow, 0.4), 5, 0.5);
}

function reeds(x: number, y: number, colour: string): Paint {
  const blades = [-46, -24, -6, 16, 38, 58].map(
    (lean, at) => `M${x + at * 16} ${y}q${Math.round(lean * 0.2)} -70 ${lean} ${-96 - ((at * 37) % 60)}`,
  );
  return stroke(blades.join(''), colour, 8);
}

/** The home page: a tarn between mountains in the evening, a lit tent on its shore, a tern over it. 1600 × 900. */
export function illustrateHero(): string {
  const water = mix(ink.shallow, ink.water, 0.35);
  const foot = 560;
  const mountains = [
    mountain(-120, [250, 250], 640, foot, mix(ink.fog, ink.slate, 0.35), 0.26),
    mountain(980, [1360, 230], 1760, foot, mix(ink.fog, ink.slate, 0.4), 0.28),
    mountain(330, [760, 150], 1200, foot, mix(ink.slate, ink.water, 0.25), 0.3),
    mountain(60, [420, 372], 800, foot, mix(ink.water, ink.slate, 0.3), 0),
    mountain(860, [1180, 390], 1520, foot, mix(ink.deep, ink.slate, 0.3), 0),
  ].join('');
  const tent = [
    flat(ellipse(1235, 792, 190, 26), darker(ink.deep, 0.4), 0.5),
    solid('M1090 790L1230 600L1380 790Z', ink.ember, {
      shade: 30,
      light: 8,
      inside: flat(poly([1230, 600], [1400, 800], [1270, 800]), darker(ink.ember, 0.22)),
    }),
    flat(poly([1226, 612], [1266, 790], [1176, 790]), ink.glow),
    stroke('M1230 600L1060 800M1230 600L1420 806', ink.chalk, 3, 0.7),
  ].join('');
  return svg(
    [
      flat(rect(0, 0, 1600, 900), '#e9d6b6'),
      flat('M0 0H1600V250Q800 340 0 230Z', mix(ink.fog, ink.oat, 0.35)),
      flat('M0 0H1600V120Q800 200 0 110Z', mix(ink.fog, ink.shallow, 0.25)),
      flat(ellipse(1010, 300, 150), ink.glow, 0.4) + flat(ellipse(1010, 300, 104), lighter(ink.glow, 0.45)),
      flat(
        'M110 178h240a22 22 0 0 0 -6 -44h-46a50 50 0 0 0 -96 -8a38 38 0 0 0 -60 20h-26a16 16 0 0 0 -6 32ZM1270 128h220a20 20 0 0 0 -4 -40h-60a44 44 0 0 0 -84 0h-60a20 20 0 0 0 -12 40Z',
        ink.chalk,
        0.75,
      ),
      mountains,
      flat('M0 536Q180 500 380 540T800 536T1240 530T1600 520V580H0Z', mix(ink.moss, ink.deep, 0.45)),
      flat(rect(0, 562, 1600, 340), water),
      `<g opacity=".28">${scale(1, 0, 562, mountains, -0.62)}</g>`,
      flat(rect(880, 566, 260, 9, 4), ink.glow, 0.7) +
        flat(rect(924, 592, 180, 8, 4), ink.glow, 0.55) +
        flat(rect(950, 620, 120, 8, 4), ink.glow, 0.45) +
        flat(rect(974, 650, 90, 7, 3), ink.glow, 0.35),
      ripples(),
      flat('M900 900C1000 800 1120 760 1300 752S1560 736 1600 728V900Z', mix(ink.moss, ink.deep, 0.25)),
      flat('M1040 900C1140 830 1300 800 1600 790V900Z', ink.moss),
      halo(1222, 740, 190, 0.12),
      tent,
      flat('M0 800C160 770 330 800 470 900H0Z', mix(ink.moss, ink.deep, 0.35)) +
        flat('M0 850C120 826 240 850 330 900H0Z', ink.moss),
      reeds(60, 870, darker(ink.lichen, 0.2)),
      reeds(210, 890, ink.lichen),
      reeds(1500, 860, ink.lichen),
      flat(ellipse(640, 850, 90, 26), darker(ink.stone, 0.15)) +
        flat(ellipse(620, 840, 70, 18), ink.stone) +
        flat(ellipse(780, 880, 50, 15), ink.stone),
      move(430, 330, scale(0.86, 0, 0, ternInFlight())),
    ].join(''),
    { width: 1600, height: 900 },
  );
}

/** The sign of Tern & Tarn: a tern above a line of water, in one colour on nothing. 96 × 96. */
export function mark(colour: string = ink.deep): string {
  return svg(
    [
      flat(
        'M50 44C46 28 34 14 10 8C20 18 27 31 32 43C24 45 17 47 12 47L2 43L9 50L1 55L14 54C26 59 46 59 58 54C64 52 69 50 76 51L88 53L77 46C74 41 68 39 62 40C68 30 76 23 90 18C74 19 60 28 50 44Z',
        colour,
      ),
      stroke('M8 74Q18 66 28 74T48 74T68 74T88 74', colour, 6),
      stroke('M28 88Q38 80 48 88T68 88', colour, 6),
    ].join(''),
    { width: 96, height: 96 },
  );
}
