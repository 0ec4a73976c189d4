import type { Drawings } from '../canvas.ts';
import { ellipse, poly, rect, soft } from '../outline.ts';
import { cord, flat, type Paint, scale, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { dots, gleam } from '../texture.ts';

/** A steel nib that points down, its shoulders at y and its point 130 below. */
function nib(x: number, y: number, colour: string = ink.steel): Paint {
  return [
    solid(
      `M${x - 34} ${y}H${x + 34}C${x + 40} ${y + 50} ${x + 16} ${y + 90} ${x} ${y + 136}C${x - 16} ${y + 90} ${x - 40} ${y + 50} ${x - 34} ${y}Z`,
      colour,
      { shade: 18 },
    ),
    stroke(`M${x} ${y + 56}V${y + 128}`, darker(colour, 0.6), 4) + flat(ellipse(x, y + 48, 9), darker(colour, 0.6)),
  ].join('');
}

/** A wooden pencil standing on its end, its point upwards at y. */
function pencil(x: number, y: number, length: number, colour: string, lead: string = ink.tar): Paint {
  return [
    flat(poly([x, y], [x + 17, y + 60], [x - 17, y + 60]), ink.beech),
    flat(poly([x, y], [x + 6, y + 20], [x - 6, y + 20]), lead),
    solid(rect(x - 17, y + 56, 34, length - 56), colour, {
      shade: 11,
      light: 0,
      inside: flat(rect(x - 17, y + 50, 11, length), lighter(colour, 0.25)),
    }),
  ].join('');
}

export const writing: Drawings = {
  'signal-fountain-pen': () => {
    const body = ink.brass;
    return [
      shadow(400, 856, 200),
      turn(
        28,
        400,
        520,
        [
          solid(soft(8, [362, 590], [438, 590], [426, 700], [374, 700]), ink.tar, { shade: 20 }),
          nib(400, 700, ink.gorse),
          solid(rect(352, 250, 96, 346, 16), body, { shade: 30 }),
          solid(rect(346, 570, 108, 26, 6), darker(body, 0.2), { shade: 26 }),
          gleam('M372 280V560', 10, 0.6),
          solid(rect(362, 150, 76, 110, [36, 36, 4, 4]), darker(body, 0.08), { shade: 26 }),
        ].join(''),
      ),
      turn(
        83,
        560,
        800,
        solid(rect(514, 690, 92, 250, [44, 44, 8, 8]), body, {
          shade: 22,
          inside: flat(rect(500, 906, 120, 14), darker(body, 0.35)),
        }) + solid(rect(550, 712, 20, 180, 10), lighter(body, 0.2), { shade: 6 }),
      ),
      stroke('M120 826q24 -22 44 0t44 0', ink.deep, 8),
    ].join('');
  },
  'drafting-pencil': () => {
    const metal = ink.storm;
    return [
      shadow(420, 856, 190),
      turn(
        32,
        400,
        500,
        [
          stroke('M400 790V868', ink.steel, 9),
          solid(poly([372, 700], [428, 700], [410, 800], [390, 800]), ink.steel, { shade: 10 }),
          solid(rect(362, 560, 76, 146, 8), ink.steel, {
            shade: 20,
            inside: stroke(
              'M362 574l76 20M362 598l76 20M362 622l76 20M362 646l76 20M362 670l76 20M438 574l-76 20M438 598l-76 20M438 622l-76 20M438 646l-76 20M438 670l-76 20',
              darker(ink.steel, 0.45),
              4,
            ),
          }),
          solid(rect(366, 220, 68, 346, 6), metal, { shade: 20 }),
          gleam('M382 250V540', 8, 0.5),
          solid(rect(430, 240, 18, 150, 8), ink.steel, { shade: 6 }),
          solid(rect(374, 150, 52, 74, [14, 14, 4, 4]), ink.steel, { shade: 14 }),
          solid(rect(386, 118, 28, 40, [10, 10, 0, 0]), ink.chalk, { shade: 8 }),
        ].join(''),
      ),
      stroke('M150 838H268M150 806H230', ink.slate, 5),
    ].join('');
  },
  'tideline-ink': () => {
    const inkIn = ink.deep;
    return [
      shadow(400, 842, 250),
      solid(soft(70, [180, 470], [620, 470], [640, 842], [160, 842]), lighter(ink.fog, 0.4), {
        shade: 40,
        shadeStrength: 0.12,
        inside:
          flat('M190 560Q400 540 610 560V800Q400 830 190 800Z', inkIn) +
          flat('M190 560Q400 540 610 560Q400 586 190 560Z', ink.water),
      }),
      solid(rect(230, 610, 340, 150, 10), ink.bone, {
        shade: 14,
        inside: stroke('M256 700q30 -34 60 0t60 0t60 0t60 0t60 0', inkIn, 8) + flat(ellipse(400, 650, 16), ink.ember),
      }),
      solid(rect(290, 430, 220, 56, 10), lighter(ink.fog, 0.3), { shade: 20 }),
      solid(rect(268, 320, 264, 124, 24), ink.tar, { shade: 44 }),
      gleam('M206 570V740', 15, 0.5) + gleam('M300 350V410', 12, 0.3),
      turn(52, 660, 640, solid(rect(640, 420, 36, 200, 16), ink.walnut, { shade: 12 }) + nib(658, 616)),
      flat('M596 826C600 790 640 800 660 818C690 812 700 840 670 848H610C596 846 592 838 596 826Z', inkIn),
    ].join('');
  },
  'bosun-ballpoint': () =>
    [
      shadow(400, 856, 220),
      ...(
        [
          [-18, 300, ink.chalk],
          [4, 400, ink.rust],
          [24, 500, ink.storm],
        ] as const
      ).map(([angle, x, colour]) =>
        turn(
          angle,
          400,
          840,
          [
            solid(poly([x - 24, 740], [x + 24, 740], [x + 6, 850], [x - 6, 850]), ink.brass, { shade: 12, light: 0 }),
            solid(rect(x - 28, 300, 56, 444), colour, {
              shade: 18,
              light: 0,
              inside: flat(rect(x - 28, 290, 18, 460), lighter(colour, 0.22)),
            }),
            flat(rect(x + 14, 320, 16, 130, 8), ink.brass),
            solid(rect(x - 16, 246, 32, 58), ink.brass, { shade: 10, light: 0 }),
          ].join(''),
        ),
      ),
    ].join(''),
  'twelve-pencils': () =>
    [
      shadow(400, 842, 290),
      solid(rect(160, 560, 480, 282, 20), darker(ink.deep, 0.2), { shade: 40 }),
      ...Array.from({ length: 9 }, (_, at) =>
        pencil(
          208 + at * 48,
          330 + ((at * 7) % 5) * 22,
          420,
          at % 3 === 1 ? ink.rust : at % 3 === 2 ? ink.gorse : ink.water,
        ),
      ),
      solid(rect(148, 640, 504, 202, 22), ink.deep, {
        shade: 50,
        inside:
          flat(rect(140, 700, 520, 84), ink.bone) +
          stroke('M180 760L300 720L360 748L450 716L540 752L640 726', ink.slate, 5) +
          flat(ellipse(560, 726, 13), ink.ember),
      }),
    ].join(''),
  'canvas-pen-roll': () => {
    const cloth = ink.moss;
    const things = [ink.brass, ink.rust, ink.storm, ink.gorse, ink.walnut, ink.steel];
    return [
      shadow(400, 842, 310),
      solid(rect(110, 370, 500, 470, 16), cloth, { shade: 30, inside: stitch('M110 396H620', lighter(cloth, 0.5)) }),
      ...things.map((colour, at) =>
        solid(rect(150 + at * 72, 430 + ((at * 5) % 4) * 24, 32, 300, [16, 16, 4, 4]), colour, { shade: 11, light: 0 }),
      ),
      solid(rect(110, 610, 500, 230, [0, 0, 16, 16]), lighter(cloth, 0.1), {
        shade: 20,
        inside:
          stroke('M202 610V840M274 610V840M346 610V840M418 610V840M490 610V840M562 610V840', darker(cloth, 0.35), 5) +
          stitch('M110 626H620', lighter(cloth, 0.6)),
      }),
      solid(rect(590, 360, 110, 490, 52), darker(cloth, 0.1), { shade: 40 }),
      flat(ellipse(645, 390, 40, 22), darker(cloth, 0.45)) +
        stroke('M621 390a24 13 0 1 1 48 0a16 9 0 1 1 -30 2', lighter(cloth, 0.2), 5),
      cord('M700 560C770 560 760 690 720 700C690 710 700 760 750 770', ink.tan, 11),
    ].join('');
  },
  'dip-pen-and-nibs': () =>
    [
      shadow(400, 842, 280),
      solid(rect(150, 690, 330, 152, 26), ink.steel, {
        shade: 34,
        inside: flat(rect(150, 740, 330, 60), ink.bone) + stroke('M180 770h90', ink.rust, 8),
      }),
      ...[0, 1, 2, 3].map((at) =>
        turn(
          180 - 20 + at * 14,
          216 + at * 66,
          660,
          scale(0.62 + at * 0.05, 216 + at * 66, 640, nib(216 + at * 66, 580, at % 2 ? ink.brass : ink.steel)),
        ),
      ),
      turn(
        36,
        520,
        500,
        [
          solid('M506 120C520 110 540 110 546 130L556 540C556 570 500 570 500 540Z', ink.tar, {
            shade: 18,
            inside: stroke('M520 150L524 520M536 200L540 500', lighter(ink.tar, 0.3), 4, 0.6),
          }),
          solid(rect(496, 540, 64, 70, 10), ink.brass, { shade: 18 }),
          nib(528, 606),
        ].join(''),
      ),
      solid(rect(150, 666, 330, 36, 12), darker(ink.steel, 0.15), { shade: 10 }),
    ].join(''),
  'wedge-sharpener': () => {
    const metal = ink.brass;
    return [
      shadow(430, 842, 290),
      solid(soft(14, [560, 500], [660, 560], [660, 800], [560, 842]), darker(metal, 0.3), { shade: 12 }),
      solid(soft(20, [180, 560], [564, 480], [564, 842], [180, 842]), metal, {
        shade: 40,
        inside: stroke('M180 790H564', darker(metal, 0.25), 6),
      }),
      solid(poly([250, 590], [530, 530], [530, 610], [250, 660]), ink.steel, {
        shade: 14,
        inside: stroke('M250 654L530 604', ink.chalk, 7),
      }),
      solid(ellipse(400, 596, 26), darker(ink.steel, 0.2), { shade: 8 }) + stroke('M386 602L414 590', ink.tar, 7),
      flat(ellipse(280, 742, 40), darker(metal, 0.6)) + flat(ellipse(430, 742, 56), darker(metal, 0.6)),
      gleam('M200 600V760', 12, 0.5),
      turn(74, 430, 742, pencil(430, 742, 420, ink.water)),
      stroke('M330 470C300 400 380 360 410 410C440 460 360 480 350 430C350 400 380 396 388 416', ink.beech, 15) +
        stroke('M326 474C290 400 384 348 418 408', ink.rust, 5),
    ].join('');
  },
  'second-thoughts-erasers': () => {
    const block = (x: number, y: number, w: number, h: number, rubber: string, band: string, tilt: number) =>
      turn(
        tilt,
        x + w / 2,
        y + h,
        [
          solid(rect(x, y, w, h, 30), rubber, { shade: 30 }),
          solid(rect(x + w * 0.4, y, w * 0.6, h, [0, 24, 24, 0]), band, {
            shade: 26,
            inside: flat(rect(x + w * 0.52, y + h / 2 - 9, w * 0.3, 18), lighter(band, 0.6)),
          }),
        ].join(''),
      );
    return [
      shadow(400, 842, 270),
      block(180, 690, 420, 150, ink.chalk, ink.deep, 0),
      block(230, 540, 380, 150, ink.rust, ink.bone, -3),
      solid(
        'M300 540C270 480 320 450 350 462C360 410 420 380 470 400C500 380 540 400 530 440C580 460 580 520 556 540Z',
        ink.stone,
        { shade: 34 },
      ),
      dots([[492, 424]], 7, ink.tar) + stroke('M516 440q14 2 20 8', ink.tar, 5),
      dots(
        [
          [150, 836],
          [128, 828],
          [168, 822],
          [640, 836],
          [662, 830],
        ],
        6,
        ink.slate,
      ),
    ].join('');
  },
  'brass-desk-ruler': () => {
    const metal = ink.brass;
    const marks = Array.from(
      { length: 31 },
      (_, at) => `M${330} ${190 + at * 20}h${at % 10 === 0 ? 66 : at % 5 === 0 ? 46 : 28}`,
    ).join('');
    const inches = Array.from({ length: 13 }, (_, at) => `M${470} ${190 + at * 50}h${at % 2 === 0 ? -56 : -34}`).join(
      '',
    );
    return [
      shadow(440, 850, 210),
      turn(
        18,
        400,
        520,
        [
          solid(rect(326, 160, 148, 690, 10), metal, {
            shade: 14,
            inside:
              flat(rect(326, 160, 20, 690), lighter(metal, 0.35)) +
              stroke(marks, darker(metal, 0.65), 4) +
              stroke(inches, darker(metal, 0.65), 4),
          }),
          flat(ellipse(404, 822, 11), darker(metal, 0.65)),
          gleam('M390 230L420 330', 16, 0.3),
        ].join(''),
      ),
      turn(-30, 200, 820, pencil(210, 560, 300, ink.rust)),
    ].join('');
  },
};
