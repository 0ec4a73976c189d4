import type { Drawings } from '../canvas.ts';
import { ellipse, poly, rect, soft } from '../outline.ts';
import { cord, flat, move, type Paint, shadow, solid, stitch, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { dots, writing } from '../texture.ts';
import { tern } from './light.ts';

/** A closed book that leans towards us: its pages show below and at the right. */
function book(x: number, y: number, width: number, height: number, cover: string, onCover: Paint = ''): Paint {
  return [
    solid(rect(x + 10, y + 14, width, height, 14), darker(cover, 0.35), { shade: 0, light: 0 }),
    flat(rect(x + 8, y + 10, width - 6, height - 6, 8), ink.chalk),
    solid(rect(x, y, width, height, [6, 16, 16, 6]), cover, {
      shade: 26,
      inside: flat(rect(x, y, 40, height), darker(cover, 0.2)) + onCover,
    }),
  ].join('');
}

/** Hills behind water, in the frame. */
function view(x: number, y: number, width: number, height: number, sky: string, hill: string, sea: string): Paint {
  const at = (dx: number, dy: number) => `${Math.round(x + dx * width)} ${Math.round(y + dy * height)}`;
  return solid(rect(x, y, width, height), sky, {
    shade: 0,
    light: 0,
    inside:
      flat(
        `M${at(0, 0.62)}L${at(0.3, 0.3)}L${at(0.46, 0.5)}L${at(0.68, 0.22)}L${at(1, 0.6)}V${y + height}H${x}Z`,
        hill,
      ) + flat(rect(x, Math.round(y + height * 0.62), width, height), sea),
  });
}

export const paper: Drawings = {
  'field-notebook-set': () =>
    [
      shadow(420, 846, 260),
      turn(9, 400, 840, book(300, 370, 280, 440, ink.moss)),
      turn(2, 400, 840, book(250, 390, 280, 440, ink.oat, writing(330, 470, 140, 2, 26))),
      turn(
        -6,
        400,
        840,
        book(
          190,
          400,
          280,
          440,
          ink.water,
          flat(rect(266, 480, 150, 90, 6), ink.bone) + writing(286, 510, 110, 2, 28) + tern(340, 700, 60, ink.bone),
        ),
      ),
    ].join(''),
  'logbook-a5': () =>
    [
      shadow(410, 846, 260),
      flat('M330 800V910L346 890L362 910V800Z', ink.gorse) + flat('M390 800V896L404 878L418 896V800Z', ink.rust),
      book(
        200,
        260,
        400,
        570,
        ink.storm,
        stroke(rect(270, 320, 290, 450, 10), ink.brass, 5) +
          flat(ellipse(416, 470, 74), ink.brass) +
          tern(416, 470, 56, ink.storm) +
          stroke('M350 620q16 -16 33 0t33 0t33 0t33 0M350 654q16 -16 33 0t33 0t33 0t33 0', ink.brass, 6),
      ),
      solid(rect(540, 250, 22, 600, 6), ink.tar, { shade: 6 }),
    ].join(''),
  'week-at-anchor-planner': () =>
    [
      shadow(400, 842, 320),
      flat(rect(90, 430, 620, 412, 14), darker(ink.rust, 0.1)),
      solid('M106 420Q260 390 398 430V820Q260 784 106 812Z', ink.chalk, {
        shade: 0,
        inside:
          stroke(
            Array.from(
              { length: 7 },
              (_, at) => `M130 ${470 + at * 46}Q262 ${444 + at * 46} 380 ${478 + at * 46}`,
            ).join(''),
            ink.shallow,
            4,
          ) +
          flat(ellipse(156, 498, 12), ink.rust) +
          flat(ellipse(156, 636, 12), ink.rust),
      }),
      solid('M694 420Q540 390 402 430V820Q540 784 694 812Z', lighter(ink.bone, 0.4), {
        shade: 14,
        inside:
          dots(
            Array.from({ length: 35 }, (_, at) => [446 + (at % 7) * 38, 470 + Math.floor(at / 7) * 62] as const),
            4,
            ink.stone,
          ) + flat('M694 812L640 816L694 770Z', ink.oat),
      }),
      stroke('M400 430V820', darker(ink.bone, 0.3), 6),
      solid(rect(384, 380, 26, 150, 0), ink.gorse, { shade: 6 }),
      turn(
        58,
        600,
        600,
        solid(rect(586, 420, 28, 250, [14, 14, 4, 4]), ink.deep, { shade: 9 }) +
          flat(poly([586, 670], [614, 670], [600, 712]), ink.brass),
      ),
    ].join(''),
  'harbour-letter-set': () =>
    [
      shadow(400, 842, 290),
      turn(
        -8,
        330,
        800,
        solid(rect(190, 260, 340, 480, 4), ink.chalk, {
          shade: 0,
          inside: writing(236, 350, 240, 9, 40, ink.deep) + tern(356, 306, 40, ink.water),
        }),
      ),
      turn(7, 520, 800, solid(rect(350, 330, 320, 440, 4), lighter(ink.bone, 0.4), { shade: 0 })),
      solid(rect(150, 590, 500, 252, 12), ink.bone, { shade: 24 }),
      flat(poly([150, 596], [650, 596], [400, 764]), ink.deep) +
        stroke('M152 600L400 764L648 600', darker(ink.bone, 0.25), 5),
      stroke('M156 836L336 712M644 836L464 712', darker(ink.bone, 0.2), 5),
      solid(ellipse(400, 752, 40), ink.rust, { shade: 12 }) + tern(400, 756, 28, darker(ink.rust, 0.4)),
    ].join(''),
  'foreshore-desk-pad': () =>
    [
      shadow(400, 820, 340),
      solid(poly([120, 480], [640, 440], [730, 790], [60, 820]), darker(ink.oat, 0.3), { shade: 0 }),
      solid(poly([124, 466], [636, 426], [724, 772], [64, 802]), ink.chalk, {
        shade: 0,
        inside:
          flat(poly([80, 690], [710, 650], [730, 790], [50, 810]), ink.fog) +
          stroke(
            'M86 692L702 652M172 686L160 800M260 680L256 800M348 674L350 800M436 668L448 800M524 662L546 800M612 656L644 800',
            ink.slate,
            4,
          ),
      }),
      stroke('M210 600C260 520 330 640 380 560S470 520 500 570', ink.water, 7) +
        stroke(ellipse(560, 520, 44, 34), ink.rust, 7) +
        stroke('M188 530h90M188 556h60', ink.slate, 5),
      solid(poly([124, 466], [636, 426], [642, 450], [118, 490]), ink.deep, { shade: 0 }),
      turn(
        64,
        620,
        600,
        solid(rect(604, 440, 30, 240), ink.gorse, { shade: 10 }) +
          flat(poly([604, 680], [634, 680], [619, 726]), ink.beech),
      ),
      solid('M596 470C590 410 640 380 700 392C756 400 770 450 746 486C700 510 620 506 596 470Z', ink.stone, {
        shade: 22,
      }) + stroke('M622 420q50 20 116 6', ink.chalk, 7, 0.7),
    ].join(''),
  'wet-weather-watercolour-block': () =>
    [
      shadow(400, 846, 290),
      solid(rect(160, 300, 480, 542, 8), ink.deep, { shade: 24 }),
      solid(rect(172, 312, 456, 506, 4), ink.chalk, { shade: 0 }),
      view(200, 340, 400, 380, ink.fog, ink.slate, ink.shallow),
      flat('M230 420C250 380 300 400 310 390C340 370 390 390 384 424Z', ink.chalk, 0.8) +
        flat('M440 400C460 370 520 376 530 404Z', ink.chalk, 0.8) +
        flat('M260 700q60 -26 120 -6t130 -8v14H240Z', ink.deep, 0.4),
      turn(
        28,
        560,
        640,
        [
          solid(rect(546, 360, 28, 290, [14, 14, 6, 6]), ink.rust, { shade: 9 }),
          solid(rect(542, 640, 36, 60, 4), ink.steel, { shade: 10 }),
          solid('M542 700H578C590 740 570 770 560 796C550 770 530 740 542 700Z', ink.walnut, { shade: 8 }),
        ].join(''),
      ),
      ...(
        [
          [190, ink.water],
          [262, ink.rust],
          [334, ink.gorse],
        ] as const
      ).map(([x, colour]) =>
        solid(rect(x, 836, 62, 40, 6), ink.chalk, { shade: 8, inside: flat(ellipse(x + 31, 854, 22, 13), colour) }),
      ),
    ].join(''),
  'northern-postcards': () => {
    const card = (angle: number, x: number, y: number, inside: Paint) =>
      turn(angle, x + 190, y + 130, solid(rect(x, y, 380, 264, 4), ink.chalk, { shade: 0, light: 0 }) + inside);
    return [
      shadow(410, 846, 280),
      card(-10, 160, 300, view(178, 318, 344, 228, ink.gorse, ink.rust, ink.deep)),
      card(8, 280, 430, view(298, 448, 344, 228, ink.fog, ink.moss, ink.water)),
      card(
        -4,
        190,
        570,
        view(208, 588, 344, 228, ink.bone, ink.shallow, ink.storm) +
          solid('M360 690L380 640H400L420 690Z', ink.rust, { shade: 10 }) +
          flat(rect(348, 690, 84, 40, 20), ink.rust) +
          flat(ellipse(390, 634, 9), ink.gorse),
      ),
    ].join('');
  },
  'tide-calendar': () => {
    const wave = (y: number, height: number) => `M250 ${y}q25 ${-height} 50 0t50 0t50 0t50 0t50 0t50 0`;
    return [
      shadow(400, 900, 170, 14),
      stroke('M250 150Q400 60 550 150', ink.walnut, 5),
      solid(ellipse(400, 100, 13), ink.brass, { shade: 5 }),
      solid(rect(250, 160, 300, 700), ink.chalk, {
        shade: 16,
        inside: [190, 300, 410, 520, 630, 740]
          .map(
            (y, at) =>
              stroke(wave(y + 70, 34 + (at % 3) * 16), at % 2 ? ink.water : ink.deep, 8) +
              flat(ellipse(290 + at * 8, y + 16, 14), at % 2 ? ink.fog : ink.gorse) +
              stroke(`M330 ${y + 16}h${150 - at * 6}`, ink.stone, 4),
          )
          .join(''),
      }),
      solid(rect(232, 142, 336, 30, 8), ink.beech, { shade: 12 }),
      solid(rect(232, 850, 336, 30, 8), ink.beech, { shade: 12 }),
    ].join('');
  },
  'landscape-sketchbook': () =>
    [
      shadow(400, 820, 330),
      solid(rect(110, 470, 580, 350, 14), darker(ink.rust, 0.3), { shade: 0 }),
      flat(rect(118, 464, 572, 346, 8), ink.bone),
      solid(rect(106, 452, 580, 350, [6, 16, 16, 6]), ink.rust, {
        shade: 30,
        inside: flat(rect(100, 440, 64, 380), ink.kelp) + stitch('M176 452V802', lighter(ink.rust, 0.4), 4),
      }),
      stroke('M250 690L350 590L400 640L480 550L610 690Z', ink.bone, 7) + stroke('M250 720H610', ink.bone, 7),
      solid(rect(672, 560, 44, 90, 8), ink.kelp, { shade: 8 }),
      turn(
        4,
        694,
        600,
        solid(rect(682, 380, 26, 330), ink.gorse, { shade: 9 }) +
          flat(poly([682, 710], [708, 710], [695, 750]), ink.beech) +
          flat(poly([691, 738], [699, 738], [695, 750]), ink.tar),
      ),
    ].join(''),
  'tern-colony-print': () => {
    const birds = Array.from({ length: 22 }, (_, at) => {
      const x = 268 + ((at * 67) % 270);
      const y = 270 + ((at * 113) % 290);
      return tern(x, y, 20 + ((at * 5) % 18), at % 4 === 0 ? ink.rust : ink.chalk, ((at * 31) % 50) - 25);
    }).join('');
    return [
      shadow(400, 866, 210, 16),
      solid(rect(176, 150, 448, 640), ink.oak, { shade: 18, light: 10 }),
      flat(rect(200, 174, 400, 592), ink.chalk),
      solid(rect(236, 214, 328, 470), ink.water, {
        shade: 0,
        light: 0,
        inside: flat('M230 620Q300 540 360 590T470 570T600 600V700H230Z', ink.deep) + birds,
      }),
      stroke('M240 726h40M500 726q12 -16 22 0t22 0', ink.slate, 4),
    ].join('');
  },
  'margin-sticky-flags': () => {
    const tones = [ink.deep, ink.water, ink.shallow, ink.fog, ink.storm];
    return [
      shadow(400, 842, 290),
      solid(soft(10, [130, 610], [640, 560], [670, 800], [160, 842]), ink.bone, { shade: 0 }),
      ...tones.map((tone, at) =>
        move(
          at * 96,
          at * -9,
          solid(poly([162, 440], [236, 434], [252, 800], [178, 808]), tone, {
            shade: 10,
            inside: flat(poly([160, 440], [240, 434], [243, 500], [163, 506]), lighter(tone, 0.25)),
          }),
        ),
      ),
      turn(
        14,
        400,
        360,
        solid(rect(340, 240, 74, 190, 3), ink.shallow, {
          shade: 0,
          inside: stroke('M358 280h40M358 306h28', ink.deep, 5),
        }),
      ),
      cord('M120 846H680', darker(ink.bone, 0.15), 8),
    ].join('');
  },
};
