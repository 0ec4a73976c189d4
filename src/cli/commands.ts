import type { Command } from './command.ts';

/** Every command in the order it is listed; its code is loaded when it is wanted. A new command is a file and a line here. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.ts')).up,
  import: async () => (await import('./import.ts')).importCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  media: async () => (await import('./media.ts')).media,
  pages: async () => (await import('./pages.ts')).pagesCommand,
  room: async () => (await import('./room.ts')).room,
  migrate: async () => (await import('./migrate.ts')).migrate,
  purge: async () => (await import('./purge.ts')).purge,
  drill: async () => (await import('./drill.ts')).drill,
  switch: async () => (await import('./switch.ts')).switchCommand,
  keys: async () => (await import('./keys.ts')).keys,
  'dead-letters': async () => (await import('./dead-letters.ts')).deadLetters,
  edge: async () => (await import('./edge.ts')).edge,
  doctor: async () => (await import('./doctor.ts')).doctor,
};
