import 'uplot/dist/uPlot.min.css';
import '../styles/wall.css';
import { part, say } from './wall/elements.ts';
import { createWallFormat } from './wall/format.ts';
import { createReplayControls } from './wall/replay-controls.ts';
import { followPulse, type LiveFigures, type StreamState } from './wall/stream.ts';
import { wallTexts } from './wall/text.ts';
import { followTheme } from './wall/theme.ts';
import { createView } from './wall/view.ts';

// The page of who may not look has no wall on it.
if (document.querySelector('[data-part="wall"]') !== null) startWall();

function startWall(): void {
  const wall = part('wall');
  const text = wallTexts[wall.dataset.locale === 'zh' ? 'zh' : 'en'];
  const format = createWallFormat(document.documentElement.lang);
  const view = createView({ text, format });
  const keyQuery = wall.dataset.key ? `?key=${encodeURIComponent(wall.dataset.key)}` : '';
  let latest: LiveFigures | undefined;
  let stream: StreamState = 'connecting';

  const replay = createReplayControls({
    keyQuery,
    text,
    format,
    view,
    onChange(isOn) {
      if (!isOn && latest !== undefined) view.show(latest.figures, latest.rates);
      tellState();
    },
  });

  function tellState(): void {
    wall.dataset.state = replay.isOn ? 'replay' : stream;
    say('state', replay.isOn ? text.replaying : stateText());
  }

  function stateText(): string {
    switch (stream) {
      case 'live':
        return text.live;
      case 'connecting':
        return text.connecting;
      case 'refused':
        return text.refusedTitle;
      case 'lost':
        return latest === undefined ? text.connecting : text.reconnecting(format.time(latest.figures.atMs));
    }
  }

  followTheme(text, () => view.redraw());
  followPulse(keyQuery, {
    figures(live) {
      latest = live;
      if (!replay.isOn) view.show(live.figures, live.rates);
    },
    state(next) {
      stream = next;
      tellState();
    },
  });
}
