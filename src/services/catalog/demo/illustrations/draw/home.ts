import type { Drawings } from '../canvas.ts';
import { blob, ellipse, poly, rect, soft } from '../outline.ts';
import { cord, flat, move, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { bands, dots, flame, gleam, grain, halo, steam } from '../texture.ts';

export const home: Drawings = {
  'first-snow-blanket': () => {
    const fringe = (x: number, y: number, count: number, step: number) =>
      stroke(
        Array.from({ length: count }, (_, at) => `M${x + at * step} ${y}l${(at % 3) - 1} 44`).join(''),
        ink.bone,
        9,
      );
    return [
      shadow(400, 868, 280),
      solid(rect(110, 300, 580, 34, 17), ink.oak, { shade: 14 }),
      solid(rect(140, 330, 30, 530, 6), ink.oak, { shade: 10 }) +
        solid(rect(630, 330, 30, 530, 6), darker(ink.oak, 0.12), { shade: 10 }),
      fringe(500, 640, 6, 22),
      solid(soft(12, [470, 286], [640, 286], [632, 650], [486, 650]), darker(ink.fog, 0.1), {
        shade: 26,
        inside: bands(460, 420, 200, 130, ink.slate, 2),
      }),
      fringe(196, 762, 17, 21),
      solid('M180 300C180 280 560 280 560 300L548 770H192Z', ink.chalk, {
        shade: 44,
        inside:
          flat('M170 560H570V790H170Z', ink.stone) +
          flat('M170 670H570V790H170Z', ink.tar) +
          stroke(
            'M170 560l22 -16 22 16 22 -16 22 16 22 -16 22 16 22 -16 22 16 22 -16 22 16 22 -16 22 16 22 -16 22 16 22 -16 22 16 22 -16 22 16',
            ink.chalk,
            7,
          ) +
          dots(
            [
              [250, 360],
              [330, 420],
              [430, 370],
              [500, 450],
              [280, 480],
              [390, 500],
              [230, 430],
              [470, 330],
            ],
            9,
            ink.fog,
          ),
      }),
      solid(rect(470, 706, 56, 40, 3), ink.bone, { shade: 4, light: 0, inside: stitch('M478 726H520', ink.rust, 4) }),
    ].join('');
  },
  'slow-linen-towel': () => {
    const cloth = ink.oat;
    const waffle = [
      Array.from({ length: 9 }, (_, at) => `M${262 + at * 34} 280V800`),
      Array.from({ length: 14 }, (_, at) => `M240 ${322 + at * 34}H560`),
    ]
      .flat()
      .join('');
    return [
      shadow(400, 870, 210, 18),
      solid(ellipse(400, 180, 26), ink.oak, { shade: 10 }) +
        stroke('M400 260C370 230 380 176 400 176S430 230 400 260', ink.rust, 10),
      solid('M400 250C340 256 270 270 250 320L236 800Q400 830 564 800L550 320C530 270 460 256 400 250Z', cloth, {
        shade: 56,
        inside:
          stroke(waffle, darker(cloth, 0.25), 4, 0.5) +
          flat('M220 690H580V720H220ZM220 736H580V748H220Z', ink.rust) +
          stroke('M400 260C380 420 360 600 350 810M410 260C440 420 460 600 470 810', darker(cloth, 0.3), 9, 0.4),
      }),
    ].join('');
  },
  'pine-tar-soap': () =>
    [
      shadow(400, 836, 300),
      solid(soft(16, [130, 770], [690, 770], [660, 836], [160, 836]), ink.oak, {
        shade: 30,
        inside: grain(130, 770, 560, 66, ink.oak),
      }),
      flat('M220 742h40v30h-40ZM380 742h40v30h-40ZM540 742h40v30h-40Z', darker(ink.oak, 0.35)),
      solid(rect(180, 560, 440, 190, 52), ink.walnut, { shade: 54, light: 14 }),
      stroke(rect(226, 600, 340, 106, 36), darker(ink.walnut, 0.4), 6),
      stroke('M396 690V616M396 616l-26 30M396 616l26 30M396 640l-34 34M396 640l34 34', ink.tan, 9),
      gleam('M222 600Q230 584 262 580', 12, 0.4),
      ...(
        [
          [240, 500, 46],
          [318, 470, 30],
          [560, 490, 54],
          [500, 430, 26],
          [622, 420, 22],
          [200, 420, 20],
        ] as const
      ).map(
        ([x, y, r]) =>
          flat(ellipse(x, y, r), ink.chalk, 0.65) +
          stroke(`M${x - r * 0.55} ${y - r * 0.2}q${r * 0.1} ${-r * 0.4} ${r * 0.45} ${-r * 0.45}`, ink.water, 5, 0.5),
      ),
    ].join(''),
  'beeswax-tapers': () => {
    const taper = (x: number, top: number) =>
      solid(soft(8, [x - 15, top], [x + 15, top], [x + 22, 640], [x - 22, 640]), ink.gorse, { shade: 14, light: 5 });
    return [
      halo(290, 270, 150, 0.35),
      shadow(400, 842, 260),
      flame(288, 320, 110),
      taper(290, 320) + solid(rect(262, 620, 56, 40, 6), ink.iron, { shade: 12 }),
      solid(
        'M210 660H370C370 700 330 710 310 720V800H350C380 800 390 842 390 842H190C190 842 200 800 230 800H270V720C250 710 210 700 210 660Z',
        ink.iron,
        { shade: 30 },
      ),
      ...[0, 1, 2, 3].map((at) =>
        turn(
          (at - 1.5) * 3,
          540,
          842,
          solid(
            soft(
              8,
              [448 + at * 52, 396 + (at % 2) * 16],
              [474 + at * 52, 396 + (at % 2) * 16],
              [482 + at * 52, 842],
              [440 + at * 52, 842],
            ),
            at % 2 ? ink.gorse : darker(ink.gorse, 0.1),
            { shade: 13, light: 4 },
          ) + stroke(`M${461 + at * 52} ${394 + (at % 2) * 16}q${at % 2 ? 10 : -8} -24 4 -44`, ink.bone, 6),
        ),
      ),
      solid(rect(424, 620, 226, 76, 8), ink.deep, {
        shade: 20,
        inside: stroke(
          'M480 658l17 -10 17 10v18l-17 10 -17 -10ZM531 658l17 -10 17 10v18l-17 10 -17 -10Z',
          ink.gorse,
          5,
        ),
      }),
    ].join('');
  },
  'hearth-brush-and-pan': () => {
    const paint = ink.deep;
    return [
      shadow(400, 842, 290),
      turn(
        -8,
        300,
        600,
        [
          cord('M290 470V240', paint, 34) + stroke(ellipse(290, 214, 22), paint, 12),
          solid(soft(24, [170, 480], [420, 480], [480, 830], [110, 830]), paint, {
            shade: 40,
            inside: flat(poly([200, 540], [392, 540], [440, 830], [150, 830]), darker(paint, 0.3)),
          }),
          solid(rect(104, 814, 382, 22, 8), lighter(paint, 0.3), { shade: 10 }),
        ].join(''),
      ),
      turn(
        14,
        560,
        640,
        [
          solid(rect(540, 240, 44, 290, [22, 22, 6, 6]), ink.beech, {
            shade: 14,
            inside: dots([[562, 274]], 8, ink.walnut),
          }),
          solid(rect(450, 520, 224, 84, 26), ink.beech, { shade: 28, inside: grain(450, 520, 224, 84, ink.beech) }),
          solid(soft(12, [458, 600], [666, 600], [690, 770], [436, 770]), ink.walnut, {
            shade: 24,
            inside: stroke(
              Array.from({ length: 11 }, (_, at) => `M${474 + at * 18} 604L${456 + at * 21} 770`).join(''),
              darker(ink.walnut, 0.45),
              5,
              0.7,
            ),
          }),
        ].join(''),
      ),
    ].join('');
  },
  'five-peg-coat-rail': () => {
    const wood = ink.oak;
    const peg = (x: number) =>
      flat(rect(x - 16, 344, 32, 80, 12), darker(wood, 0.3)) +
      solid(ellipse(x, 344, 26), lighter(wood, 0.12), { shade: 9, light: 0 });
    return [
      shadow(400, 880, 280, 16),
      solid(rect(64, 300, 672, 96, 16), wood, { shade: 26, inside: grain(64, 300, 672, 96, wood) }),
      dots(
        [
          [96, 348],
          [704, 348],
        ],
        8,
        ink.brass,
      ),
      solid('M166 392H198L236 700H126Z', ink.rust, {
        shade: 20,
        inside: bands(110, 560, 140, 110, ink.oat, 3) + stroke('M182 400V700', darker(ink.rust, 0.3), 5, 0.6),
      }),
      stroke('M132 702l-4 34M156 702l-3 34M180 702v34M206 702l3 34M230 702l4 34', ink.rust, 8),
      stroke('M400 392C380 400 380 420 400 430S420 400 400 392', ink.iron, 6),
      solid(soft(26, [390, 420], [412, 420], [500, 480], [520, 840], [290, 840], [310, 480]), ink.gorse, {
        shade: 44,
        light: 0,
        inside:
          stroke('M402 430V840', darker(ink.gorse, 0.4), 6) +
          stroke('M330 660l50 14M480 660l-50 14', darker(ink.gorse, 0.5), 7) +
          dots(
            [
              [402, 540],
              [402, 620],
              [402, 760],
            ],
            9,
            ink.tar,
          ),
      }),
      ...[180, 290, 400, 510, 620].map(peg),
      solid(blob([560, 420], [580, 350], [620, 326], [664, 350], [684, 420], [620, 436]), ink.storm, {
        shade: 22,
        light: 0,
      }) +
        solid(rect(544, 402, 156, 48, 24), ink.slate, {
          shade: 16,
          light: 0,
          inside: stroke(
            'M570 402V450M596 402V450M622 402V450M648 402V450M674 402V450',
            darker(ink.slate, 0.35),
            4,
            0.7,
          ),
        }),
    ].join('');
  },
  'window-thermometer': () => {
    const metal = ink.brass;
    const marks = Array.from({ length: 17 }, (_, at) => `M${466} ${360 + at * 22}h${at % 4 === 0 ? 44 : 24}`).join('');
    return [
      shadow(420, 872, 170, 16),
      flat(rect(60, 130, 150, 720), ink.shallow, 0.5) +
        solid(rect(196, 100, 70, 780), ink.chalk, { shade: 16 }) +
        flat(rect(40, 460, 160, 26), ink.chalk) +
        stroke('M90 190l60 -40M90 240l90 -60M90 560l60 -40', ink.chalk, 10, 0.6),
      cord('M260 360H320M260 700H320', metal, 20),
      solid(poly([310, 250], [400, 190], [570, 250], [570, 280], [310, 280]), ink.rust, { shade: 24 }),
      solid(rect(320, 278, 230, 540, [4, 4, 30, 30]), ink.chalk, { shade: 30 }),
      stroke(rect(336, 296, 198, 504, 18), metal, 7),
      stroke(marks, ink.tar, 5),
      flat(rect(406, 330, 34, 410, 17), ink.fog) +
        flat(ellipse(423, 736, 34), ink.rust) +
        flat(rect(413, 520, 20, 210), ink.rust),
      gleam('M413 350V490', 6, 0.9) + dots([[412, 726]], 8, ink.chalk),
      stroke('M362 380h20M372 370v20', ink.rust, 5) + stroke('M362 660h22', ink.deep, 6),
    ].join('');
  },
  'coir-doormat': () => {
    const coir = ink.straw;
    const tufts = Array.from(
      { length: 60 },
      (_, at) => `M${150 + ((at * 83) % 500)} ${520 + ((at * 47) % 230)}l${(at % 3) * 5 - 5} -12`,
    ).join('');
    return [
      shadow(400, 812, 350),
      solid(soft(16, [140, 490], [660, 490], [760, 790], [40, 790]), darker(coir, 0.15), { shade: 0 }),
      solid(soft(16, [142, 470], [658, 470], [756, 766], [44, 766]), coir, {
        shade: 26,
        inside:
          stroke(tufts, darker(coir, 0.4), 5, 0.7) +
          stroke(soft(14, [156, 486], [644, 486], [728, 748], [72, 748]), ink.tar, 20) +
          stitch(soft(14, [156, 486], [644, 486], [728, 748], [72, 748]), ink.slate, 8),
      }),
      move(
        40,
        -40,
        solid(
          'M430 600V400C430 384 520 384 520 400V540C560 560 600 570 610 600C614 620 606 630 590 630H440C430 630 430 616 430 600Z',
          ink.moss,
          { shade: 24, inside: flat(rect(420, 380, 120, 40), ink.lichen) + flat(rect(420, 606, 220, 30), ink.tar) },
        ),
      ),
      move(
        -120,
        -10,
        solid(
          'M430 600V400C430 384 520 384 520 400V540C560 560 600 570 610 600C614 620 606 630 590 630H440C430 630 430 616 430 600Z',
          ink.moss,
          { shade: 24, inside: flat(rect(420, 380, 120, 40), ink.lichen) + flat(rect(420, 606, 220, 30), ink.tar) },
        ),
      ),
      dots(
        [
          [540, 700],
          [580, 712],
          [560, 724],
          [240, 700],
          [216, 712],
        ],
        5,
        ink.walnut,
      ),
    ].join('');
  },
  'kiln-serving-bowl': () =>
    [
      shadow(400, 842, 290),
      solid(rect(300, 790, 200, 52, [4, 4, 14, 14]), ink.tan, { shade: 30 }),
      flat(ellipse(400, 540, 290, 62), darker(ink.deep, 0.45)),
      solid(ellipse(320, 516, 66, 62), ink.gorse, { shade: 20 }) +
        solid(ellipse(440, 500, 74, 68), ink.rust, { shade: 24 }) +
        solid(ellipse(536, 528, 52, 48), ink.lichen, { shade: 16 }) +
        stroke('M440 436q6 -30 26 -36M320 456q-4 -20 6 -32', ink.walnut, 7),
      solid(
        'M110 540C110 560 240 604 400 604S690 560 690 540C690 690 600 810 480 810H320C200 810 110 690 110 540Z',
        ink.water,
        {
          shade: 70,
          light: 14,
          inside:
            flat('M90 690Q140 730 190 700T300 730 400 706 520 740 620 700 720 700V840H90Z', ink.tan) +
            flat('M200 690q20 90 40 20ZM440 700q22 80 44 16Z', ink.water),
        },
      ),
      stroke('M110 540C110 560 240 604 400 604S690 560 690 540', lighter(ink.water, 0.35), 9),
      gleam('M170 640Q200 720 250 750', 14, 0.4),
    ].join(''),
  'rainy-day-teapot': () => {
    const glaze = ink.storm;
    return [
      shadow(400, 842, 280),
      steam(120, 400, 150),
      cord('M270 450C250 210 550 210 530 450', ink.straw, 26) + stitch('M270 450C250 210 550 210 530 450', ink.tan, 22),
      solid('M240 620C180 610 150 520 110 500L140 470C200 490 220 540 280 540Z', glaze, { shade: 14 }),
      solid(
        'M270 470H530C620 520 650 640 600 740C570 800 520 842 460 842H340C280 842 230 800 200 740C150 640 180 520 270 470Z',
        glaze,
        {
          shade: 76,
          light: 14,
          inside:
            flat('M140 730Q270 770 400 740T680 730V860H140Z', ink.oat) +
            dots(
              [
                [330, 800],
                [420, 790],
                [500, 806],
              ],
              5,
              ink.tan,
            ),
        },
      ),
      solid('M280 470C290 420 510 420 520 470Z', lighter(glaze, 0.08), { shade: 26 }),
      solid(ellipse(400, 412, 28, 24), glaze, { shade: 10 }),
      solid(rect(256, 440, 30, 40, 10), ink.walnut, { shade: 6 }) +
        solid(rect(514, 440, 30, 40, 10), ink.walnut, { shade: 6 }),
      gleam('M226 580Q214 640 234 700', 16, 0.45),
      stroke(
        'M620 250l-12 40M690 300l-12 40M660 190l-12 40M150 250l-12 40M210 190l-12 40M90 330l-12 40',
        ink.shallow,
        8,
        0.7,
      ),
    ].join('');
  },
};
