import { walls } from './canvas.ts';

/** What a collection's cover shows: its wall and some of its products, from left to right. */
export interface Cover {
  readonly wall: string;
  readonly slugs: readonly string[];
}

const wall = (path: string) => walls[path] as string;

export const covers: Readonly<Record<string, Cover>> = {
  outdoors: {
    wall: wall('outdoors/shelter'),
    slugs: ['fellside-45-rucksack', 'lee-two-tent', 'boil-once-kettle', 'northing-compass'],
  },
  'outdoors/bags': {
    wall: wall('outdoors/bags'),
    slugs: ['shoreline-dry-bag', 'tarn-20-daypack', 'mooring-duffel', 'creel-basket-pack'],
  },
  'outdoors/layers': {
    wall: wall('outdoors/layers'),
    slugs: ['squall-smock', 'watch-cap', 'windward-shell', 'spindrift-scarf'],
  },
  'outdoors/camp-kitchen': {
    wall: wall('outdoors/camp-kitchen'),
    slugs: ['ember-twig-stove', 'boil-once-kettle', 'stacking-camp-mug', 'drift-flask'],
  },
  'outdoors/shelter': {
    wall: wall('outdoors/shelter'),
    slugs: ['lark-down-bag', 'lee-two-tent', 'mossbank-mat', 'tripod-stool'],
  },
  'outdoors/light': {
    wall: wall('outdoors/light'),
    slugs: ['gale-hurricane-lamp', 'beacon-lantern', 'wick-candle-lantern', 'shoal-string-lights'],
  },
  'outdoors/wayfinding': {
    wall: wall('outdoors/wayfinding'),
    slugs: ['waxed-map-case', 'fell-altimeter', 'kestrel-binoculars', 'stile-walking-poles'],
  },
  desk: { wall: wall('desk/order'), slugs: ['logbook-a5', 'ash-pen-pot', 'monitor-riser', 'tideline-ink'] },
  'desk/writing': {
    wall: wall('desk/writing'),
    slugs: ['twelve-pencils', 'tideline-ink', 'signal-fountain-pen', 'canvas-pen-roll'],
  },
  'desk/paper': {
    wall: wall('desk/paper'),
    slugs: ['logbook-a5', 'field-notebook-set', 'harbour-letter-set', 'wet-weather-watercolour-block'],
  },
  'desk/order': {
    wall: wall('desk/order'),
    slugs: ['skerry-bookends', 'three-drawer-chest', 'ash-pen-pot', 'letter-rack'],
  },
  'desk/lamps': {
    wall: wall('desk/lamps'),
    slugs: ['low-moon-bedside-lamp', 'dune-table-lamp', 'reading-room-lamp', 'mast-floor-lamp'],
  },
  coffee: {
    wall: wall('coffee'),
    slugs: ['morning-crossing-coffee', 'porcelain-dripper', 'heron-pouring-kettle', 'quayside-cups'],
  },
  home: {
    wall: wall('home'),
    slugs: ['first-snow-blanket', 'kiln-serving-bowl', 'rainy-day-teapot', 'hearth-brush-and-pan'],
  },
  drops: { wall: wall('outdoors/light'), slugs: ['tern-colony-print', 'night-tern-lantern', 'first-snow-blanket'] },
};
