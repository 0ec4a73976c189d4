import type { Drawings } from '../canvas.ts';
import { ellipse, poly, rect, soft } from '../outline.ts';
import { cord, flat, move, type Paint, shadow, solid, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { dots, gleam, steam } from '../texture.ts';
import { tern } from './light.ts';

function bean(x: number, y: number, angle: number, colour: string = ink.walnut): Paint {
  return turn(
    angle,
    x,
    y,
    solid(ellipse(x, y, 34, 23), colour, { shade: 8, light: 4 }) +
      stroke(`M${x - 30} ${y}q15 -9 30 0t30 0`, darker(colour, 0.5), 5),
  );
}

/** A bag of coffee with a flat bottom, its label with whatever is on it. */
function bag(paper: string, label: string, onLabel: Paint): Paint {
  return [
    solid(soft(16, [236, 330], [564, 330], [590, 842], [210, 842]), paper, {
      shade: 56,
      inside: stroke('M250 330L226 842M550 330L574 842', darker(paper, 0.25), 5, 0.7),
    }),
    solid(rect(230, 250, 340, 96, 10), darker(paper, 0.1), {
      shade: 30,
      inside: stroke('M230 296H570', darker(paper, 0.35), 5),
    }),
    solid(rect(222, 282, 18, 40, 4), ink.brass, { shade: 4, light: 0 }) +
      solid(rect(560, 282, 18, 40, 4), ink.brass, { shade: 4, light: 0 }),
    solid(rect(264, 430, 272, 290, 12), label, { shade: 20, light: 0, inside: onLabel }),
  ].join('');
}

export const coffee: Drawings = {
  'morning-crossing-coffee': () =>
    [
      shadow(410, 846, 260),
      bag(
        ink.tan,
        ink.bone,
        flat(ellipse(400, 570, 74), ink.ember) +
          flat('M250 590q38 -30 75 0t75 0t75 0t75 0V730H250Z', ink.water) +
          flat('M250 640q38 -26 75 0t75 0t75 0t75 0V730H250Z', ink.deep) +
          flat(poly([346, 570], [454, 570], [430, 600], [370, 600]), ink.chalk) +
          flat(rect(380, 540, 40, 32), ink.chalk) +
          flat(rect(406, 512, 14, 30), ink.rust),
      ),
      bean(650, 836, 20),
      bean(176, 848, -30),
      bean(706, 866, -20),
    ].join(''),
  'late-ferry-decaf': () =>
    [
      shadow(410, 846, 260),
      bag(
        ink.storm,
        ink.night,
        flat(ellipse(458, 510, 40), ink.glow) +
          flat(ellipse(476, 498, 36), ink.night) +
          dots(
            [
              [310, 480],
              [356, 530],
              [400, 466],
              [500, 600],
              [300, 570],
            ],
            5,
            ink.glow,
          ) +
          flat('M250 640q38 -26 75 0t75 0t75 0t75 0V730H250Z', ink.water) +
          flat(poly([330, 610], [450, 610], [428, 646], [352, 646]), ink.rust) +
          dots(
            [
              [360, 622],
              [390, 622],
              [420, 622],
            ],
            6,
            ink.glow,
          ),
      ),
      bean(160, 842, 10, ink.tan),
      bean(664, 852, -24, ink.tan),
    ].join(''),
  'porcelain-dripper': () =>
    [
      shadow(410, 842, 250),
      steam(380, 300, 170),
      cord('M560 400C680 390 670 540 530 520', ink.chalk, 26),
      flat('M210 350L310 250H490L590 350Z', ink.oat) + flat('M230 350L320 268H480L570 350Z', ink.walnut),
      solid('M180 346H620L480 580H320Z', ink.chalk, {
        shade: 50,
        inside: stroke(
          'M240 360L350 580M330 360L390 580M480 360L430 580M560 360L466 580',
          darker(ink.bone, 0.18),
          5,
          0.6,
        ),
      }),
      solid(rect(168, 330, 464, 30, 15), lighter(ink.bone, 0.4), { shade: 20 }),
      solid(rect(236, 572, 328, 34, 16), ink.chalk, { shade: 20 }),
      solid('M270 606H530V760C530 810 500 842 460 842H340C300 842 270 810 270 760Z', ink.water, { shade: 44 }),
      cord('M528 650C620 640 620 780 516 770', ink.water, 24),
      gleam('M300 640V740', 12, 0.4),
    ].join(''),
  'crossing-hand-grinder': () => {
    const metal = ink.steel;
    return [
      shadow(400, 842, 190),
      cord('M400 250C480 230 560 220 620 236', ink.iron, 20),
      solid(ellipse(636, 206, 46, 52), ink.walnut, { shade: 18 }) +
        solid(rect(622, 240, 26, 24), ink.brass, { shade: 6 }),
      solid(rect(378, 226, 44, 60, 10), ink.iron, { shade: 12 }),
      solid(rect(300, 274, 200, 60, [40, 40, 8, 8]), metal, { shade: 34 }),
      solid(rect(306, 330, 188, 280, 10), ink.deep, {
        shade: 44,
        inside:
          flat(rect(300, 400, 200, 130), ink.walnut) +
          stroke('M300 416H500M300 440H500M300 464H500M300 488H500M300 512H500', lighter(ink.walnut, 0.2), 5, 0.6),
      }),
      solid(rect(300, 600, 200, 34, 8), ink.brass, { shade: 24 }),
      solid(rect(312, 630, 176, 212, [6, 6, 34, 34]), metal, {
        shade: 44,
        inside: flat(rect(300, 690, 200, 20), darker(metal, 0.2)),
      }),
      gleam('M334 350V590M334 650V790', 11, 0.5),
      bean(600, 836, 24),
      bean(190, 842, -18),
      bean(250, 868, 30),
    ].join('');
  },
  'heron-pouring-kettle': () => {
    const metal = ink.steel;
    return [
      shadow(430, 842, 250),
      cord('M290 790C150 780 240 540 190 480C160 440 130 470 96 450', metal, 30),
      cord('M560 520C740 480 740 740 590 780', ink.walnut, 36),
      solid(
        'M300 500H560C590 600 620 720 622 806C622 830 606 842 584 842H276C254 842 238 830 238 806C240 720 270 600 300 500Z',
        metal,
        { shade: 64, inside: stroke('M230 800H630', darker(metal, 0.3), 6) },
      ),
      solid('M296 500C300 456 560 456 564 500Z', darker(metal, 0.1), { shade: 24 }),
      solid(ellipse(430, 428, 40), ink.chalk, {
        shade: 10,
        inside: stroke(ellipse(430, 428, 36), ink.iron, 6) + stroke('M430 428L448 410', ink.rust, 6),
      }),
      solid(rect(420, 462, 20, 12), ink.brass, { shade: 4 }),
      gleam('M310 560Q284 680 284 780', 15, 0.55),
      stroke('M84 470q-6 40 -2 80', ink.shallow, 8),
    ].join('');
  },
  'three-minute-moka': () => {
    const metal = ink.steel;
    return [
      shadow(410, 842, 220),
      steam(290, 240, 160),
      cord('M520 380C690 380 660 480 640 620', ink.tar, 40),
      solid(poly([290, 380], [236, 400], [300, 500]), darker(metal, 0.1), { shade: 8 }),
      solid(poly([280, 370], [520, 370], [490, 590], [310, 590]), metal, {
        shade: 20,
        inside:
          flat(poly([360, 360], [440, 360], [428, 600], [372, 600]), lighter(metal, 0.25)) +
          flat(poly([440, 360], [530, 360], [500, 600], [428, 600]), darker(metal, 0.16)),
      }),
      solid(poly([290, 372], [330, 310], [470, 310], [512, 372]), darker(metal, 0.08), { shade: 18 }),
      solid(ellipse(400, 290, 28, 30), ink.tar, { shade: 10 }),
      solid(rect(296, 584, 208, 40, 8), ink.iron, { shade: 20 }),
      solid(poly([304, 624], [496, 624], [548, 842], [252, 842]), metal, {
        shade: 20,
        inside:
          flat(poly([366, 610], [434, 610], [452, 850], [348, 850]), lighter(metal, 0.25)) +
          flat(poly([434, 610], [510, 610], [560, 850], [452, 850]), darker(metal, 0.16)),
      }),
      solid(ellipse(322, 720, 13), ink.brass, { shade: 4 }),
    ].join('');
  },
  'clearwater-server': () =>
    [
      shadow(400, 842, 240),
      cord('M560 520C690 520 690 720 586 740', lighter(ink.fog, 0.3), 24),
      solid(
        'M320 330H480L500 470C570 520 620 640 610 740C606 810 570 842 520 842H280C230 842 194 810 190 740C180 640 230 520 300 470Z',
        lighter(ink.fog, 0.35),
        {
          shade: 40,
          shadeStrength: 0.12,
          inside:
            flat('M170 650Q400 620 640 650V860H170Z', ink.walnut) +
            flat('M170 650Q400 620 640 650Q400 684 170 650Z', ink.tan),
        },
      ),
      solid(soft(10, [304, 400], [496, 400], [516, 500], [284, 500]), ink.walnut, { shade: 24 }),
      cord('M296 450H504M400 450C360 480 370 560 350 590M400 450C440 480 420 540 446 570', ink.tan, 8),
      solid(poly([306, 316], [494, 316], [486, 350], [314, 350]), lighter(ink.fog, 0.5), { shade: 14 }),
      gleam('M236 620Q220 700 244 780', 15, 0.6),
      dots(
        [
          [340, 690],
          [340, 730],
          [340, 770],
        ],
        6,
        ink.bone,
      ),
    ].join(''),
  'unbleached-filters': () =>
    [
      shadow(410, 842, 250),
      turn(
        -5,
        400,
        800,
        solid(poly([170, 380], [590, 380], [430, 780], [330, 780]), darker(ink.straw, 0.12), { shade: 14 }),
      ),
      turn(3, 400, 800, solid(poly([190, 350], [620, 350], [450, 770], [350, 770]), ink.straw, { shade: 14 })),
      solid(poly([180, 330], [610, 330], [440, 760], [340, 760]), lighter(ink.straw, 0.2), {
        shade: 30,
        inside:
          stroke('M250 330L362 760M330 330L382 760M410 330L402 760M490 330L420 760', darker(ink.straw, 0.2), 4, 0.6) +
          stroke('M606 330L438 760', darker(ink.straw, 0.4), 10, 0.5),
      }),
      solid(poly([180, 640], [620, 640], [620, 842], [180, 842]), ink.moss, {
        shade: 40,
        inside:
          flat(ellipse(400, 742, 62), ink.bone) +
          flat(poly([364, 716], [436, 716], [410, 776], [390, 776]), ink.straw) +
          stroke('M180 668H620M180 816H620', lighter(ink.moss, 0.4), 5),
      }),
    ].join(''),
  'plumb-scale': () =>
    [
      shadow(400, 830, 330),
      solid(soft(26, [110, 700], [690, 700], [710, 830], [90, 830]), ink.iron, {
        shade: 40,
        inside: flat(rect(260, 738, 180, 62, 10), ink.night),
      }),
      stroke('M286 788V776M312 788V764M338 788V752M364 788V764M390 788V776', ink.glow, 12),
      solid(ellipse(520, 768, 22), ink.steel, { shade: 7 }) + solid(ellipse(590, 768, 22), ink.ember, { shade: 7 }),
      solid(rect(120, 660, 560, 44, 12), ink.slate, {
        shade: 30,
        inside: dots(
          [
            [180, 676],
            [300, 688],
            [420, 672],
            [560, 684],
            [630, 674],
          ],
          4,
          ink.stone,
        ),
      }),
      solid('M270 480H530V580C530 630 500 660 460 660H340C300 660 270 630 270 580Z', ink.chalk, { shade: 40 }),
      cord('M528 520C610 510 610 620 520 610', ink.chalk, 22),
      flat(ellipse(400, 480, 130, 26), ink.walnut),
      bean(350, 474, 10),
      bean(412, 468, -30),
      bean(456, 482, 24),
      bean(400, 492, 60, ink.tan),
    ].join(''),
  'quayside-cups': () => {
    const cup = (glaze: string) =>
      [
        solid(
          'M200 470H450C450 620 440 700 420 780C412 820 400 842 372 842H278C250 842 238 820 230 780C210 700 200 620 200 470Z',
          ink.oat,
          {
            shade: 50,
            inside:
              flat('M180 460H470V700Q400 730 325 708T180 716Z', glaze) +
              dots(
                [
                  [260, 780],
                  [350, 800],
                  [300, 760],
                  [390, 770],
                ],
                4,
                ink.tan,
              ),
          },
        ),
        flat(ellipse(325, 470, 125, 24), darker(glaze, 0.4)) + flat(ellipse(325, 476, 106, 17), ink.walnut),
        gleam('M236 520V640', 13, 0.5),
      ].join('');
    return [
      shadow(410, 842, 290),
      steam(500, 440, 150),
      move(200, -10, cup(ink.rust)),
      move(-60, 12, cup(ink.fog)),
    ].join('');
  },
  'hold-canister': () => {
    const paint = ink.deep;
    return [
      shadow(400, 842, 220),
      solid(rect(210, 360, 380, 482, [14, 14, 40, 40]), paint, {
        shade: 64,
        inside: stroke('M200 800H600', ink.chalk, 6, 0.5),
      }),
      solid(rect(196, 300, 408, 84, [34, 34, 10, 10]), ink.straw, {
        shade: 50,
        inside: dots(
          [
            [240, 330],
            [300, 350],
            [360, 326],
            [430, 352],
            [500, 330],
            [560, 350],
            [270, 366],
            [470, 370],
          ],
          5,
          ink.tan,
        ),
      }),
      solid(ellipse(400, 276, 44, 34), ink.beech, { shade: 14 }),
      solid(rect(270, 520, 220, 130, 10), ink.slate, {
        shade: 16,
        inside:
          flat(ellipse(344, 584, 34, 24), ink.chalk) +
          stroke('M316 584q14 -9 28 0t28 0', ink.slate, 5) +
          stroke('M400 570h60M400 596h40', ink.chalk, 5),
      }),
      gleam('M240 400V760', 14, 0.3),
      turn(64, 650, 830, solid(rect(630, 760, 24, 120, 6), ink.chalk, { shade: 6 })),
      tern(400, 730, 50, lighter(paint, 0.5)),
    ].join('');
  },
};
