import type { Drawings } from '../canvas.ts';
import { ellipse, rect, soft } from '../outline.ts';
import { cord, flat, type Paint, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter, mix } from '../palette.ts';
import { dots, flame, gleam, halo, ribs } from '../texture.ts';

/** The Beacon: a foot, a luminous body and a cap with a handle. The Night Tern is the same lantern in brass. */
function beacon(metal: string, body: string, onBody: Paint): Paint {
  return [
    cord('M276 360C250 150 550 150 524 360', metal, 20),
    solid(rect(270, 330, 260, 92, [60, 60, 10, 10]), metal, { shade: 44, inside: ribs(270, 370, 260, 52, metal, 14) }),
    solid(rect(290, 418, 220, 286, 14), body, { shade: 40, light: 14, shadeStrength: 0.14, inside: onBody }),
    solid(rect(256, 696, 288, 146, [12, 12, 40, 40]), metal, { shade: 50 }),
    solid(rect(366, 300, 68, 40, [16, 16, 0, 0]), darker(metal, 0.2), { shade: 12 }),
  ].join('');
}

/** A tern from above, wings spread. */
export function tern(x: number, y: number, size: number, colour: string, angle = 0): Paint {
  const s = (value: number) => Math.round(value * size * 10) / 10;
  const wings = `M${x} ${y}c${s(-0.3)} ${s(-0.34)} ${s(-0.62)} ${s(-0.3)} ${s(-1)} ${s(-0.06)}c${s(0.36)} ${s(-0.08)} ${s(0.6)} ${s(0)} ${s(0.84)} ${s(0.26)}l${s(0.16)} ${s(0.34)}l${s(0.16)} ${s(-0.34)}c${s(0.24)} ${s(-0.26)} ${s(0.48)} ${s(-0.34)} ${s(0.84)} ${s(-0.26)}c${s(-0.38)} ${s(-0.24)} ${s(-0.7)} ${s(-0.28)} ${s(-1)} ${s(0.06)}Z`;
  return angle === 0 ? flat(wings, colour) : turn(angle, x, y, flat(wings, colour));
}

