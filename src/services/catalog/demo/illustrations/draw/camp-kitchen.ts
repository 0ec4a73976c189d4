import type { Drawings } from '../canvas.ts';
import { ellipse, rect, soft } from '../outline.ts';
import { cord, flat, move, type Paint, scale, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { dots, flame, gleam, grain, steam } from '../texture.ts';

/** An enamel mug, its base at y = 840. */
export function enamelMug(x: number, y: number, colour: string, rim: string = ink.tar): Paint {
  return [
    cord(`M${x + 214} ${y - 190}c86 -6 92 120 -6 116`, colour, 24),
    solid(rect(x, y - 240, 220, 240, [10, 10, 34, 34]), colour, { shade: 40 }),
    solid(rect(x - 8, y - 252, 236, 24, 12), rim, { shade: 20, light: 4 }),
    gleam(`M${x + 34} ${y - 200}v120`, 12, 0.4),
  ].join('');
}

export const campKitchen: Drawings = {
  'boil-once-kettle': () => {
    const metal = ink.steel;
    return [
      shadow(400, 842, 270),
      steam(176, 470, 190),
      cord('M262 470C250 230 550 230 538 470', ink.tar, 26),
      solid('M260 640L164 500L140 520L134 496L180 466L206 474L300 560Z', metal, { shade: 18 }),
      solid(
        'M262 480H538C620 560 640 720 596 812C590 832 576 842 556 842H244C224 842 210 832 204 812C160 720 180 560 262 480Z',
        metal,
        {
          shade: 70,
          inside: stroke('M180 780H630M180 806H630', darker(metal, 0.35), 6, 0.6),
        },
      ),
      solid(rect(272, 448, 256, 44, 22), darker(metal, 0.12), { shade: 24 }),
      solid(rect(376, 406, 48, 46, 14), ink.rust, { shade: 14 }),
      solid(rect(236, 450, 44, 50, 10), ink.iron, { shade: 8 }),
      solid(rect(520, 450, 44, 50, 10), ink.iron, { shade: 8 }),
      gleam('M246 560Q214 640 226 730', 16, 0.5),
    ].join('');
  },
  'stacking-camp-mug': () =>
    [
      shadow(410, 842, 250),
      scale(0.94, 300, 600, enamelMug(250, 596, ink.gorse)),
      enamelMug(180, 842, ink.chalk, ink.deep),
      scale(0.9, 560, 842, enamelMug(430, 842, ink.storm)),
    ].join(''),
  'two-person-cook-set': () => {
    const metal = ink.steel;
    return [
      shadow(400, 842, 300),
      cord('M596 520H720', ink.tar, 26),
      solid(rect(180, 478, 430, 60, [10, 10, 26, 26]), ink.iron, { shade: 40 }),
      solid(rect(190, 540, 410, 302, [8, 8, 46, 46]), metal, {
        shade: 70,
        inside: stroke('M190 580H610', darker(metal, 0.25), 5),
      }),
      cord('M196 610C90 620 110 760 204 750', ink.tar, 16),
      gleam('M240 620V770', 16, 0.5),
      solid('M250 478C256 400 544 400 550 478Z', ink.oat, { shade: 36 }),
      solid('M284 420C290 360 510 360 516 420Z', lighter(ink.oat, 0.3), { shade: 30 }),
      solid(rect(468, 786, 210, 56, 26), ink.ember, { shade: 20 }),
    ].join('');
  },
  'long-spoon': () => {
    const metal = ink.steel;
    return [
      shadow(450, 842, 190),
      turn(
        24,
        400,
        500,
        [
          solid(soft(14, [384, 420], [416, 420], [424, 880], [376, 880]), metal, {
            shade: 10,
            inside: flat(ellipse(400, 850, 9), ink.iron),
          }),
          solid(
            'M400 120C470 120 484 250 464 330C452 384 424 400 414 440H386C376 400 348 384 336 330C316 250 330 120 400 120Z',
            lighter(metal, 0.12),
            {
              shade: 30,
              inside: flat(
                'M398 152C444 152 456 250 442 310C430 356 416 364 402 366C386 364 370 356 360 310C346 250 352 152 398 152Z',
                darker(metal, 0.14),
              ),
            },
          ),
          gleam('M362 210Q354 270 366 320', 11, 0.7),
        ].join(''),
      ),
    ].join('');
  },
  'drift-flask': () => {
    const paint = ink.slate;
    const flask = (colour: string) =>
      [
        solid(rect(300, 196, 150, 150, [26, 26, 8, 8]), ink.steel, {
          shade: 26,
          inside: stroke('M300 316H460', darker(ink.steel, 0.4), 6),
        }),
        solid(
          'M296 344H454C460 380 490 392 490 430V806C490 830 476 842 452 842H298C274 842 260 830 260 806V430C260 392 290 380 296 344Z',
          colour,
          { shade: 44, inside: flat(rect(240, 780, 270, 80), darker(colour, 0.3)) },
        ),
        gleam('M290 450V740', 13, 0.35),
        flat(ellipse(420, 560, 26), ink.gorse) + stroke('M402 566q10 -14 20 0q10 -14 20 0', darker(colour, 0.4), 5),
      ].join('');
    return [
      shadow(420, 842, 240),
      move(-90, 0, flask(paint)),
      scale(0.76, 560, 842, move(140, 0, flask(ink.moss))),
    ].join('');
  },
  'ember-twig-stove': () => {
    const metal = ink.steel;
    return [
      shadow(400, 842, 260),
      flame(392, 560, 250),
      turn(-16, 330, 500, solid(rect(300, 380, 24, 190, 8), ink.walnut, { shade: 6 })),
      turn(14, 470, 500, solid(rect(456, 400, 22, 180, 8), ink.tan, { shade: 6 })),
      solid(soft(8, [520, 480], [598, 540], [598, 842], [520, 842]), darker(metal, 0.3), { shade: 10 }),
      solid(soft(8, [230, 480], [526, 480], [546, 842], [210, 842]), metal, {
        shade: 44,
        inside: [
          flat(rect(300, 640, 150, 116, [70, 70, 4, 4]), darker(ink.rust, 0.45)),
          flame(374, 756, 90),
          dots(
            [
              [262, 540],
              [330, 540],
              [398, 540],
              [466, 540],
              [296, 580],
              [364, 580],
              [432, 580],
            ],
            12,
            darker(metal, 0.55),
          ),
          stroke('M214 470v60', ink.night, 30, 0.3),
        ].join(''),
      }),
      turn(-8, 320, 820, solid(rect(150, 770, 210, 26, 10), ink.walnut, { shade: 6 })),
      solid(rect(240, 456, 22, 40, 4), darker(metal, 0.2), { shade: 6 }),
      solid(rect(486, 456, 22, 40, 4), darker(metal, 0.2), { shade: 6 }),
    ].join('');
  },
  'kittiwake-burner': () => {
    const metal = ink.steel;
    return [
      shadow(400, 842, 230),
      solid('M250 640C250 590 550 590 550 640V800C550 830 530 842 500 842H300C270 842 250 830 250 800Z', ink.ember, {
        shade: 54,
        inside:
          flat(rect(240, 700, 320, 86), ink.chalk) +
          stroke('M300 744q24 -30 48 0q24 -30 48 0q24 -30 48 0q24 -30 48 0', ink.deep, 8),
      }),
      solid(rect(352, 560, 96, 50, 8), ink.iron, { shade: 16 }),
      solid(rect(372, 440, 56, 124, 8), ink.brass, { shade: 14 }),
      cord('M430 520H520', ink.steel, 12),
      stroke('M520 500C560 480 600 520 560 540C540 548 520 540 520 520', metal, 10),
      solid(rect(330, 396, 140, 52, 14), metal, { shade: 26 }),
      [330, 365, 400, 435, 470]
        .map((x) => flat(`M${x - 14} 396Q${x} 330 ${x + 2} 310Q${x + 18} 350 ${x + 14} 396Z`, ink.shallow))
        .join(''),
      stroke('M384 450L250 330L226 330M416 450L550 330L574 330M400 450V300', darker(metal, 0.2), 18),
      dots(
        [
          [226, 330],
          [574, 330],
          [400, 300],
        ],
        12,
        ink.iron,
      ),
    ].join('');
  },
  'cairn-skillet': () => {
    const iron = ink.iron;
    return [
      shadow(360, 836, 260),
      turn(
        -38,
        400,
        520,
        [
          solid(rect(560, 482, 270, 76, [20, 38, 38, 20]), iron, {
            shade: 20,
            inside: flat(ellipse(786, 520, 20, 14), ink.straw),
          }),
          solid(soft(10, [150, 490], [210, 500], [210, 540], [150, 550]), iron, { shade: 10 }),
          solid(ellipse(390, 520, 232), iron, { shade: 44, light: 14 }),
          solid(ellipse(390, 520, 194), darker(iron, 0.28), {
            shade: 0,
            light: 0,
            inside: flat(ellipse(404, 530, 178), darker(iron, 0.12)),
          }),
        ].join(''),
      ),
      gleam('M250 470Q300 380 400 372', 12, 0.25),
      turn(
        -20,
        400,
        540,
        solid(ellipse(360, 540, 72, 52), ink.gorse, { shade: 16 }) +
          solid(ellipse(450, 600, 60, 44), ink.gorse, { shade: 14 }) +
          solid(ellipse(330, 640, 54, 40), ink.oat, { shade: 14 }),
      ),
    ].join('');
  },
  'hut-knife-and-board': () => {
    const wood = ink.beech;
    return [
      shadow(400, 836, 250),
      turn(
        -6,
        400,
        600,
        solid(rect(210, 280, 340, 556, 34), wood, {
          shade: 44,
          inside: turn(90, 400, 560, grain(100, 400, 600, 340, wood)),
        }) + flat(ellipse(380, 334, 20), darker(wood, 0.5)),
      ),
      turn(
        26,
        470,
        560,
        [
          solid('M440 180C500 230 516 340 510 520H440Z', ink.steel, { shade: 18 }),
          gleam('M456 250V500', 7, 0.7),
          solid(rect(432, 516, 84, 26, 6), ink.brass, { shade: 10 }),
          solid(rect(436, 540, 76, 250, [6, 6, 34, 34]), ink.walnut, {
            shade: 22,
            inside: dots(
              [
                [474, 600],
                [474, 720],
              ],
              9,
              ink.brass,
            ),
          }),
        ].join(''),
      ),
    ].join('');
  },
  'spice-tins': () => {
    const tin = (x: number, y: number, dotCount: number, lid: string) =>
      [
        solid(rect(x, y, 150, 130, 8), ink.steel, {
          shade: 28,
          light: 0,
          inside: flat(rect(x, y + 40, 150, 66), ink.bone),
        }),
        solid(rect(x - 5, y - 26, 160, 48, 8), lid, { shade: 22, light: 0 }),
        dots(
          Array.from(
            { length: dotCount },
            (_, at) => [x + 36 + (at % 3) * 38, y + (dotCount > 3 ? 60 : 74) + Math.floor(at / 3) * 28] as const,
          ),
          8,
          ink.tar,
        ),
      ].join('');
    return [
      shadow(400, 842, 270),
      ...[0, 1, 2].map(
        (row) =>
          tin(230, 712 - row * 164, 1 + row * 2, [ink.rust, ink.gorse, ink.moss][row] as string) +
          tin(416, 712 - row * 164, 2 + row * 2, [ink.deep, ink.ember, ink.kelp][row] as string),
      ),
      solid(rect(386, 300, 26, 542, 8), ink.tan, { shade: 8, inside: stitch('M399 310V840', ink.bone, 3) }),
      solid(rect(378, 280, 42, 50, 8), ink.brass, { shade: 8 }),
    ].join('');
  },
  'enamel-plate-pair': () => {
    const plate = (colour: string) =>
      [
        solid(ellipse(400, 500, 240), colour, { shade: 34 }),
        solid(ellipse(400, 500, 222), ink.chalk, { shade: 20, light: 0 }),
        solid(ellipse(404, 504, 150), lighter(ink.bone, 0.3), { shade: 0, light: 14, lightStrength: 0.01 }),
        stroke(ellipse(402, 502, 152), darker(ink.bone, 0.2), 6, 0.5),
        gleam('M250 430Q290 340 370 312', 13, 0.6),
      ].join('');
    return [shadow(420, 836, 250), move(60, 66, plate(ink.rust)), move(-50, 96, plate(ink.storm))].join('');
  },
};
