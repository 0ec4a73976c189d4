import type { Drawings } from '../canvas.ts';
import { ellipse, poly, rect, soft } from '../outline.ts';
import { cord, flat, type Paint, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { dots, gleam } from '../texture.ts';

/** Ticks around a dial. */
function ticks(
  cx: number,
  cy: number,
  radius: number,
  count: number,
  length: number,
  colour: string,
  width: number,
): Paint {
  const lines = Array.from({ length: count }, (_, at) => {
    const angle = (at / count) * 2 * Math.PI;
    const end = (r: number) => `${Math.round(cx + Math.sin(angle) * r)} ${Math.round(cy - Math.cos(angle) * r)}`;
    return `M${end(radius)}L${end(radius - length)}`;
  });
  return stroke(lines.join(''), colour, width);
}

export const wayfinding: Drawings = {
  'northing-compass': () =>
    [
      shadow(420, 842, 240),
      cord('M400 250C360 130 250 140 210 220C180 290 230 330 190 400', ink.ember, 14),
      turn(
        8,
        400,
        540,
        [
          solid(rect(220, 240, 360, 600, 44), ink.fog, {
            shade: 40,
            inside:
              stroke(
                'M250 300h60M250 330h30M250 360h60M250 390h30M250 420h60M490 300h60M520 330h30M490 360h60M520 390h30M490 420h60',
                ink.slate,
                5,
              ) +
              flat(poly([400, 262], [430, 330], [370, 330]), ink.rust) +
              stroke('M400 330V420', ink.rust, 7),
          }),
          solid(ellipse(400, 620, 168), ink.tar, { shade: 26 }),
          ticks(400, 620, 158, 36, 18, ink.chalk, 4),
          flat(ellipse(400, 620, 124), ink.chalk) +
            stroke('M340 520V720M370 506V734M430 506V734M460 520V720', ink.shallow, 4, 0.7),
          turn(
            -24,
            400,
            620,
            flat(poly([400, 512], [424, 620], [376, 620]), ink.rust) +
              flat(poly([400, 728], [424, 620], [376, 620]), ink.slate),
          ),
          dots([[400, 620]], 13, ink.brass),
          gleam('M310 570Q330 520 380 508', 10, 0.8),
        ].join(''),
      ),
    ].join(''),
  'waxed-map-case': () => {
    const cloth = ink.moss;
    return [
      shadow(410, 842, 260),
      cord('M220 330C180 90 620 90 580 330', darker(cloth, 0.3), 18),
      solid(rect(170, 310, 460, 532, 26), cloth, {
        shade: 44,
        inside: stitch(rect(186, 326, 428, 500, 16), lighter(cloth, 0.5)),
      }),
      solid(rect(214, 400, 372, 380, 10), ink.bone, {
        shade: 0,
        inside: [
          flat('M200 640C300 560 360 700 460 640S600 560 640 600V800H200Z', ink.shallow),
          stroke(
            'M214 470C320 420 380 520 586 440M214 510C330 460 390 560 586 490M214 556C320 510 400 600 586 540M300 400C330 430 420 430 450 400',
            ink.tan,
            5,
            0.6,
          ),
          stroke('M240 760L330 600L420 560L520 420', ink.rust, 7),
        ].join(''),
      }),
      flat(ellipse(520, 430, 15), ink.rust),
      gleam('M240 430V560', 14, 0.5) + gleam('M270 430V490', 9, 0.4),
      solid(rect(170, 310, 460, 66, [26, 26, 0, 0]), darker(cloth, 0.15), { shade: 14 }),
      solid(ellipse(400, 344, 16), ink.brass, { shade: 6 }),
    ].join('');
  },
  'kestrel-binoculars': () => {
    const body = ink.iron;
    const tube = (x: number, lens: string) =>
      [
        solid(
          soft(26, [x - 62, 400], [x + 62, 400], [x + 92, 560], [x + 92, 800], [x - 92, 800], [x - 92, 560]),
          body,
          { shade: 40, inside: flat(rect(x - 100, 470, 200, 110), darker(body, 0.35)) },
        ),
        solid(rect(x - 54, 320, 108, 84, [20, 20, 8, 8]), ink.tar, { shade: 22 }),
        solid(ellipse(x, 800, 92, 40), ink.tar, { shade: 14 }) +
          flat(ellipse(x, 802, 72, 29), lens) +
          flat(ellipse(x - 22, 795, 26, 10), ink.chalk, 0.6),
      ].join('');
    return [
      shadow(400, 842, 280),
      cord('M230 380C120 260 230 160 400 190C570 160 680 260 570 380', ink.walnut, 16),
      solid(rect(350, 470, 100, 190, 16), darker(body, 0.2), { shade: 20 }),
      tube(280, ink.plum),
      tube(520, ink.plum),
      solid(rect(368, 420, 64, 92, 16), ink.steel, {
        shade: 16,
        inside: stroke('M368 440H432M368 460H432M368 480H432', darker(ink.steel, 0.4), 5),
      }),
      solid(ellipse(400, 640, 26), ink.ember, { shade: 9 }),
    ].join('');
  },
  'fell-altimeter': () =>
    [
      shadow(400, 842, 240),
      stroke(ellipse(400, 214, 56), ink.brass, 18),
      solid(rect(364, 250, 72, 80, 14), darker(ink.brass, 0.15), { shade: 16 }),
      solid(ellipse(400, 580, 262), ink.brass, { shade: 44, light: 14 }),
      flat(ellipse(400, 580, 216), darker(ink.brass, 0.4)),
      solid(ellipse(400, 580, 208), ink.chalk, {
        shade: 0,
        light: 0,
        inside:
          flat('M180 700L300 590L350 640L440 520L520 620L560 580L640 700V900H180Z', ink.fog) +
          flat('M180 760L320 660L400 720L500 640L640 760V900H180Z', ink.shallow, 0.5),
      }),
      ticks(400, 580, 194, 50, 16, ink.slate, 4),
      ticks(400, 580, 194, 10, 34, ink.tar, 8),
      turn(52, 400, 580, flat(poly([400, 410], [412, 600], [400, 640], [388, 600]), ink.rust)),
      dots([[400, 580]], 18, ink.brass),
      gleam('M252 520Q270 430 350 396', 15, 0.8),
    ].join(''),
  'three-note-whistle': () => {
    const metal = ink.brass;
    return [
      shadow(400, 800, 260),
      cord('M622 500C720 400 660 200 520 230C380 250 420 380 300 350C200 330 200 230 260 190', ink.deep, 16),
      turn(
        -10,
        400,
        620,
        [
          solid(rect(150, 610, 420, 74, [14, 36, 36, 14]), darker(metal, 0.2), { shade: 20 }),
          solid(rect(150, 680, 340, 74, [4, 36, 36, 14]), darker(metal, 0.1), { shade: 20 }),
          solid(rect(150, 540, 480, 80, [14, 40, 40, 4]), metal, { shade: 22 }),
          solid(rect(130, 530, 100, 232, 14), lighter(metal, 0.12), { shade: 16 }),
          flat(poly([270, 540], [330, 540], [310, 590], [270, 590]), ink.night) +
            flat(poly([270, 620], [320, 620], [304, 660], [270, 660]), ink.night) +
            flat(poly([270, 690], [310, 690], [298, 726], [270, 726]), ink.night),
          gleam('M250 556H590', 8, 0.5),
          stroke(ellipse(640, 560, 24), ink.steel, 10),
        ].join(''),
      ),
    ].join('');
  },
  'curlew-knife': () =>
    [
      shadow(400, 800, 290),
      turn(
        -24,
        400,
        600,
        [
          solid('M410 540C540 520 660 560 740 650C640 640 540 640 410 636Z', ink.steel, {
            shade: 20,
            inside: stroke('M440 556C540 548 620 580 680 614', ink.chalk, 6, 0.7),
          }),
          solid('M70 570C160 520 300 560 420 530V648C300 670 180 650 100 690C50 700 30 600 70 570Z', ink.plum, {
            shade: 30,
            inside: stroke(
              'M70 610C180 570 300 610 420 570M90 650C190 610 320 640 420 612',
              darker(ink.plum, 0.4),
              5,
              0.7,
            ),
          }),
          solid(rect(394, 522, 54, 134, 10), ink.brass, {
            shade: 12,
            inside: flat(rect(414, 560, 16, 60), darker(ink.brass, 0.5)),
          }),
          dots(
            [
              [150, 614],
              [300, 604],
            ],
            9,
            ink.brass,
          ),
        ].join(''),
      ),
      cord('M120 730C60 790 120 850 180 820', ink.ember, 12),
    ].join(''),
  'stile-walking-poles': () => {
    const pole = (x: number, angle: number, colour: string) =>
      turn(
        angle,
        x,
        840,
        [
          solid(poly([x - 7, 690], [x + 7, 690], [x + 4, 850], [x - 4, 850]), ink.steel, { shade: 5, light: 0 }),
          solid(ellipse(x, 780, 34, 11), ink.tar, { shade: 0 }),
          solid(rect(x - 11, 470, 22, 230), ink.steel, { shade: 7, light: 0 }),
          solid(rect(x - 14, 300, 28, 190), colour, { shade: 9, light: 0 }),
          solid(rect(x - 20, 470, 44, 36), ink.iron, { shade: 8, light: 0 }),
          solid(rect(x - 17, 676, 38, 32), ink.iron, { shade: 8, light: 0 }),
          solid(rect(x - 22, 130, 44, 200, [22, 22, 12, 12]), ink.straw, {
            shade: 14,
            inside: stroke(
              `M${x - 22} 190h44M${x - 22} 226h44M${x - 22} 262h44M${x - 22} 298h44`,
              darker(ink.straw, 0.3),
              4,
            ),
          }),
          stroke(`M${x + 12} 148C${x + 90} 190 ${x + 84} 290 ${x + 20} 320`, ink.tar, 11),
        ].join(''),
      );
    return [shadow(400, 850, 200), pole(350, 11, ink.moss), pole(450, -11, ink.moss)].join('');
  },
  'small-mercies-tin': () =>
    [
      shadow(400, 836, 290),
      turn(
        -12,
        300,
        570,
        solid(rect(230, 430, 210, 74, 34), ink.oat, {
          shade: 10,
          inside:
            flat(rect(298, 430, 76, 74), lighter(ink.oat, 0.4)) +
            dots(
              [
                [318, 454],
                [354, 454],
                [318, 480],
                [354, 480],
              ],
              5,
              ink.tan,
            ),
        }),
      ),
      solid(ellipse(530, 450, 86), ink.chalk, { shade: 24, inside: stroke(ellipse(530, 450, 50), ink.fog, 12) }) +
        flat(ellipse(530, 450, 24), ink.fog),
      solid(rect(150, 500, 500, 336, 40), ink.moss, { shade: 56 }),
      solid(rect(138, 484, 524, 130, [34, 34, 10, 10]), lighter(ink.moss, 0.08), { shade: 40 }),
      // White on green is the sign of first aid (ISO 7010, E003); red on white is not ours to use.
      flat('M372 656h56v44h44v56h-44v44h-56v-44h-44v-56h44Z', ink.chalk),
      solid(rect(366, 590, 68, 46, 8), ink.brass, { shade: 10 }),
    ].join(''),
  'mend-it-roll': () => {
    const cloth = ink.oat;
    const spool = (x: number, thread: string) =>
      flat(rect(x - 34, 500, 68, 90, 6), ink.beech) +
      solid(rect(x - 28, 514, 56, 62, 4), thread, {
        shade: 12,
        inside: stroke(`M${x - 30} 530l60 -8M${x - 30} 548l60 -8M${x - 30} 566l60 -8`, darker(thread, 0.3), 3),
      });
    return [
      shadow(400, 842, 300),
      spool(210, ink.rust),
      spool(300, ink.deep),
      turn(18, 400, 470, stroke('M400 360V590', ink.steel, 8) + stroke(ellipse(400, 372, 7, 16), ink.steel, 5)),
      turn(-8, 470, 480, solid(rect(452, 400, 40, 200, 20), ink.bone, { shade: 10 })),
      stroke(ellipse(590, 530, 46), ink.steel, 13) + stroke('M590 530V484', ink.steel, 11),
      solid(soft(14, [120, 560], [680, 560], [680, 690], [120, 690]), darker(cloth, 0.14), {
        shade: 20,
        inside: stitch('M120 580H690', ink.tan, 4),
      }),
      solid(rect(110, 640, 580, 200, 96), cloth, { shade: 60, inside: stitch('M120 690H690', darker(cloth, 0.35)) }),
      flat(ellipse(648, 740, 38, 84), darker(cloth, 0.2)) +
        stroke('M648 740m0 -60a24 60 0 1 1 -2 118a14 40 0 1 1 2 -76a6 18 0 0 1 0 36', darker(cloth, 0.5), 5),
      solid(rect(330, 632, 48, 216, 8), ink.tan, { shade: 10, inside: stitch('M354 640V840', ink.bone, 3) }),
      cord('M354 730C430 690 460 790 400 800C450 820 420 860 390 880', ink.tan, 9),
    ].join('');
  },
  'watchkeeper-field-watch': () => {
    const cloth = ink.moss;
    const hand = (angle: number, length: number, width: number, colour: string) =>
      turn(angle, 400, 510, flat(rect(400 - width / 2, 510 - length, width, length + 18, width / 2), colour));
    return [
      shadow(400, 880, 150, 18),
      solid(soft(16, [328, 110], [472, 110], [484, 380], [316, 380]), cloth, {
        shade: 26,
        inside: stitch('M346 120L334 370M454 120L466 370', lighter(cloth, 0.5), 4),
      }),
      solid(soft(20, [316, 640], [484, 640], [466, 890], [334, 890]), cloth, {
        shade: 26,
        inside:
          stitch('M334 650L350 880M466 650L450 880', lighter(cloth, 0.5), 4) +
          dots(
            [
              [400, 720],
              [400, 770],
              [400, 820],
            ],
            9,
            darker(cloth, 0.6),
          ),
      }),
      flat(rect(286, 346, 46, 60, 10), ink.steel) +
        flat(rect(468, 346, 46, 60, 10), darker(ink.steel, 0.25)) +
        flat(rect(286, 616, 46, 60, 10), ink.steel) +
        flat(rect(468, 616, 46, 60, 10), darker(ink.steel, 0.25)),
      solid(rect(566, 484, 48, 56, 10), ink.steel, { shade: 10 }),
      solid(ellipse(400, 510, 184), ink.steel, { shade: 30, light: 12 }),
      flat(ellipse(400, 510, 148), ink.bone),
      ticks(400, 510, 138, 60, 10, ink.slate, 3),
      ticks(400, 510, 138, 12, 26, ink.tar, 8),
      hand(-58, 82, 14, ink.tar),
      hand(62, 116, 11, ink.tar),
      hand(190, 118, 5, ink.rust),
      dots([[400, 510]], 11, ink.rust),
      gleam('M288 470Q300 410 360 386', 11, 0.7),
    ].join('');
  },
};