export const light: Drawings = {
  'night-tern-lantern': () => {
    const places = [
      [352, 478, 26, 8],
      [436, 464, 22, -14],
      [400, 540, 34, 0],
      [340, 594, 20, 16],
      [462, 572, 24, -8],
      [420, 634, 24, 10],
      [352, 662, 22, -12],
      [468, 660, 18, 6],
    ] as const;
    return [
      halo(400, 560, 400, 0.14),
      shadow(400, 842, 220),
      beacon(
        mix(ink.brass, ink.walnut, 0.28),
        mix(ink.brass, ink.walnut, 0.4),
        places.map(([x, y, size, angle]) => tern(x, y, size * 1.3, ink.glow, angle)).join(''),
      ),
      flat(rect(360, 756, 80, 34, 4), ink.gorse) + stroke('M374 773h52', ink.walnut, 5),
    ].join('');
  },
  'beacon-lantern': () =>
    [
      halo(400, 560, 380, 0.16),
      shadow(400, 842, 220),
      beacon(
        ink.chalk,
        ink.glow,
        flat(ellipse(400, 560, 70, 110), lighter(ink.glow, 0.7)) +
          stroke('M326 418V704M474 418V704', ink.gorse, 5, 0.5),
      ),
      dots([[400, 770]], 10, ink.ember),
    ].join(''),
  'night-reader-headlamp': () => {
    const band = ink.rust;
    return [
      flat('M300 500L-20 340V740L300 600Z', ink.glow, 0.16) + flat('M300 520L-20 400V680L300 580Z', ink.glow, 0.2),
      shadow(450, 800, 260),
      cord('M330 356C350 200 620 200 640 360', darker(band, 0.25), 34),
      stroke(ellipse(486, 516, 196, 160), darker(band, 0.55), 56),
      stroke(ellipse(480, 526, 214, 182), band, 52),
      stroke(ellipse(480, 522, 228, 198), lighter(band, 0.3), 6, 0.6),
      stroke(ellipse(480, 527, 214, 183), ink.gorse, 11),
      solid(rect(220, 440, 190, 200, 50), ink.iron, { shade: 36 }),
      solid(ellipse(288, 540, 70), ink.steel, { shade: 18 }) +
        flat(ellipse(286, 540, 52), ink.glow) +
        flat(ellipse(280, 532, 28), lighter(ink.glow, 0.8)),
      dots([[376, 500]], 13, ink.ember),
      solid(rect(358, 560, 44, 30, 10), ink.gorse, { shade: 6 }),
    ].join('');
  },
  'sound-pocket-torch': () => {
    const metal = ink.slate;
    return [
      flat('M330 330L110 -10H690L470 330Z', ink.glow, 0.18) + flat('M350 330L210 -10H590L450 330Z', ink.glow, 0.2),
      shadow(410, 842, 150),
      solid(rect(310, 310, 180, 150, [18, 18, 30, 30]), metal, {
        shade: 40,
        inside: ribs(310, 350, 180, 40, metal, 12),
      }),
      flat(ellipse(400, 318, 76, 16), ink.glow),
      solid(rect(334, 446, 132, 396, [8, 8, 26, 26]), darker(metal, 0.08), {
        shade: 32,
        inside:
          flat(rect(330, 520, 140, 210), darker(metal, 0.25)) +
          stroke(
            Array.from({ length: 9 }, (_, at) => `M330 ${540 + at * 22}l140 -16`).join(''),
            lighter(metal, 0.3),
            4,
            0.5,
          ) +
          stroke(
            Array.from({ length: 9 }, (_, at) => `M330 ${524 + at * 22}l140 16`).join(''),
            lighter(metal, 0.3),
            4,
            0.5,
          ),
      }),
      gleam('M356 470V500M356 760V810', 9, 0.5),
      cord('M460 800C540 800 560 700 520 640C490 600 560 560 580 620', ink.ember, 10),
    ].join('');
  },
  'wick-candle-lantern': () => {
    const metal = ink.brass;
    return [
      halo(400, 560, 360, 0.14),
      shadow(400, 842, 180),
      stroke('M330 330C320 180 480 180 470 330', ink.steel, 10),
      solid(soft(14, [340, 290], [460, 290], [510, 400], [290, 400]), metal, {
        shade: 34,
        inside: dots(
          [
            [350, 370],
            [400, 370],
            [450, 370],
          ],
          8,
          darker(metal, 0.55),
        ),
      }),
      flat(rect(306, 400, 188, 280), ink.chalk, 0.22),
      flame(398, 590, 110),
      solid(rect(362, 584, 76, 100, 8), ink.bone, { shade: 16 }),
      gleam('M328 420V660', 10, 0.6),
      flat('M300 400h14v290h-14ZM486 400h14v290h-14Z', darker(metal, 0.15)),
      solid(rect(280, 672, 240, 170, [10, 10, 28, 28]), metal, {
        shade: 50,
        inside: stroke('M280 720H520M280 790H520', darker(metal, 0.3), 6),
      }),
    ].join('');
  },
  'shoal-string-lights': () => {
    const lamp = (x: number, y: number) =>
      halo(x, y + 30, 74, 0.16) +
      flat(rect(x - 9, y, 18, 18, 4), ink.walnut) +
      flat(ellipse(x, y + 34, 17, 21), ink.glow);
    const places = [
      [110, 250],
      [204, 306],
      [310, 330],
      [420, 322],
      [520, 282],
      [618, 216],
      [690, 150],
    ] as const;
    return [
      shadow(400, 842, 210),
      stroke('M40 190C160 330 480 420 770 60', ink.walnut, 8),
      ...places.map(([x, y]) => lamp(x, y)),
      stroke('M40 190C-20 420 260 460 330 560', ink.walnut, 8),
      lamp(120, 416),
      lamp(226, 478),
      solid(rect(250, 520, 300, 322, 30), ink.straw, {
        shade: 54,
        inside:
          dots(
            [
              [290, 560],
              [360, 544],
              [470, 570],
              [510, 800],
              [420, 820],
              [300, 790],
              [340, 830],
            ],
            7,
            darker(ink.straw, 0.35),
          ) +
          flat(rect(240, 600, 320, 170), ink.walnut) +
          stroke(
            Array.from({ length: 7 }, (_, at) => `M240 ${616 + at * 24}l320 -10`).join(''),
            lighter(ink.walnut, 0.16),
            12,
          ),
      }),
      dots(
        [
          [300, 640],
          [420, 664],
          [500, 630],
          [350, 720],
          [470, 730],
        ],
        15,
        ink.glow,
      ),
      cord('M550 760C640 760 640 830 690 830', ink.walnut, 9),
      solid(rect(680, 812, 60, 34, 6), ink.iron, { shade: 8 }),
    ].join('');
  },
  'verge-bicycle-lamp': () => {
    const metal = ink.iron;
    return [
      flat('M240 470L0 440V700L240 590Z', ink.glow, 0.2) + flat('M240 490L0 480V640L240 570Z', ink.glow, 0.24),
      shadow(450, 842, 210),
      solid(rect(470, 610, 70, 180, 16), ink.rust, { shade: 16 }),
      cord('M300 740C420 700 560 700 740 760', ink.steel, 54),
      solid(rect(456, 690, 100, 80, 18), ink.rust, {
        shade: 18,
        inside: stroke('M456 716H556M456 744H556', darker(ink.rust, 0.4), 5),
      }),
      solid('M250 420C330 400 520 420 580 450C620 470 620 590 580 610C520 640 330 650 250 630Z', metal, {
        shade: 60,
        inside: stroke('M420 410V650M456 410V650M492 410V650', darker(metal, 0.4), 8),
      }),
      solid(ellipse(250, 525, 46, 112), ink.steel, { shade: 14 }) +
        flat(ellipse(248, 525, 32, 92), ink.glow) +
        flat('M216 525a32 92 0 0 1 64 0Z', ink.steel, 0.35),
      dots([[540, 520]], 13, ink.moss),
      gleam('M310 446Q420 440 540 462', 10, 0.35),
    ].join('');
  },
  'gale-hurricane-lamp': () => {
    const metal = ink.rust;
    return [
      halo(400, 520, 360, 0.15),
      shadow(400, 842, 220),
      stroke('M262 420C230 110 570 110 538 420', ink.steel, 9),
      cord('M286 700C220 600 230 420 300 330M514 700C580 600 570 420 500 330', metal, 28),
      solid(rect(340, 230, 120, 70, [30, 30, 6, 6]), metal, {
        shade: 24,
        inside: dots(
          [
            [366, 274],
            [400, 274],
            [434, 274],
          ],
          7,
          darker(metal, 0.6),
        ),
      }),
      solid(rect(290, 296, 220, 50, 18), metal, { shade: 36 }),
      flat('M340 346H460C560 440 540 580 460 650H340C260 580 240 440 340 346Z', ink.chalk, 0.26),
      flame(398, 640, 170),
      gleam('M320 410Q280 490 318 580', 13, 0.55),
      stroke('M280 500H520', ink.steel, 6, 0.7),
      solid(rect(330, 640, 140, 54, 10), darker(metal, 0.15), { shade: 26 }),
      solid(soft(40, [250, 700], [550, 700], [590, 842], [210, 842]), metal, { shade: 56 }),
      solid(rect(490, 680, 44, 34, 8), ink.brass, { shade: 8 }),
      cord('M470 666H520', ink.steel, 8) + dots([[526, 666]], 12, ink.brass),
    ].join('');
  },
  'noon-folding-panel': () => {
    const leaf = (x: number, y: number, skew: number) => {
      const at = (dx: number, dy: number) => `${x + dx} ${Math.round(y + dy + (skew * dx) / 150)}`;
      const cells = [0, 1]
        .flatMap((column) =>
          [0, 1, 2].map(
            (row) =>
              `M${at(16 + column * 61, 22 + row * 116)}L${at(71 + column * 61, 22 + row * 116)}L${at(71 + column * 61, 128 + row * 116)}L${at(16 + column * 61, 128 + row * 116)}Z`,
          ),
        )
        .join('');
      return solid(`M${at(0, 0)}L${at(150, 0)}L${at(150, 390)}L${at(0, 390)}Z`, ink.kelp, {
        shade: 10,
        light: 5,
        inside: flat(cells, ink.storm) + stroke(cells, ink.shallow, 2, 0.6),
      });
    };
    return [
      flat(ellipse(610, 220, 92), ink.glow, 0.25) + flat(ellipse(610, 220, 66), ink.gorse),
      shadow(400, 836, 330),
      leaf(100, 390, 40),
      leaf(250, 430, -40),
      leaf(400, 390, 40),
      leaf(550, 430, -40),
      dots(
        [
          [124, 408],
          [676, 408],
        ],
        9,
        ink.brass,
      ),
      cord('M250 800C200 900 420 860 440 900', ink.tar, 10),
      stitch('M250 436V820M400 396V780M550 436V820', ink.straw, 4),
      solid(rect(428, 880, 90, 48, 10), ink.iron, { shade: 10, inside: dots([[500, 904]], 7, ink.lichen) }),
    ].join('');
  },
};
