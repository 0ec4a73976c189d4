import type { Pulse, PulseSecond } from '../../../services/pulse/api.ts';
import { chartSeconds, type Figures, figuresOf, type Rate, ratesOf } from './figures.ts';

export type StreamState = 'connecting' | 'live' | 'lost' | 'refused';

export interface LiveFigures {
  readonly figures: Figures;
  readonly rates: readonly Rate[];
}

/** Whoever hears nothing for so long is told that the figures are old: the server speaks each second. */
const silenceMs = 4_000;
const retryMs = 3_000;

/** Follows the shop; comes back by itself when the connection breaks, the shop restarts or the key is good again. */
export function followPulse(
  keyQuery: string,
  on: { figures: (live: LiveFigures) => void; state: (state: StreamState) => void },
): void {
  const seconds = new Map<number, PulseSecond>();
  let source: EventSource | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    source = new EventSource(`/v1/pulse/events${keyQuery}`);
    for (const name of ['snapshot', 'second'] as const) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        if (name === 'snapshot') seconds.clear();
        take(JSON.parse(data) as Pulse);
      });
    }
    source.onerror = () => {
      on.state('lost');
      // The browser tries again by itself, except after an answer that is no stream.
      if (source?.readyState === EventSource.CLOSED) void lookAgain();
    };
    hearken();
  }

  function take(pulse: Pulse): void {
    for (const second of pulse.seconds) seconds.set(second.atMs, second);
    for (const atMs of seconds.keys()) if (atMs < pulse.atMs - chartSeconds * 1000) seconds.delete(atMs);
    on.state('live');
    on.figures({ figures: figuresOf(pulse), rates: ratesOf(seconds, pulse.atMs) });
    hearken();
  }

  function hearken(): void {
    clearTimeout(silence);
    silence = setTimeout(() => on.state('lost'), silenceMs);
  }

  async function lookAgain(): Promise<void> {
    const answer = await fetch(`/v1/pulse${keyQuery}`).catch(() => undefined);
    if (answer?.status === 401) on.state('refused');
    setTimeout(open, retryMs);
  }

  on.state('connecting');
  open();
  // A stream may take minutes to find out that its network is gone; the browser knows at once.
  addEventListener('offline', () => {
    source?.close();
    on.state('lost');
  });
  addEventListener('online', () => {
    source?.close();
    open();
  });
}
