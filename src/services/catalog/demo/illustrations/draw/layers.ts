import type { Drawings } from '../canvas.ts';
import { blob, ellipse, type Outline, poly, rect, soft } from '../outline.ts';
import { cord, flat, type Paint, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { bands, dots, ribs } from '../texture.ts';

/** A coat hanger on its peg, which shows above the collar. */
function hanger(): Paint {
  return [
    solid(ellipse(400, 150, 20), ink.oak, { shade: 10 }),
    stroke('M400 236V196C400 170 424 178 420 152', ink.iron, 7),
    cord('M300 296Q400 190 500 296', ink.oak, 18),
  ].join('');
}

interface Cut {
  readonly hem?: number;
  readonly cuff?: string;
  readonly inside?: Paint;
  readonly sleeve?: Paint;
  readonly isBoxy?: boolean;
}

/** What is worn above: two sleeves and a body, hung up. The neck is open between x = 340 and 460 at y = 270. */
function garment(colour: string, { hem = 790, cuff, inside = '', sleeve = '', isBoxy = false }: Cut = {}): Paint {
  const spread = isBoxy ? 16 : 0;
  const left = soft(22, [330, 272], [250 - spread, 312], [150 - spread, 690], [240 - spread, 716], [312, 470]);
  const right = soft(22, [470, 272], [550 + spread, 312], [650 + spread, 690], [560 + spread, 716], [488, 470]);
  const cuffs =
    cuff === undefined
      ? ''
      : flat(poly([100, 646], [260, 676], [260, 740], [100, 720]), cuff) +
        flat(poly([700, 646], [540, 676], [540, 740], [700, 720]), cuff);
  const body: Outline = soft(
    20,
    [340, 268],
    [460, 268],
    [548 + spread, 310],
    [540 + spread, hem],
    [260 - spread, hem],
    [252 - spread, 310],
  );
  return [
    solid(left, darker(colour, 0.06), { shade: 22, inside: sleeve + cuffs }),
    solid(right, darker(colour, 0.12), { shade: 34, inside: sleeve + cuffs }),
    solid(body, colour, { shade: 50, inside }),
  ].join('');
}

const ground = shadow(400, 868, 210, 20);

export const layers: Drawings = {
  'windward-shell': () => {
    const cloth = ink.water;
    return [
      ground,
      hanger(),
      garment(cloth, {
        hem: 800,
        cuff: darker(cloth, 0.4),
        inside:
          flat(poly([200, 290], [600, 290], [600, 420], [400, 450], [200, 420]), darker(cloth, 0.35)) +
          flat(rect(230, 770, 340, 40), darker(cloth, 0.4)),
      }),
      solid(blob([324, 300], [334, 212], [400, 178], [466, 212], [476, 300], [400, 350]), darker(cloth, 0.2), {
        shade: 26,
        inside: flat(ellipse(400, 270, 48, 66), darker(cloth, 0.6)),
      }),
      stroke('M400 344V800', ink.gorse, 9),
      stroke('M306 560l36 96M494 560l-36 96', darker(cloth, 0.5), 9),
      flat(rect(392, 380, 16, 44, 7), ink.gorse),
    ].join('');
  },
  'heron-merino-crew': () => {
    const wool = ink.oat;
    return [
      ground,
      hanger(),
      garment(wool, {
        hem: 780,
        cuff: darker(wool, 0.14),
        inside: flat(rect(220, 734, 360, 60), darker(wool, 0.14)) + ribs(250, 740, 300, 60, wool, 20),
      }),
      solid(ellipse(400, 282, 78, 44), darker(wool, 0.12), {
        shade: 12,
        inside: flat(ellipse(400, 274, 56, 28), darker(wool, 0.55)),
      }),
      stroke('M330 320Q312 380 310 470M470 320Q488 380 490 470', darker(wool, 0.3), 4, 0.5),
    ].join('');
  },
  'harbour-overshirt': () => {
    const cloth = ink.kelp;
    const pocket = (x: number) =>
      solid(rect(x, 440, 96, 112, [4, 4, 14, 14]), lighter(cloth, 0.08), {
        shade: 12,
        inside: flat(rect(x, 440, 96, 34), darker(cloth, 0.25)),
      }) + dots([[x + 48, 470]], 8, ink.straw);
    return [
      ground,
      hanger(),
      garment(cloth, {
        hem: 770,
        cuff: darker(cloth, 0.25),
        isBoxy: true,
        inside: flat(rect(384, 250, 34, 560), lighter(cloth, 0.07)),
      }),
      pocket(276),
      pocket(428),
      flat(ellipse(400, 282, 52, 26), darker(cloth, 0.6)),
      solid(soft(8, [344, 258], [322, 300], [352, 372], [400, 310]), lighter(cloth, 0.12), { shade: 12 }),
      solid(soft(8, [456, 258], [478, 300], [448, 372], [400, 310]), lighter(cloth, 0.06), { shade: 12 }),
      dots(
        [360, 450, 540, 630, 720].map((y) => [401, y + 20] as const),
        10,
        ink.straw,
      ),
    ].join('');
  },
  'watch-cap': () => {
    const wool = ink.rust;
    return [
      shadow(400, 776, 240),
      solid(
        blob([190, 640], [216, 420], [320, 300], [400, 284], [480, 300], [584, 420], [610, 640], [400, 700]),
        wool,
        { shade: 60, inside: ribs(200, 280, 400, 420, wool, 16) },
      ),
      solid(rect(168, 588, 464, 178, 60), lighter(wool, 0.1), {
        shade: 46,
        inside: ribs(170, 588, 460, 178, wool, 19),
      }),
      solid(rect(470, 640, 66, 46, 4), ink.bone, { shade: 6, inside: stitch(rect(477, 647, 52, 32), ink.slate, 3) }),
    ].join('');
  },
  'tidewalk-socks': () => {
    const sock = (colour: string) => {
      const shape =
        'M290 300H430V590C430 610 446 626 466 636L560 690C610 720 596 800 530 800H420C330 800 290 750 290 680Z';
      return solid(shape, colour, {
        shade: 34,
        inside: [
          flat('M260 290H460V380H260Z', darker(colour, 0.25)),
          ribs(290, 300, 140, 80, colour, 9),
          bands(280, 420, 170, 60, ink.gorse, 2),
          flat(ellipse(316, 730, 84, 84), ink.gorse),
          flat(ellipse(584, 760, 84, 84), ink.gorse),
        ].join(''),
      });
    };
    return [
      shadow(430, 812, 260),
      `<g transform="translate(90 -46)">${sock(ink.moss)}</g>`,
      `<g transform="translate(-60 16)">${sock(ink.slate)}</g>`,
    ].join('');
  },
  'eddy-down-vest': () => {
    const cloth = ink.rust;
    const rows = [390, 462, 534, 606, 678].map((y) => `M220 ${y}q90 22 180 0t180 0`).join('');
    return [
      ground,
      hanger(),
      solid(
        soft(
          30,
          [340, 262],
          [460, 262],
          [530, 296],
          [520, 420],
          [566, 470],
          [560, 780],
          [240, 780],
          [234, 470],
          [280, 420],
          [270, 296],
        ),
        cloth,
        {
          shade: 56,
          inside:
            stroke(rows, darker(cloth, 0.35), 7, 0.7) +
            stroke(
              rows.replace(/M220 (\d+)/g, (_, y) => `M220 ${Number(y) + 9}`),
              lighter(cloth, 0.3),
              5,
              0.5,
            ) +
            flat(rect(220, 742, 360, 50), darker(cloth, 0.3)),
        },
      ),
      solid(rect(336, 236, 128, 78, 26), darker(cloth, 0.14), {
        shade: 16,
        inside: flat(ellipse(400, 244, 50, 20), ink.deep),
      }),
      stroke('M400 268V780', darker(cloth, 0.6), 10),
      stroke('M292 620l30 84M508 620l-30 84', darker(cloth, 0.6), 8),
      flat(rect(392, 330, 16, 42, 7), ink.brass),
    ].join('');
  },
  'long-mile-trousers': () => {
    const cloth = ink.moss;
    return [
      shadow(400, 858, 200),
      solid(soft(18, [376, 256], [540, 250], [588, 846], [452, 846], [392, 430]), darker(cloth, 0.1), {
        shade: 34,
        inside:
          stroke('M470 590q50 14 96 0', darker(cloth, 0.35), 5) + flat(rect(430, 812, 180, 50), darker(cloth, 0.2)),
      }),
      solid(soft(18, [262, 250], [430, 250], [420, 400], [348, 846], [212, 846]), cloth, {
        shade: 34,
        inside:
          stroke('M234 590q50 14 96 0', darker(cloth, 0.35), 5) + flat(rect(190, 812, 180, 50), darker(cloth, 0.2)),
      }),
      solid(rect(256, 216, 288, 64, 10), darker(cloth, 0.14), { shade: 24 }),
      flat(rect(292, 208, 16, 80, 4), darker(cloth, 0.4)) + flat(rect(492, 208, 16, 80, 4), darker(cloth, 0.4)),
      solid(ellipse(400, 248, 15), ink.brass, { shade: 6 }),
      stroke('M400 280Q408 360 396 410', darker(cloth, 0.4), 6),
      stroke('M272 292q46 20 40 86M528 292q-46 20 -40 86', darker(cloth, 0.4), 6),
      solid(rect(246, 450, 96, 116, 8), lighter(cloth, 0.06), {
        shade: 10,
        inside: flat(rect(246, 450, 96, 34), darker(cloth, 0.2)),
      }),
      stitch('M500 300L546 800', lighter(cloth, 0.3), 3),
    ].join('');
  },
  'sandpiper-mittens': () => {
    const wool = ink.storm;
    const mitten = () =>
      [
        solid('M306 560C250 520 236 440 268 424C296 412 320 450 340 490Z', darker(wool, 0.12), { shade: 14 }),
        solid(soft(70, [300, 270], [470, 270], [486, 620], [300, 620]), wool, {
          shade: 40,
          inside:
            flat(poly([280, 250], [500, 250], [500, 420], [280, 452]), lighter(wool, 0.12)) +
            stroke('M290 450L500 418', darker(wool, 0.5), 6),
        }),
        solid(rect(290, 600, 206, 150, 26), ink.rust, { shade: 30, inside: ribs(290, 600, 206, 150, ink.rust, 10) }),
        solid(ellipse(392, 396, 14), ink.straw, { shade: 5 }),
      ].join('');
    return [
      shadow(400, 836, 260),
      cord('M250 740C240 900 560 900 560 740', ink.straw, 11),
      turn(10, 400, 600, `<g transform="matrix(-1 0 0 1 920 20)">${mitten()}</g>`),
      turn(-8, 300, 700, `<g transform="translate(-130 50)">${mitten()}</g>`),
    ].join('');
  },
  'spindrift-scarf': () => {
    const wool = ink.fog;
    const check = (x: number, y: number, w: number, h: number) =>
      flat([0.16, 0.62].map((at) => `M${x + w * at} ${y}h${w * 0.16}v${h}h${-w * 0.16}Z`).join(''), ink.water, 0.55) +
      flat(
        Array.from({ length: 6 }, (_, row) => `M${x} ${y + 30 + row * 110}h${w}v34h${-w}Z`).join(''),
        ink.gorse,
        0.6,
      );
    const fringe = (x: number, y: number) =>
      stroke(
        Array.from({ length: 8 }, (_, at) => `M${x + 9 + at * 20} ${y}l${(at % 3) - 1} 44`).join(''),
        darker(wool, 0.15),
        8,
      );
    return [
      shadow(400, 868, 210, 20),
      fringe(424, 790),
      solid(soft(16, [408, 330], [560, 330], [586, 800], [420, 800]), darker(wool, 0.06), {
        shade: 30,
        inside: check(410, 330, 176, 600),
      }),
      fringe(236, 690),
      solid(soft(16, [254, 340], [410, 340], [404, 700], [230, 700]), wool, {
        shade: 34,
        inside: check(230, 310, 176, 500),
      }),
      solid(
        blob([232, 340], [280, 228], [400, 196], [520, 228], [576, 340], [510, 440], [400, 460], [290, 440]),
        wool,
        {
          shade: 44,
          inside:
            flat(ellipse(402, 300, 104, 62), darker(wool, 0.5)) +
            stroke('M246 350C300 440 500 450 560 340', ink.water, 26, 0.55) +
            stroke('M262 300C240 340 300 420 400 424', ink.gorse, 14, 0.6),
        },
      ),
    ].join('');
  },
  'squall-smock': () => {
    const cloth = ink.gorse;
    return [
      ground,
      hanger(),
      garment(cloth, {
        hem: 800,
        cuff: darker(cloth, 0.25),
        isBoxy: true,
        inside: stroke('M230 740H570', darker(cloth, 0.35), 5),
      }),
      solid(blob([312, 330], [322, 214], [400, 176], [478, 214], [488, 330], [400, 372]), cloth, {
        shade: 30,
        inside: flat(ellipse(400, 276, 56, 74), darker(cloth, 0.62)),
      }),
      stroke('M372 338L356 430M428 338L440 420', ink.chalk, 7),
      solid(rect(276, 500, 248, 196, [10, 10, 40, 40]), lighter(cloth, 0.12), {
        shade: 28,
        inside: flat(rect(276, 500, 248, 58), darker(cloth, 0.14)) + stitch('M280 570H520', darker(cloth, 0.4)),
      }),
      dots(
        [
          [316, 532],
          [484, 532],
        ],
        10,
        ink.tar,
      ),
    ].join('');
  },
  'hut-slippers': () => {
    const slipper = (felt: string) =>
      [
        solid('M150 700H600C640 700 650 748 610 752H180C140 752 130 720 150 700Z', ink.straw, { shade: 18 }),
        solid('M150 706C120 560 160 500 240 500C300 500 330 560 400 572C520 590 620 620 622 706Z', felt, {
          shade: 34,
          inside: stroke('M110 690H640', lighter(felt, 0.3), 5, 0.6),
        }),
        flat('M176 540C180 500 290 490 320 544C290 590 200 590 176 540Z', darker(felt, 0.55)),
        flat('M190 540C200 516 280 512 306 544C270 566 214 566 190 540Z', ink.ember),
      ].join('');
    return [
      shadow(400, 800, 330),
      `<g transform="matrix(.86 0 0 .86 170 40)">${slipper(darker(ink.slate, 0.16))}</g>`,
      `<g transform="translate(-40 60)">${slipper(ink.slate)}</g>`,
    ].join('');
  },
};
