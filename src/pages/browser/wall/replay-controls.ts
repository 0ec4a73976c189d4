import type { PulseSale, Replay } from '../../../services/pulse/api.ts';
import { part, say } from './elements.ts';
import type { WallFormat } from './format.ts';
import { Player } from './player.ts';
import type { WallText } from './text.ts';
import type { WallView } from './view.ts';

export interface ReplayControls {
  /** Whether a replay is shown: what is live then waits. */
  readonly isOn: boolean;
}

/** Choosing a sale, and playing it by buttons, slider and keyboard. */
export function createReplayControls(given: {
  keyQuery: string;
  text: WallText;
  format: WallFormat;
  view: WallView;
  onChange: (isOn: boolean) => void;
}): ReplayControls {
  const { keyQuery, text, format, view, onChange } = given;
  const form = part('replay');
  const sales = part<HTMLSelectElement>('sales');
  const transport = part('transport');
  const play = part<HTMLButtonElement>('play');
  const position = part<HTMLInputElement>('position');
  const speed = part<HTMLSelectElement>('speed');
  let player: Player | undefined;

  async function listSales(): Promise<void> {
    const answer = await fetch(`/v1/pulse/sales${keyQuery}`).catch(() => undefined);
    if (!answer?.ok) return;
    const { items } = (await answer.json()) as { items: PulseSale[] };
    const chosen = sales.value;
    const options = items.map((sale) => new Option(`${sale.name} · ${format.instant(sale.startsAtMs)}`, sale.saleId));
    sales.replaceChildren(new Option(text.chooseSale, ''), ...options);
    sales.value = chosen;
    form.hidden = items.length === 0;
  }

  async function choose(saleId: string): Promise<void> {
    if (saleId === '') return goLive();
    say('hint', text.loading);
    const answer = await fetch(`/v1/pulse/replays/${saleId}${keyQuery}`).catch(() => undefined);
    if (!answer?.ok) return say('hint', answer?.status === 404 ? text.gone : text.failed);
    const replay = (await answer.json()) as Replay;
    // Somebody may have chosen another one meanwhile.
    if (sales.value !== saleId) return;
    say('hint', text.keys);
    player?.end();
    player = new Player(replay, (figures, rates, { step, isPlaying }) => {
      view.show(figures, rates);
      position.value = String(step);
      const spanText = `${format.span((step + 1) * replay.stepS * 1000)} / ${format.span(replay.stepCount * replay.stepS * 1000)}`;
      say('position', spanText);
      position.ariaValueText = spanText;
      play.textContent = isPlaying ? text.pause : text.play;
      play.ariaPressed = String(isPlaying);
    });
    player.speed = Number(speed.value);
    position.max = String(replay.stepCount - 1);
    transport.hidden = false;
    onChange(true);
    player.play();
  }

  function goLive(): void {
    player?.end();
    player = undefined;
    sales.value = '';
    say('hint', '');
    transport.hidden = true;
    onChange(false);
  }

  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ' ': () => player?.toggle(),
    ArrowLeft: ({ shiftKey }) => player?.move(shiftKey ? -60 : -5),
    ArrowRight: ({ shiftKey }) => player?.move(shiftKey ? 60 : 5),
    Home: () => player?.seek(0),
    End: () => player?.seek(Number.POSITIVE_INFINITY),
    l: goLive,
    L: goLive,
  };

  form.addEventListener('submit', (event) => event.preventDefault());
  sales.addEventListener('change', () => void choose(sales.value));
  // A list that is opened shows what there is by now.
  sales.addEventListener('focus', () => void listSales());
  play.addEventListener('click', () => player?.toggle());
  position.addEventListener('input', () => player?.seek(Number(position.value)));
  speed.addEventListener('change', () => {
    if (player !== undefined) player.speed = Number(speed.value);
  });
  part('live').addEventListener('click', goLive);
  document.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (player === undefined || act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    // A list, a button and the slider have uses of their own for these keys.
    if (event.target instanceof HTMLSelectElement || event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    act(event);
  });
  void listSales();

  return {
    get isOn() {
      return player !== undefined;
    },
  };
}
