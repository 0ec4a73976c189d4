import type { Drawings } from '../canvas.ts';
import { blob, ellipse, poly, rect, soft } from '../outline.ts';
import { cord, flat, type Paint, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { dots, writing } from '../texture.ts';

/** A side-release buckle on a strap that runs downwards. */
function buckle(x: number, y: number, strap: string): Paint {
  return (
    solid(rect(x - 19, y, 38, 46, 9), darker(strap, 0.45), { shade: 8, light: 4 }) +
    flat(rect(x - 9, y + 10, 18, 26, 4), strap)
  );
}

function strap(x: number, y: number, length: number, colour: string, width = 26): Paint {
  return solid(rect(x - width / 2, y, width, length, 4), colour, { shade: 7, light: 4 });
}

function zip(x: number, y: number, length: number, colour: string): Paint {
  return (
    stroke(`M${x} ${y}h${length}`, darker(colour, 0.5), 9) + flat(rect(x + length - 12, y - 3, 14, 40, 6), ink.brass)
  );
}

export const bags: Drawings = {
  'tarn-20-daypack': () => {
    const cloth = ink.slate;
    return [
      shadow(400, 842, 230),
      cord('M262 420C190 520 196 700 250 800', darker(cloth, 0.4), 34),
      cord('M538 420C610 520 604 700 550 800', darker(cloth, 0.4), 34),
      cord('M350 262C350 200 450 200 450 262', ink.tan, 20),
      solid(soft(70, [238, 300], [562, 300], [592, 842], [208, 842]), cloth, {
        shade: 56,
        inside: flat(rect(190, 770, 420, 90), ink.tan) + stitch('M200 764H600', lighter(cloth, 0.45)),
      }),
      solid(rect(232, 250, 336, 104, 40), lighter(cloth, 0.08), {
        inside: stroke('M240 318H560', darker(cloth, 0.3), 6),
      }),
      solid(rect(268, 540, 264, 190, 30), lighter(cloth, 0.12), {
        shade: 26,
        inside: stitch(rect(282, 556, 236, 160, 22), lighter(cloth, 0.5)),
      }),
      zip(296, 586, 208, cloth),
      strap(400, 262, 190, ink.tan),
      buckle(400, 420, ink.tan),
    ].join('');
  },
  'fellside-45-rucksack': () => {
    const cloth = ink.moss;
    const side = (x: number) =>
      solid(rect(x, 520, 84, 270, 30), darker(cloth, 0.16), {
        shade: 18,
        inside: stroke(`M${x} 552h84`, ink.gorse, 8),
      });
    return [
      shadow(400, 842, 250),
      cord('M360 176C360 120 440 120 440 176', darker(cloth, 0.4), 18),
      solid(rect(172, 700, 456, 70, 34), darker(cloth, 0.35)),
      side(176),
      side(540),
      solid(soft(60, [244, 250], [556, 250], [580, 842], [220, 842]), cloth, {
        shade: 60,
        inside: flat(rect(180, 788, 440, 60), darker(cloth, 0.3)),
      }),
      solid(rect(272, 560, 256, 206, 34), lighter(cloth, 0.1), {
        shade: 26,
        inside: stitch(rect(286, 576, 228, 176, 24), lighter(cloth, 0.5)),
      }),
      solid(soft(46, [236, 170], [564, 170], [590, 330], [210, 330]), lighter(cloth, 0.14), {
        shade: 40,
        inside: stroke('M236 300H564', darker(cloth, 0.25), 7),
      }),
      strap(318, 310, 240, ink.tan, 22),
      strap(482, 310, 240, ink.tan, 22),
      buckle(318, 440, ink.tan),
      buckle(482, 440, ink.tan),
    ].join('');
  },
  'shoreline-dry-bag': () => {
    const bag = (x: number, y: number, w: number, h: number, colour: string) =>
      [
        cord(
          `M${x + 12} ${y + 40}C${x + 10} ${y - 90} ${x + w - 10} ${y - 90} ${x + w - 12} ${y + 40}`,
          darker(colour, 0.4),
          22,
        ),
        solid(rect(x, y + 60, w, h - 60, [22, 22, 46, 46]), colour, {
          shade: w * 0.16,
          inside:
            flat(rect(x, y + h - 100, w, 60), lighter(colour, 0.3)) +
            stroke(`M${x + w * 0.28} ${y + 130}v${h - 280}`, lighter(colour, 0.45), 14, 0.6),
        }),
        solid(rect(x + 4, y + 16, w - 8, 76, 26), darker(colour, 0.18), {
          inside: stroke(`M${x} ${y + 52}h${w}`, darker(colour, 0.45), 6),
        }),
        solid(rect(x + w / 2 - 30, y - 62, 60, 34, 10), darker(colour, 0.5), { shade: 8 }),
      ].join('');
    return [shadow(410, 842, 260), bag(180, 300, 290, 540, ink.shallow), bag(420, 470, 210, 372, ink.ember)].join('');
  },
  'ferry-tote': () => {
    const cloth = ink.oat;
    return [
      shadow(400, 842, 240),
      cord('M296 520C290 170 510 170 504 520', darker(ink.tan, 0.25), 24),
      solid(soft(20, [196, 420], [604, 420], [560, 842], [240, 842]), cloth, {
        shade: 60,
        inside:
          flat(poly([180, 710], [620, 710], [620, 860], [180, 860]), ink.deep) +
          stitch('M190 700H610', darker(cloth, 0.35)) +
          stitch('M190 448H610', darker(cloth, 0.35)),
      }),
      cord('M276 840L292 520C290 240 508 240 508 520L524 840', ink.tan, 28),
      stitch('M277 820L292 540M523 820L508 540', lighter(ink.tan, 0.5), 4),
      dots(
        [
          [292, 500],
          [508, 500],
        ],
        7,
        ink.brass,
      ),
    ].join('');
  },
  'stowaway-hip-pack': () => {
    const cloth = ink.gorse;
    return [
      shadow(400, 760, 290),
      cord('M190 560C40 500 70 330 230 350C380 370 470 300 610 330C750 360 740 520 612 560', darker(cloth, 0.55), 30),
      solid(rect(205, 330, 60, 76, 14), darker(cloth, 0.6), { shade: 10 }),
      solid(
        blob([180, 560], [236, 486], [400, 470], [566, 486], [620, 560], [580, 710], [400, 756], [220, 710]),
        cloth,
        {
          shade: 48,
          inside:
            flat('M120 660Q400 730 680 660V900H120Z', darker(cloth, 0.12)) +
            stroke('M180 660Q400 728 620 660', darker(cloth, 0.3), 4),
        },
      ),
      stroke('M232 556Q400 528 566 556', darker(cloth, 0.55), 10),
      flat(rect(548, 550, 18, 74, 8), ink.rust),
    ].join('');
  },
  'quay-messenger': () => {
    const cloth = ink.tar;
    return [
      shadow(400, 842, 270),
      cord('M176 520C150 140 650 140 624 520', darker(ink.walnut, 0.1), 32),
      solid(rect(352, 214, 96, 56, 10), ink.brass, { shade: 12, inside: flat(rect(370, 228, 60, 28, 4), ink.walnut) }),
      solid(soft(26, [156, 470], [644, 470], [632, 842], [168, 842]), darker(cloth, 0.2), { shade: 40 }),
      solid(soft(34, [150, 440], [650, 440], [634, 740], [166, 740]), lighter(cloth, 0.08), {
        shade: 60,
        inside: stitch(soft(30, [168, 458], [632, 458], [618, 724], [182, 724]), ink.straw),
      }),
      solid(rect(160, 796, 480, 50, 12), ink.walnut, { shade: 20 }),
      strap(280, 560, 240, ink.walnut, 34),
      strap(520, 560, 240, ink.walnut, 34),
      solid(rect(258, 706, 44, 44, 8), ink.brass, { shade: 8 }),
      solid(rect(498, 706, 44, 44, 8), ink.brass, { shade: 8 }),
    ].join('');
  },
  'mooring-duffel': () => {
    const cloth = ink.rust;
    return [
      shadow(400, 820, 310),
      cord('M262 560C262 300 538 300 538 560', darker(cloth, 0.5), 26),
      solid(rect(104, 470, 592, 350, 110), cloth, {
        shade: 64,
        inside: [
          flat(rect(560, 440, 200, 400), darker(cloth, 0.22)),
          flat(rect(90, 740, 640, 100), darker(cloth, 0.4)),
          stroke('M560 440V840', lighter(cloth, 0.3), 5),
        ].join(''),
      }),
      stroke('M190 520H548', darker(cloth, 0.55), 12),
      flat(rect(190, 512, 20, 58, 8), ink.brass),
      cord('M240 812L270 560C280 380 520 380 530 560L560 812', ink.tar, 28),
      solid(rect(352, 404, 96, 62, 16), ink.tan, { shade: 14, inside: stitch('M362 436H438', ink.bone, 4) }),
      solid(rect(602, 600, 60, 90, 10), ink.oat, { shade: 8, inside: writing(614, 630, 36, 3, 18) }),
    ].join('');
  },
  'pilot-briefcase': () => {
    const hide = ink.tan;
    return [
      shadow(400, 842, 270),
      cord('M312 452C312 340 488 340 488 452', darker(hide, 0.35), 30),
      solid(rect(160, 440, 480, 402, 26), ink.kelp, { shade: 50 }),
      solid(rect(148, 452, 504, 250, [30, 30, 80, 80]), hide, {
        shade: 54,
        inside: stitch(rect(166, 468, 468, 216, [22, 22, 66, 66]), lighter(hide, 0.45)),
      }),
      solid(rect(150, 790, 90, 56, [6, 30, 10, 24]), darker(hide, 0.15), { shade: 10 }),
      solid(rect(560, 790, 90, 56, [30, 6, 24, 10]), darker(hide, 0.15), { shade: 10 }),
      solid(rect(360, 640, 80, 96, 18), darker(hide, 0.2), { shade: 14 }),
      solid(ellipse(400, 686, 24), ink.brass, { shade: 8 }) + flat(rect(394, 668, 12, 36, 5), darker(ink.brass, 0.4)),
      solid(rect(290, 436, 44, 40, 6), ink.brass, { shade: 8 }),
      solid(rect(466, 436, 44, 40, 6), ink.brass, { shade: 8 }),
    ].join('');
  },
  'ferryman-pannier': () => {
    const cloth = ink.gorse;
    return [
      shadow(400, 842, 230),
      cord('M216 400C176 300 300 250 400 262C520 250 620 300 584 400', ink.tar, 20),
      solid(rect(236, 352, 70, 84, 12), ink.iron, { shade: 12 }),
      solid(rect(494, 352, 70, 84, 12), ink.iron, { shade: 12 }),
      solid(soft(40, [206, 380], [594, 380], [562, 842], [238, 842]), cloth, {
        shade: 60,
        inside:
          flat(rect(180, 700, 440, 160), darker(cloth, 0.6)) +
          flat(poly([200, 560], [600, 470], [600, 520], [200, 610]), ink.chalk) +
          flat(poly([200, 586], [600, 496], [600, 502], [200, 592]), ink.fog),
      }),
      solid(rect(196, 316, 408, 96, 40), darker(cloth, 0.12), {
        inside: stroke('M190 372H610', darker(cloth, 0.4), 6),
      }),
      strap(400, 330, 260, ink.tar, 30),
      buckle(400, 560, ink.tar),
    ].join('');
  },
  'cove-pouch-set': () => {
    const pouch = (x: number, y: number, w: number, h: number, tilt: number, colour: string) =>
      turn(
        tilt,
        x + w / 2,
        y + h,
        [
          solid(rect(x, y, w, h, [12, 12, 24, 24]), colour, {
            shade: w * 0.1,
            inside: flat(rect(x, y, w, 46), darker(colour, 0.2)) + stitch(`M${x} ${y + 58}h${w}`, lighter(colour, 0.5)),
          }),
          stroke(`M${x + 14} ${y + 24}h${w - 28}`, darker(colour, 0.6), 7),
          cord(`M${x + w - 20} ${y + 24}q34 6 30 60`, ink.tan, 10),
        ].join(''),
      );
    return [
      shadow(400, 836, 290),
      pouch(180, 380, 400, 440, -4, ink.deep),
      pouch(330, 520, 310, 306, 5, ink.rust),
      pouch(190, 640, 226, 190, -3, ink.oat),
    ].join('');
  },
  'creel-basket-pack': () => {
    const willow = ink.straw;
    const rows = Array.from({ length: 7 }, (_, row) => {
      const y = 450 + row * 56;
      return Array.from({ length: 9 }, (_, at) => `M${176 + at * 54 + (row % 2) * 27} ${y}q27 -26 54 0`).join('');
    }).join('');
    return [
      shadow(400, 842, 250),
      cord('M300 330C300 190 500 190 500 330', ink.walnut, 24),
      solid(soft(60, [190, 360], [610, 360], [570, 842], [230, 842]), willow, {
        shade: 62,
        inside: stroke(rows, darker(willow, 0.35), 18, 0.55) + stroke(rows, lighter(willow, 0.35), 6, 0.6),
      }),
      solid(rect(172, 320, 456, 64, 30), darker(willow, 0.12), {
        inside: stroke(
          Array.from({ length: 12 }, (_, at) => `M${184 + at * 40} 386l34 -70`).join(''),
          darker(willow, 0.4),
          7,
          0.6,
        ),
      }),
      solid(rect(282, 370, 36, 470, 6), ink.walnut, { shade: 10, inside: stitch('M300 380V830', ink.straw, 3) }),
      solid(rect(482, 370, 36, 470, 6), ink.walnut, { shade: 10, inside: stitch('M500 380V830', ink.straw, 3) }),
      solid(rect(276, 560, 48, 44, 6), ink.brass, { shade: 8 }),
      solid(rect(476, 560, 48, 44, 6), ink.brass, { shade: 8 }),
    ].join('');
  },
};
