import type { Drawings } from '../canvas.ts';
import { blob, ellipse, rect, soft } from '../outline.ts';
import { cord, flat, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { dots } from '../texture.ts';

export const shelter: Drawings = {
  'lee-two-tent': () => {
    const cloth = ink.moss;
    return [
      shadow(400, 806, 350),
      stroke('M150 640L64 800M650 640L742 792', ink.chalk, 5),
      solid('M96 800C150 560 280 400 420 386C560 400 660 560 712 800Z', cloth, {
        shade: 70,
        inside: [
          flat('M420 386C560 400 660 560 712 800H560C560 620 500 460 420 386Z', darker(cloth, 0.2)),
          flat('M90 770H720V810H90Z', darker(cloth, 0.4)),
        ].join(''),
      }),
      flat('M236 800C250 640 330 480 420 400C470 480 500 640 506 800Z', darker(cloth, 0.6)),
      flat('M330 800C340 690 380 560 420 470C446 560 462 690 466 800Z', ink.glow, 0.5),
      solid('M236 800C250 640 330 480 420 400C404 520 352 660 352 800Z', lighter(cloth, 0.16), { shade: 16 }),
      stroke('M96 800C150 560 280 400 420 386C560 400 660 560 712 800', ink.gorse, 9),
      turn(20, 66, 800, flat(rect(60, 776, 10, 50, 4), ink.steel)),
      turn(-20, 742, 792, flat(rect(736, 770, 10, 50, 4), ink.steel)),
    ].join('');
  },
  'lark-down-bag': () => {
    const cloth = ink.water;
    const rows = [340, 420, 500, 580, 660, 740].map((y) => `M180 ${y}q220 36 440 0`).join('');
    return [
      shadow(420, 846, 220),
      solid(
        blob(
          [400, 150],
          [530, 190],
          [580, 300],
          [574, 480],
          [530, 700],
          [490, 820],
          [400, 846],
          [310, 820],
          [270, 700],
          [226, 480],
          [220, 300],
          [270, 190],
        ),
        cloth,
        {
          shade: 60,
          inside:
            stroke(rows, darker(cloth, 0.35), 7, 0.7) +
            stroke(rows.replaceAll('q220 36', 'q220 54'), lighter(cloth, 0.3), 5, 0.4),
        },
      ),
      flat(ellipse(400, 270, 112, 92), darker(cloth, 0.55)),
      solid(ellipse(400, 284, 92, 72), ink.ember, { shade: 18 }),
      solid(blob([320, 296], [400, 262], [480, 296], [470, 344], [400, 356], [330, 344]), ink.chalk, { shade: 16 }),
      stroke('M474 352C510 480 500 620 470 740', ink.gorse, 8),
      flat(rect(474, 380, 14, 44, 6), ink.tar),
    ].join('');
  },
  'mossbank-mat': () => {
    const cloth = ink.lichen;
    return [
      shadow(420, 842, 300),
      solid(soft(30, [330, 620], [690, 690], [690, 800], [330, 842]), cloth, {
        shade: 24,
        inside: stroke('M330 690L700 716M330 750L700 752M330 806L700 786', darker(cloth, 0.35), 6, 0.7),
      }),
      solid(rect(150, 300, 250, 542, 70), cloth, {
        shade: 54,
        inside: stroke('M206 300V842M262 300V842M318 300V842', darker(cloth, 0.3), 6, 0.6),
      }),
      flat(ellipse(276, 352, 92, 40), darker(cloth, 0.35)) +
        stroke('M276 352m-66 0a66 28 0 1 1 132 0a44 18 0 1 1 -88 0a22 9 0 1 1 44 0', lighter(cloth, 0.25), 7),
      solid(rect(146, 520, 258, 40, 8), ink.tar, { shade: 20 }),
      solid(rect(250, 508, 50, 64, 10), ink.iron, { shade: 10 }),
      solid(ellipse(664, 744, 18), ink.rust, { shade: 7 }),
    ].join('');
  },
  'drizzle-tarp': () => {
    const cloth = ink.shallow;
    return [
      shadow(400, 806, 330),
      stroke('M128 470L50 800M676 470L752 800', ink.chalk, 5),
      solid(rect(240, 330, 16, 470, 6), ink.walnut, { shade: 6 }),
      solid(rect(548, 330, 16, 470, 6), ink.walnut, { shade: 6 }),
      solid('M248 330Q400 366 556 330L690 470Q560 520 640 560Q400 500 160 560Q240 520 118 470Z', cloth, {
        shade: 26,
        inside:
          flat('M248 330Q400 366 556 330L640 570H160Z', lighter(cloth, 0.14)) +
          stroke('M402 350V560', darker(cloth, 0.25), 5),
      }),
      stroke('M160 560L104 800M640 560L700 800', ink.chalk, 5),
      dots(
        [
          [128, 470],
          [684, 470],
          [162, 556],
          [638, 556],
        ],
        11,
        ink.rust,
      ),
      stroke(
        'M226 250l-14 44M330 220l-14 44M440 236l-14 44M548 214l-14 44M640 262l-14 44M154 300l-14 44',
        ink.water,
        7,
        0.6,
      ),
      solid(soft(12, [330, 700], [470, 700], [486, 800], [314, 800]), ink.ember, {
        shade: 24,
        inside: flat(rect(300, 690, 200, 36), ink.tan),
      }),
    ].join('');
  },
  'larch-hammock': () => {
    const cloth = ink.oat;
    return [
      shadow(400, 842, 270),
      solid(rect(52, 120, 90, 730, [10, 10, 26, 26]), ink.walnut, {
        shade: 28,
        inside: stroke('M76 160v180M104 260v240M80 480v260', darker(ink.walnut, 0.4), 7, 0.6),
      }),
      solid(rect(658, 120, 90, 730, [10, 10, 26, 26]), ink.walnut, {
        shade: 28,
        inside: stroke('M684 200v200M716 380v180M690 560v220', darker(ink.walnut, 0.4), 7, 0.6),
      }),
      stroke('M140 380L196 430M140 380L230 470M660 380L604 430M660 380L570 470', ink.walnut, 7),
      solid('M188 420Q400 640 612 420C616 640 520 760 400 762C280 760 184 640 188 420Z', cloth, {
        shade: 40,
        inside: ['M188 470Q400 800 612 470', 'M190 540Q400 900 610 540']
          .map((line, at) => stroke(line, at ? ink.rust : ink.deep, 26))
          .join(''),
      }),
      flat('M188 420Q400 640 612 420Q560 560 400 566Q240 560 188 420Z', darker(cloth, 0.35)),
      solid(rect(44, 350, 106, 56, 6), ink.gorse, { shade: 16 }),
      solid(rect(650, 350, 106, 56, 6), ink.gorse, { shade: 16 }),
    ].join('');
  },
  'ballast-pillow': () => {
    const cloth = ink.slate;
    return [
      shadow(400, 800, 290),
      turn(
        -14,
        400,
        500,
        solid(
          blob(
            [190, 330],
            [230, 280],
            [400, 256],
            [590, 280],
            [628, 340],
            [616, 470],
            [590, 540],
            [400, 560],
            [220, 540],
            [200, 460],
          ),
          ink.oat,
          {
            shade: 46,
            light: 14,
            inside: stroke(
              'M230 300C290 370 290 460 236 530M590 300C530 370 530 460 584 530',
              darker(ink.oat, 0.22),
              6,
              0.7,
            ),
          },
        ),
      ),
      solid(
        blob(
          [130, 560],
          [170, 500],
          [400, 470],
          [630, 500],
          [672, 560],
          [660, 700],
          [640, 772],
          [400, 800],
          [160, 772],
          [142, 700],
        ),
        cloth,
        {
          shade: 54,
          light: 16,
          inside: stroke(
            'M170 520C240 560 240 720 176 760M630 520C560 560 560 720 624 760',
            darker(cloth, 0.25),
            6,
            0.7,
          ),
        },
      ),
      stroke('M400 486q-24 150 0 300', darker(cloth, 0.2), 5, 0.5),
      solid(rect(560, 640, 96, 30, 10), ink.gorse, { shade: 8 }),
    ].join('');
  },
  'silk-hut-liner': () => {
    const silk = ink.bone;
    const sheen = (y: number) =>
      stroke(`M150 ${y}C230 ${y - 26} 330 ${y + 20} 420 ${y - 6}S540 ${y - 10} 580 ${y + 4}`, ink.chalk, 9, 0.9);
    const fold = (y: number, colour: string, inset: number) =>
      solid(
        `M${130 + inset} ${y + 44}C${120 + inset} ${y - 6} 230 ${y + 8} 330 ${y - 6}S560 ${y - 16} ${600 - inset} ${y + 14}C${626 - inset} ${y + 40} ${616 - inset} ${y + 92} ${580 - inset} ${y + 98}C460 ${y + 112} 260 ${y + 108} ${160 + inset} ${y + 100}C${138 + inset} ${y + 96} ${132 + inset} ${y + 70} ${130 + inset} ${y + 44}Z`,
        colour,
        { shade: 30, inside: sheen(y + 40) },
      );
    return [
      shadow(400, 842, 300),
      fold(736, darker(silk, 0.1), 0),
      fold(650, silk, 10),
      fold(564, darker(silk, 0.06), 4),
      solid(
        'M160 560C150 470 260 500 330 476C420 450 520 470 576 500C590 540 560 590 500 640C440 690 420 740 380 800C340 720 330 680 270 640C210 610 166 600 160 560Z',
        lighter(silk, 0.3),
        {
          shade: 34,
          shadeStrength: 0.14,
          inside: stroke(
            'M230 540C320 560 360 640 380 760M330 510C400 560 410 640 396 720M470 500C450 570 430 620 410 680',
            darker(silk, 0.2),
            6,
            0.5,
          ),
        },
      ),
      solid(soft(34, [520, 650], [670, 650], [684, 842], [506, 842]), ink.storm, {
        shade: 34,
        inside: stitch('M520 690H680', ink.fog, 4),
      }),
      cord('M560 652C560 600 630 600 630 652', ink.gorse, 9),
    ].join('');
  },
  'tripod-stool': () => {
    const hide = ink.tan;
    return [
      shadow(400, 842, 230),
      turn(-22, 400, 560, solid(rect(384, 320, 34, 560, [10, 10, 14, 14]), darker(ink.beech, 0.12), { shade: 12 })),
      turn(22, 400, 560, solid(rect(384, 320, 34, 560, [10, 10, 14, 14]), ink.beech, { shade: 12 })),
      solid(rect(384, 400, 36, 448, [6, 6, 14, 14]), lighter(ink.beech, 0.1), { shade: 12 }),
      solid(ellipse(402, 566, 24), ink.brass, { shade: 9 }),
      solid(
        'M240 300C300 350 340 392 402 440C470 392 510 350 566 300C590 276 570 262 540 270C450 296 350 296 264 270C234 262 216 278 240 300Z',
        hide,
        {
          shade: 34,
          inside: stitch(
            'M262 296C350 326 450 326 544 296M270 310Q340 370 402 416M536 310Q470 370 402 416',
            ink.oat,
            4,
          ),
        },
      ),
    ].join('');
  },
  'peg-and-line-kit': () => {
    const cloth = ink.moss;
    const peg = (x: number, y: number, colour: string) =>
      solid(`M${x} ${y}h26l-5 250l-8 34l-8 -34Z`, colour, {
        shade: 8,
        inside: flat(ellipse(x + 13, y + 24, 6), ink.night),
      });
    return [
      shadow(400, 846, 290),
      solid(rect(140, 420, 520, 426, 18), cloth, {
        shade: 44,
        inside: stitch('M140 640H660', lighter(cloth, 0.5)) + flat(rect(140, 640, 520, 220), darker(cloth, 0.16)),
      }),
      ...[0, 1, 2, 3, 4].map((at) => peg(180 + at * 52, 330 + (at % 2) * 12, at === 2 ? ink.ember : ink.steel)),
      solid(rect(140, 560, 300, 286, [0, 0, 18, 18]), darker(cloth, 0.1), {
        shade: 0,
        inside:
          stroke('M218 560V846M270 560V846M322 560V846M374 560V846', darker(cloth, 0.4), 4) +
          stitch('M140 574H440', lighter(cloth, 0.5)),
      }),
      stroke(ellipse(548, 560, 66, 84), ink.ember, 20) + stroke(ellipse(548, 560, 46, 66), ink.gorse, 16),
      solid(rect(482, 536, 132, 44, 8), ink.ember, { shade: 14 }),
      solid(rect(510, 730, 90, 34, 14), ink.beech, {
        shade: 8,
        inside: dots(
          [
            [530, 747],
            [580, 747],
          ],
          7,
          ink.walnut,
        ),
      }),
      cord('M660 500C740 520 740 640 676 660', ink.tan, 10),
    ].join('');
  },
  'bracken-camp-quilt': () => {
    const cloth = ink.rust;
    const fold = (y: number, colour: string, inset: number) =>
      solid(rect(150 + inset, y, 500 - inset * 2, 104, [48, 40, 40, 48]), colour, {
        shade: 40,
        inside: stroke(
          Array.from({ length: 7 }, (_, at) => `M${220 + at * 62} ${y}v104`).join(''),
          darker(colour, 0.35),
          6,
          0.6,
        ),
      });
    return [
      shadow(400, 842, 290),
      fold(738, cloth, 0),
      fold(642, darker(cloth, 0.08), 8),
      fold(546, cloth, 4),
      solid(rect(156, 450, 488, 104, [56, 48, 30, 40]), lighter(cloth, 0.1), {
        shade: 40,
        inside: stroke(
          Array.from({ length: 7 }, (_, at) => `M${220 + at * 62} 450v104`).join(''),
          darker(cloth, 0.3),
          6,
          0.6,
        ),
      }),
      flat('M470 452H560V640Q516 664 470 640Z', ink.oat) +
        stroke('M470 626Q516 650 560 626M470 470V636M560 470V636', darker(ink.oat, 0.35), 4),
      dots(
        [
          [515, 500],
          [515, 556],
          [515, 612],
        ],
        11,
        ink.walnut,
      ),
      solid(rect(196, 424, 70, 440, 8), ink.walnut, { shade: 12, inside: stitch('M231 430V860', ink.straw, 4) }),
      solid(rect(186, 600, 90, 60, 10), ink.brass, { shade: 14 }),
    ].join('');
  },
};
