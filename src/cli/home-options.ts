import type { ConfigOverrides, Options } from './command.ts';

/** For every command that works on a shop: which one. */
export const homeOptions = {
  home: { type: 'string', value: '<folder>', help: 'the folder that holds the shop (ONRUSH_HOME, else .onrush)' },
  topology: {
    type: 'string',
    value: '<file>',
    help: 'the topology file (ONRUSH_TOPOLOGY, else topologies/laptop.yaml)',
  },
} as const satisfies Options;

export function homeOverrides(options: {
  readonly home: string | undefined;
  readonly topology: string | undefined;
}): ConfigOverrides {
  return { ONRUSH_HOME: options.home, ONRUSH_TOPOLOGY: options.topology };
}
