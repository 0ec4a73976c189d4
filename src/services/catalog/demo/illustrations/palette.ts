/** The colours of a northern coast. Every picture is painted with these, their shades and nothing else. */
export const ink = {
  deep: '#1f4a56',
  water: '#33707a',
  shallow: '#6fa3a3',
  slate: '#5a6b76',
  storm: '#3c5166',
  night: '#22333b',
  tar: '#2c3338',
  fog: '#c3cecc',
  chalk: '#f3eee2',
  bone: '#ebe1cc',
  oat: '#d9c9a9',
  straw: '#c9ab74',
  rust: '#b4512f',
  ember: '#dc7b43',
  gorse: '#dcab43',
  glow: '#ffe1a0',
  lichen: '#a9b182',
  moss: '#667650',
  kelp: '#5b5a3f',
  tan: '#a8703f',
  walnut: '#6f4a33',
  oak: '#c2965f',
  beech: '#dcbd8d',
  brass: '#c0953f',
  steel: '#a9b5b7',
  iron: '#3f494d',
  stone: '#98a09c',
  plum: '#6d4350',
} as const;

/** The colour between two of them; `share` is how much of the second, 0 to 1. */
export function mix(from: string, to: string, share: number): string {
  const channel = (start: number) => {
    const [a, b] = [from, to].map((colour) => Number.parseInt(colour.slice(start, start + 2), 16)) as [number, number];
    return Math.round(a + (b - a) * share)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

/** Shadows are of the water's colour and lights are of the lamp's: never black, never white. */
export function darker(colour: string, share = 0.25): string {
  return mix(colour, '#122a33', share);
}

export function lighter(colour: string, share = 0.25): string {
  return mix(colour, '#fff8e8', share);
}
