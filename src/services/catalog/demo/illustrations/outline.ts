/** Outlines: path data (`d`) of one closed or open line, in pixels of the canvas. Pure text, shortest form. */
export type Outline = string;
export type Point = readonly [x: number, y: number];

const n = (value: number) => `${Math.round(value * 10) / 10}`;

/** A rectangle; `radius` for all corners, or top left, top right, bottom right, bottom left. */
export function rect(
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number | readonly number[] = 0,
): Outline {
  const [a = 0, b = a, c = a, d = b] = typeof radius === 'number' ? [radius] : radius;
  const corner = (size: number, dx: number, dy: number) =>
    size === 0 ? '' : `a${n(size)} ${n(size)} 0 0 1 ${n(dx)} ${n(dy)}`;
  return [
    `M${n(x + a)} ${n(y)}H${n(x + width - b)}`,
    corner(b, b, b),
    `V${n(y + height - c)}`,
    corner(c, -c, c),
    `H${n(x + d)}`,
    corner(d, -d, -d),
    `V${n(y + a)}`,
    corner(a, a, -a),
    'Z',
  ].join('');
}

export function ellipse(cx: number, cy: number, rx: number, ry: number = rx): Outline {
  return `M${n(cx - rx)} ${n(cy)}a${n(rx)} ${n(ry)} 0 1 1 ${n(2 * rx)} 0a${n(rx)} ${n(ry)} 0 1 1 ${n(-2 * rx)} 0Z`;
}

/** Straight lines through the points. */
export function poly(...points: readonly Point[]): Outline {
  return `${trail(...points)}Z`;
}

export function trail(...points: readonly Point[]): Outline {
  return points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${n(x)} ${n(y)}`).join('');
}

/** A polygon whose corners are rounded. */
export function soft(radius: number, ...points: readonly Point[]): Outline {
  const parts = points.map((point, index) => {
    const before = points[(index + points.length - 1) % points.length] as Point;
    const after = points[(index + 1) % points.length] as Point;
    const [start, end] = [towards(point, before, radius), towards(point, after, radius)];
    return `${index === 0 ? 'M' : 'L'}${n(start[0])} ${n(start[1])}Q${n(point[0])} ${n(point[1])} ${n(end[0])} ${n(end[1])}`;
  });
  return `${parts.join('')}Z`;
}

/** A closed line that goes smoothly through all points (Catmull-Rom). */
export function blob(...points: readonly Point[]): Outline {
  const at = (index: number) => points[(index + points.length) % points.length] as Point;
  const [x0, y0] = at(0);
  const curves = points.map((_, index) => {
    const [before, from, to, after] = [at(index - 1), at(index), at(index + 1), at(index + 2)];
    const one = [from[0] + (to[0] - before[0]) / 6, from[1] + (to[1] - before[1]) / 6] as const;
    const two = [to[0] - (after[0] - from[0]) / 6, to[1] - (after[1] - from[1]) / 6] as const;
    return `C${n(one[0])} ${n(one[1])} ${n(two[0])} ${n(two[1])} ${n(to[0])} ${n(to[1])}`;
  });
  return `M${n(x0)} ${n(y0)}${curves.join('')}Z`;
}

function towards([x, y]: Point, [toX, toY]: Point, distance: number): Point {
  const length = Math.hypot(toX - x, toY - y);
  const share = Math.min(0.5, distance / length);
  return [x + (toX - x) * share, y + (toY - y) * share];
}
