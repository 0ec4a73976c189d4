import type { Drawings } from '../canvas.ts';
import { blob, ellipse, poly, rect, soft } from '../outline.ts';
import { cord, flat, type Paint, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { dots, gleam, grain, writing } from '../texture.ts';

function pen(x: number, y: number, length: number, colour: string, angle: number): Paint {
  return turn(angle, x, y + length, solid(rect(x - 13, y, 26, length, [13, 13, 2, 2]), colour, { shade: 9, light: 4 }));
}

export const order: Drawings = {
  'oak-desk-tray': () => {
    const wood = ink.oak;
    return [
      shadow(400, 810, 340),
      solid(poly([170, 560], [630, 560], [720, 800], [80, 800]), darker(wood, 0.3), { shade: 0 }),
      flat(poly([200, 584], [600, 584], [664, 770], [136, 770]), darker(wood, 0.45)),
      turn(
        -6,
        400,
        660,
        solid(rect(250, 600, 190, 110, 6), ink.bone, { shade: 8, inside: writing(272, 630, 140, 3, 24) }),
      ),
      solid(ellipse(520, 690, 44, 26), ink.stone, { shade: 12 }),
      turn(20, 300, 720, solid(rect(220, 716, 190, 20, 9), ink.deep, { shade: 6 })),
      stroke('M556 610a22 14 0 1 0 .1 0M556 638v34l16 6', ink.brass, 8),
      solid(poly([60, 742], [740, 742], [726, 832], [74, 832]), wood, {
        shade: 30,
        inside: grain(60, 740, 680, 92, wood),
      }),
    ].join('');
  },
  'felt-desk-mat': () => {
    const felt = ink.slate;
    return [
      shadow(400, 806, 350),
      solid(soft(24, [150, 500], [650, 500], [748, 800], [52, 800]), ink.straw, {
        shade: 0,
        inside: dots(
          [
            [100, 790],
            [220, 796],
            [360, 793],
            [480, 797],
            [600, 794],
            [690, 792],
          ],
          5,
          ink.tan,
        ),
      }),
      solid(soft(24, [152, 484], [648, 484], [744, 782], [56, 782]), felt, {
        shade: 24,
        inside: stitch(soft(20, [168, 498], [632, 498], [718, 764], [82, 764]), lighter(felt, 0.4), 4),
      }),
      solid(soft(16, [250, 560], [540, 560], [566, 660], [226, 660]), ink.chalk, {
        shade: 16,
        inside: stroke(
          'M240 586H560M236 610H560M230 634H566M292 560L276 660M340 560L330 660M392 560V660M444 560L452 660M494 560L508 660',
          ink.fog,
          5,
        ),
      }),
      solid(ellipse(640, 630, 38, 50), ink.chalk, { shade: 14 }) + stroke('M640 592v30', ink.stone, 5),
      solid('M560 420C560 390 650 390 650 420L642 480C640 500 570 500 568 480Z', ink.rust, { shade: 20 }) +
        flat(ellipse(605, 416, 44, 15), ink.walnut),
      solid(soft(16, [84, 700], [210, 690], [200, 792], [52, 792]), ink.straw, {
        shade: 10,
        inside: dots(
          [
            [110, 730],
            [150, 716],
            [130, 764],
            [174, 750],
            [90, 772],
          ],
          6,
          ink.tan,
        ),
      }),
    ].join('');
  },
  'monitor-riser': () => {
    const wood = ink.oak;
    return [
      shadow(400, 836, 350),
      solid(rect(170, 260, 460, 310, 18), ink.tar, {
        shade: 30,
        inside:
          flat(rect(190, 280, 420, 262, 6), ink.deep) +
          flat('M190 480L290 390L350 440L450 350L610 500V542H190Z', ink.water) +
          flat(ellipse(510, 350, 30), ink.glow),
      }),
      solid(rect(372, 566, 56, 62), ink.iron, { shade: 12 }),
      solid(rect(300, 618, 200, 24, 8), ink.iron, { shade: 12 }),
      solid(rect(210, 760, 380, 40, 14), ink.chalk, { shade: 14, inside: stroke('M220 776H580', ink.fog, 5) }),
      solid(
        'M84 830C64 700 80 640 150 640H650C720 640 736 700 716 830H668C684 720 676 686 640 686H160C124 686 116 720 132 830Z',
        wood,
        {
          shade: 26,
          inside: stroke('M110 830C96 690 110 664 154 664H646C690 664 704 690 690 830', darker(wood, 0.35), 4, 0.6),
        },
      ),
    ].join('');
  },
  'cable-anchors': () => {
    const anchor = (x: number, y: number, cable: string) =>
      [
        solid(
          `M${x - 66} ${y}C${x - 66} ${y - 130} ${x + 66} ${y - 130} ${x + 66} ${y}V${y + 36}C${x + 66} ${y + 60} ${x - 66} ${y + 60} ${x - 66} ${y + 36}Z`,
          ink.brass,
          { shade: 24 },
        ),
        flat(rect(x - 10, y - 104, 20, 74, 8), darker(ink.brass, 0.6)),
        flat(rect(x - 66, y + 10, 132, 18), ink.walnut),
        cord(`M${x} ${y - 60}C${x} ${y - 180} ${x - 90} ${y - 130} ${x - 110} ${y - 250}`, cable, 16),
        dots([[x, y - 44]], 13, cable),
      ].join('');
    return [
      shadow(400, 840, 320, 70),
      anchor(300, 716, ink.deep),
      anchor(540, 720, ink.chalk),
      anchor(220, 836, ink.rust),
      anchor(450, 842, ink.iron),
    ].join('');
  },
  'ash-pen-pot': () => {
    const wood = ink.beech;
    return [
      shadow(400, 842, 210),
      pen(310, 260, 380, ink.rust, -9),
      pen(370, 220, 420, ink.deep, -3),
      pen(430, 290, 360, ink.gorse, 5),
      pen(486, 250, 400, ink.storm, 10),
      turn(
        16,
        520,
        620,
        flat(rect(508, 330, 22, 300, 8), ink.beech) + flat(poly([508, 330], [530, 330], [519, 290]), ink.tar),
      ),
      solid(
        'M230 520L262 494L310 510L352 486L400 508L452 484L496 506L540 490L572 520V800C572 826 550 842 520 842H280C250 842 230 826 230 800Z',
        wood,
        {
          shade: 60,
          inside:
            [0, 1, 2, 3]
              .map((at) =>
                stroke(
                  `M${270 + at * 84} 510C${250 + at * 84} 640 ${300 + at * 84} 700 ${264 + at * 84} 842`,
                  darker(wood, 0.3),
                  4,
                  0.6,
                ),
              )
              .join('') +
            stroke('M230 520L262 494L310 510L352 486L400 508L452 484L496 506L540 490L572 520', ink.walnut, 22),
        },
      ),
    ].join('');
  },
  'skerry-bookends': () => {
    const spine = (x: number, top: number, width: number, colour: string) =>
      solid(rect(x, top, width, 842 - top, 5), colour, {
        shade: 10,
        light: 4,
        inside:
          flat(rect(x, top + 40, width, 12), lighter(colour, 0.5)) +
          flat(rect(x, 790, width, 12), lighter(colour, 0.5)),
      });
    const stone = (flip: string) =>
      `<g transform="${flip}">${solid(
        'M232 842V560C200 540 160 560 140 600C110 650 84 720 80 790C78 824 90 842 116 842Z',
        ink.stone,
        {
          shade: 20,
          inside:
            dots(
              [
                [150, 640],
                [190, 700],
                [124, 760],
                [200, 800],
                [160, 790],
                [206, 610],
                [176, 580],
              ],
              7,
              darker(ink.stone, 0.3),
            ) +
            dots(
              [
                [170, 660],
                [140, 720],
                [210, 750],
                [110, 810],
              ],
              5,
              ink.chalk,
            ),
        },
      )}</g>`;
    return [
      shadow(400, 846, 340),
      spine(236, 440, 56, ink.deep),
      spine(292, 480, 44, ink.rust),
      spine(336, 420, 66, ink.oat),
      spine(402, 500, 40, ink.moss),
      spine(442, 450, 54, ink.plum),
      spine(496, 470, 68, ink.gorse),
      stone('translate(4 0)'),
      stone('matrix(-1 0 0 1 796 0)'),
    ].join('');
  },
  'letter-rack': () => {
    const wood = ink.oak;
    const panel = (top: number, inset: number, tone: number) =>
      solid(
        `M${150 + inset} 800C${150 + inset} ${top + 60} ${230 + inset} ${top} 400 ${top}S${650 - inset} ${top + 60} ${650 - inset} 800Z`,
        darker(wood, tone),
        {
          shade: 24,
          inside: stroke(
            `M400 ${top}C300 ${top + 80} 280 700 270 800M400 ${top}C500 ${top + 80} 530 700 540 800`,
            darker(wood, 0.4),
            4,
            0.4,
          ),
        },
      );
    return [
      shadow(400, 842, 310),
      panel(440, 40, 0.22),
      turn(
        -4,
        300,
        600,
        solid(rect(220, 360, 300, 300, 4), ink.chalk, { shade: 8, inside: writing(250, 400, 180, 3, 26) }),
      ),
      turn(
        5,
        480,
        600,
        solid(rect(320, 420, 290, 260, 4), ink.fog, { shade: 8, inside: flat(rect(550, 436, 40, 50), ink.rust) }),
      ),
      panel(530, 20, 0.1),
      turn(
        -3,
        400,
        660,
        solid(rect(210, 500, 330, 240, 4), ink.bone, {
          shade: 8,
          inside: stroke('M210 500L375 620L540 500', darker(ink.bone, 0.25), 5),
        }),
      ),
      panel(640, 0, 0),
      solid(rect(120, 776, 560, 66, 12), darker(wood, 0.08), { shade: 34, inside: grain(120, 776, 560, 66, wood) }),
    ].join('');
  },
  'felt-waste-basket': () => {
    const felt = ink.slate;
    return [
      shadow(400, 846, 240),
      flat(ellipse(400, 380, 230, 50), darker(felt, 0.55)),
      solid(blob([300, 340], [350, 280], [420, 300], [440, 350], [400, 400], [320, 400]), ink.chalk, {
        shade: 20,
        inside: stroke('M330 320l40 30 30 -20M350 370l50 -16', ink.stone, 4),
      }),
      solid(blob([430, 360], [480, 310], [540, 340], [540, 400], [460, 410]), ink.bone, {
        shade: 16,
        inside: stroke('M460 350l40 20 24 -16', ink.stone, 4),
      }),
      solid('M170 380Q400 470 630 380L570 820C566 846 234 846 230 820Z', felt, {
        shade: 64,
        inside:
          stroke('M240 404L280 840M400 430V850M560 404L520 840', darker(felt, 0.3), 5, 0.7) +
          stroke('M170 384Q400 474 630 384', lighter(felt, 0.3), 14, 0.7),
      }),
      cord('M300 500C280 540 290 560 310 600M300 540L322 520M296 580L326 560', ink.tan, 9),
      cord('M500 500C520 540 510 560 490 600M500 540L478 520M504 580L474 560', ink.tan, 9),
      turn(
        10,
        660,
        820,
        solid(blob([640, 780], [690, 760], [730, 790], [720, 840], [660, 846]), ink.chalk, {
          shade: 16,
          inside: stroke('M660 790l36 16 22 -14', ink.stone, 4),
        }),
      ),
    ].join('');
  },
  'pebble-paperweight': () =>
    [
      shadow(410, 800, 310),
      turn(
        -4,
        400,
        780,
        flat(poly([110, 740], [640, 720], [720, 830], [70, 850]), ink.chalk) + writing(190, 764, 120, 1, 20),
      ),
      turn(
        2,
        400,
        780,
        flat(poly([130, 752], [660, 738], [740, 838], [96, 856]), ink.bone) + writing(170, 800, 70, 2, 22),
      ),
      solid(
        blob(
          [170, 690],
          [200, 560],
          [330, 470],
          [480, 470],
          [600, 560],
          [640, 690],
          [570, 780],
          [400, 800],
          [240, 780],
        ),
        darker(ink.brass, 0.3),
        {
          shade: 74,
          light: 16,
          inside:
            flat(
              blob([230, 600], [300, 520], [420, 510], [470, 560], [380, 620], [270, 660]),
              lighter(ink.brass, 0.4),
              0.45,
            ) + stroke('M180 700Q400 780 640 660', lighter(ink.brass, 0.3), 6, 0.5),
        },
      ),
      gleam('M236 610Q280 520 360 500', 16, 0.7),
    ].join(''),
  'three-drawer-chest': () => {
    const wood = ink.oak;
    const drawer = (y: number, out: number) =>
      solid(rect(196 - out, y, 408 + out * 2, 132, 6), lighter(wood, out ? 0.16 : 0.08), {
        shade: 20,
        inside: grain(196 - out, y + 20, 408 + out * 2, 80, wood),
      }) + solid(ellipse(400, y + 66, 18 + out * 0.2), ink.brass, { shade: 7 });
    return [
      shadow(400, 842, 290),
      solid(rect(160, 360, 480, 462, 12), darker(wood, 0.12), { shade: 34 }),
      stroke(
        'M172 430l14 8v16l-14 8M172 480l14 8v16l-14 8M628 430l-14 8v16l14 8M628 480l-14 8v16l14 8',
        darker(wood, 0.45),
        4,
      ),
      flat(rect(186, 396, 428, 414), darker(wood, 0.5)),
      drawer(400, 0),
      drawer(538, 0),
      flat(rect(200, 660, 400, 26), darker(wood, 0.62)),
      turn(-8, 300, 680, flat(rect(250, 630, 120, 70, 3), ink.chalk)) + flat(rect(420, 640, 90, 60, 3), ink.shallow),
      drawer(686, 14),
      solid(rect(186, 820, 60, 26, 6), ink.walnut, { shade: 6, light: 0 }) +
        solid(rect(554, 820, 60, 26, 6), ink.walnut, { shade: 6, light: 0 }),
      solid(ellipse(290, 336, 60, 30), ink.stone, { shade: 14 }) +
        solid(soft(8, [420, 250], [520, 250], [506, 362], [434, 362]), ink.deep, { shade: 18 }) +
        stroke('M470 250C470 200 440 190 430 160M470 250C474 210 500 200 514 176', ink.moss, 8) +
        flat(ellipse(426, 152, 20, 26), ink.lichen) +
        flat(ellipse(520, 168, 20, 24), ink.moss),
    ].join('');
  },
  'storm-glass': () =>
    [
      shadow(400, 842, 180),
      solid(rect(352, 170, 96, 50, [26, 26, 6, 6]), ink.brass, { shade: 18 }),
      solid(rect(316, 214, 168, 570, 76), lighter(ink.fog, 0.4), {
        shade: 36,
        shadeStrength: 0.14,
        inside:
          flat(rect(310, 330, 180, 470), ink.shallow, 0.55) +
          flat(
            'M310 700C340 640 350 690 370 650C380 610 396 660 410 620C430 660 440 640 452 680C470 660 480 690 490 700V800H310Z',
            ink.chalk,
          ) +
          stroke(
            'M370 650l-14 -60M370 620l-24 -16M410 620l6 -80M413 580l22 -22M412 560l-20 -20M452 680l16 -60M460 648l18 -8',
            ink.chalk,
            7,
          ),
      }),
      gleam('M344 290V640', 13, 0.7),
      solid(soft(16, [270, 760], [530, 760], [560, 842], [240, 842]), ink.beech, {
        shade: 44,
        inside: grain(240, 760, 320, 82, ink.beech),
      }),
      stroke('M560 330q30 -30 60 0t60 0M590 390q24 -24 48 0t48 0', ink.shallow, 9, 0.7),
    ].join(''),
};
