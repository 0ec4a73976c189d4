import type { Drawings } from '../canvas.ts';
import { ellipse, type Outline, poly, rect, soft } from '../outline.ts';
import { cord, flat, type Paint, shadow, solid, stroke, turn } from '../paint.ts';
import { darker, ink, lighter } from '../palette.ts';
import { dots, gleam, grain, halo } from '../texture.ts';

/** What a shade throws down: two cones of light. */
function beam(outer: Outline, inner: Outline): Paint {
  return flat(outer, ink.glow, 0.13) + flat(inner, ink.glow, 0.16);
}

export const lamps: Drawings = {
  'gantry-desk-lamp': () => {
    const paint = ink.gorse;
    return [
      beam('M250 390L60 842H470L380 470Z', 'M270 400L130 842H410L370 460Z'),
      shadow(480, 846, 220),
      solid('M390 842C390 800 420 786 520 786S650 800 650 842Z', paint, { shade: 40 }),
      solid(rect(500, 730, 40, 64, 8), ink.iron, { shade: 12 }),
      cord('M520 740L640 440', paint, 18) + cord('M496 734L614 436', ink.steel, 7),
      cord('M640 440L370 260', paint, 18) + cord('M626 470L360 290', ink.steel, 7),
      solid(ellipse(638, 442, 32), ink.iron, { shade: 12 }) + dots([[638, 442]], 10, ink.brass),
      turn(
        28,
        330,
        330,
        [
          solid('M280 236H380L450 420H210Z', paint, { shade: 44 }),
          solid(rect(296, 186, 68, 60, [26, 26, 4, 4]), darker(paint, 0.2), { shade: 16 }),
          flat(ellipse(330, 420, 118, 26), lighter(ink.glow, 0.4)),
        ].join(''),
      ),
      cord('M650 830C740 830 720 900 800 900', ink.tar, 9),
    ].join('');
  },
  'dune-table-lamp': () => {
    const clay = ink.oat;
    const pleats = Array.from({ length: 15 }, (_, at) => `M${306 + at * 13.5} 250L${200 + at * 28.6} 560`)
      .join('')
      .replace(/\d+\.\d/g, (x) => `${Math.round(Number(x))}`);
    return [
      halo(400, 430, 400, 0.14),
      shadow(400, 846, 210),
      solid(rect(386, 540, 28, 90), ink.brass, { shade: 10 }),
      solid(
        'M346 620C346 600 454 600 454 620C460 680 560 720 560 800C560 830 540 842 510 842H290C260 842 240 830 240 800C240 720 340 680 346 620Z',
        clay,
        {
          shade: 64,
          inside:
            flat('M220 770Q400 730 580 770V860H220Z', darker(clay, 0.2)) +
            dots(
              [
                [300, 740],
                [460, 700],
                [500, 760],
                [370, 690],
              ],
              5,
              ink.tan,
            ),
        },
      ),
      solid(soft(16, [300, 246], [500, 246], [606, 564], [194, 564]), ink.glow, {
        shade: 40,
        shadeStrength: 0.14,
        light: 12,
        inside: flat(ellipse(400, 440, 110, 130), lighter(ink.glow, 0.7)) + stroke(pleats, ink.gorse, 4, 0.5),
      }),
      cord('M540 830C620 830 640 880 700 880', ink.walnut, 9) +
        solid(rect(640, 852, 54, 36, 14), ink.brass, { shade: 8 }),
    ].join('');
  },
  'reading-room-lamp': () => {
    const paint = ink.moss;
    return [
      beam('M160 430L80 842H740L640 430Z', 'M220 430L180 842H620L580 430Z'),
      shadow(400, 846, 220),
      solid(soft(26, [270, 786], [530, 786], [570, 842], [230, 842]), ink.brass, { shade: 40 }),
      solid(rect(384, 420, 32, 376, 8), ink.brass, { shade: 12 }),
      gleam('M392 460V770', 5, 0.7),
      stroke('M470 450V560', ink.brass, 5) + dots([[470, 566]], 10, ink.brass),
      solid('M150 430C150 300 250 264 400 264S650 300 650 430Z', paint, { shade: 60, light: 14 }),
      solid(rect(140, 420, 520, 26, 12), darker(paint, 0.3), { shade: 20 }),
      flat(ellipse(400, 448, 236, 10), ink.glow),
      solid(ellipse(400, 262, 24), ink.brass, { shade: 8 }),
      gleam('M206 386Q236 310 330 296', 15, 0.5),
      solid(poly([300, 800], [420, 810], [430, 850], [280, 840]), ink.chalk, { shade: 0 }) +
        solid(poly([420, 810], [540, 798], [564, 838], [430, 850]), ink.bone, { shade: 0 }),
    ].join('');
  },
  'limpet-clip-lamp': () => {
    const paint = ink.rust;
    return [
      beam('M180 440L-60 700V1010H400L400 556Z', 'M200 460L-10 1010H330L370 550Z'),
      solid(rect(380, 640, 460, 60, 6), ink.oak, { shade: 16, inside: grain(380, 640, 460, 60, ink.oak) }),
      flat(rect(420, 700, 30, 300), darker(ink.oak, 0.5)),
      cord('M520 610C540 420 520 380 380 360', ink.iron, 22),
      solid(soft(14, [440, 560], [620, 560], [640, 640], [430, 640]), paint, { shade: 24 }),
      solid(soft(14, [430, 700], [640, 700], [610, 770], [460, 770]), darker(paint, 0.14), { shade: 24 }),
      solid(ellipse(660, 668, 46), ink.steel, { shade: 14 }) + stroke(ellipse(660, 668, 24), ink.iron, 8),
      solid(soft(12, [600, 560], [760, 500], [776, 540], [630, 640]), paint, { shade: 12 }),
      solid(soft(12, [620, 700], [776, 790], [756, 826], [590, 770]), darker(paint, 0.14), { shade: 12 }),
      turn(
        26,
        290,
        400,
        solid(soft(20, [260, 270], [330, 270], [420, 500], [170, 500]), paint, { shade: 46 }) +
          flat(ellipse(295, 500, 120, 24), lighter(ink.glow, 0.4)) +
          solid(rect(266, 230, 58, 50, [22, 22, 4, 4]), ink.iron, { shade: 12 }),
      ),
      cord('M530 560C600 470 690 440 820 460', ink.chalk, 10),
    ].join('');
  },
  'mast-floor-lamp': () => {
    const wood = ink.beech;
    return [
      halo(400, 330, 310, 0.13),
      beam('M300 400L140 900H680L500 400Z', 'M320 400L240 900H570L480 400Z'),
      shadow(400, 900, 190),
      solid(rect(386, 90, 28, 800, [14, 14, 0, 0]), wood, { shade: 10 }),
      solid(rect(380, 560, 40, 40, 6), ink.brass, { shade: 10 }),
      solid(soft(12, [320, 210], [480, 210], [536, 406], [264, 406]), ink.bone, {
        shade: 34,
        shadeStrength: 0.14,
        inside: flat(ellipse(400, 350, 96, 100), ink.glow) + flat(ellipse(400, 370, 60, 64), lighter(ink.glow, 0.7)),
      }),
      flat(rect(386, 90, 28, 124, [14, 14, 0, 0]), wood) + flat(rect(408, 90, 6, 124), darker(wood, 0.3)),
      solid('M280 896C280 856 330 846 400 846S520 856 520 896Z', ink.iron, { shade: 34 }),
      cord('M510 890C600 890 620 930 720 926', ink.tar, 8),
      solid(rect(378, 406, 44, 26, 8), ink.rust, { shade: 8 }),
    ].join('');
  },
  'low-moon-bedside-lamp': () =>
    [
      halo(400, 540, 400, 0.15),
      shadow(400, 842, 230),
      solid(ellipse(400, 520, 236), ink.glow, {
        shade: 70,
        light: 18,
        shadeStrength: 0.12,
        inside:
          flat(ellipse(350, 460, 150), lighter(ink.glow, 0.5)) +
          dots(
            [
              [470, 600],
              [330, 640],
            ],
            34,
            lighter(ink.gorse, 0.4),
          ) +
          dots(
            [
              [520, 500],
              [400, 700],
              [280, 520],
            ],
            20,
            lighter(ink.gorse, 0.4),
          ),
      }),
      solid('M140 610C200 700 600 700 660 610V690C600 800 200 800 140 690Z', ink.oak, {
        shade: 40,
        inside: stroke(
          'M140 650C220 740 580 740 660 650M140 690C220 780 580 780 660 690',
          darker(ink.oak, 0.3),
          4,
          0.6,
        ),
      }),
      solid('M240 748C300 776 500 776 560 748L580 842H220Z', darker(ink.oak, 0.18), { shade: 40 }),
    ].join(''),
  'bell-buoy-pendant': () => {
    const paint = ink.ember;
    return [
      beam('M180 590L20 1000H780L620 590Z', 'M220 590L140 1000H660L580 590Z'),
      cord('M400 -10V210', ink.tar, 10),
      solid(soft(14, [366, 200], [434, 200], [452, 300], [348, 300]), ink.brass, { shade: 18 }),
      solid(
        'M340 296H460C470 390 560 440 604 500C630 540 636 560 636 596H164C164 560 170 540 196 500C240 440 330 390 340 296Z',
        paint,
        { shade: 64, light: 14, inside: flat(rect(150, 470, 500, 44), ink.chalk) },
      ),
      solid(rect(152, 586, 496, 30, 14), darker(paint, 0.3), { shade: 24 }),
      flat(ellipse(400, 616, 220, 14), lighter(ink.glow, 0.4)),
      flat(ellipse(400, 640, 46, 40), lighter(ink.glow, 0.6)),
      flat(ellipse(400, 880, 300, 40), ink.glow, 0.14),
    ].join('');
  },
  'horizon-bar-lamp': () =>
    [
      flat('M90 480L-60 -10H860L710 480Z', ink.glow, 0.13) + flat('M130 480L60 -10H740L670 480Z', ink.glow, 0.16),
      shadow(400, 842, 320),
      turn(10, 190, 660, solid(rect(172, 540, 34, 300, 8), ink.oak, { shade: 10 })) +
        turn(-10, 250, 660, solid(rect(234, 540, 34, 300, 8), darker(ink.oak, 0.12), { shade: 10 })),
      turn(10, 550, 660, solid(rect(532, 540, 34, 300, 8), ink.oak, { shade: 10 })) +
        turn(-10, 610, 660, solid(rect(594, 540, 34, 300, 8), darker(ink.oak, 0.12), { shade: 10 })),
      solid(rect(60, 490, 680, 66, 30), ink.steel, { shade: 20 }),
      flat(rect(84, 476, 632, 30, 15), lighter(ink.glow, 0.4)),
      solid(rect(360, 524, 90, 18, 9), ink.iron, { shade: 0 }) + dots([[420, 533]], 14, ink.ember),
      cord('M740 524C790 560 700 700 760 860', ink.tar, 8),
      solid(rect(176, 660, 84, 26, 8), ink.brass, { shade: 6, light: 0 }) +
        solid(rect(536, 660, 84, 26, 8), ink.brass, { shade: 6, light: 0 }),
    ].join(''),
};
