import { askLive } from './live.ts';

const everyMs = 1_500;
const whenHiddenMs = 15_000;

/** What is left of a thing in a sale, and its button: kept as they are, second by second, while somebody looks. */
export class LiveStock extends HTMLElement {
  #timer = 0;

  connectedCallback(): void {
    // The clock may have told already that the sale is open: a page that was kept is a little older than the sale.
    this.dataset.phase = document.querySelector<HTMLElement>('sale-clock')?.dataset.phase ?? this.dataset.phase ?? '';
    document.addEventListener('sale-phase', this);
    document.addEventListener('visibilitychange', this);
    void this.#look();
  }

  disconnectedCallback(): void {
    document.removeEventListener('sale-phase', this);
    document.removeEventListener('visibilitychange', this);
    clearTimeout(this.#timer);
  }

  handleEvent(event: Event): void {
    if (event instanceof CustomEvent) this.dataset.phase = String(event.detail);
    clearTimeout(this.#timer);
    void this.#look();
  }

  async #look(): Promise<void> {
    const variantId = this.dataset.variant ?? '';
    try {
      const live = (await askLive([variantId])).get(variantId);
      if (live !== undefined) this.#show(live.available, live.granted);
    } catch {
      // What was last known stays on the page; the next look may succeed.
    }
    clearTimeout(this.#timer);
    // Not all at the same instant: a million pages would ask in one millisecond.
    const pauseMs = (document.hidden ? whenHiddenMs : everyMs) * (0.75 + Math.random() / 2);
    if (this.isConnected) this.#timer = window.setTimeout(() => void this.#look(), pauseMs);
  }

  #show(available: number, granted: number): void {
    const number = new Intl.NumberFormat(this.dataset.language);
    const said = (this.dataset.left ?? '')
      .replace('{left}', number.format(available))
      .replace('{all}', number.format(granted));
    const bar = this.querySelector('progress');
    if (bar !== null) {
      bar.max = Math.max(1, granted);
      bar.value = available;
    }
    const line = this.querySelector('.stock-bar__said');
    if (line !== null && line.textContent !== said) line.textContent = said;
    this.#showButton(available);
  }

  #showButton(available: number): void {
    const { phase } = this.dataset;
    const button = this.querySelector('button');
    const isSoldOut = phase === 'open' && available === 0;
    const note = this.querySelector<HTMLElement>('.sale-item__sold-out');
    if (note !== null) note.hidden = !isSoldOut;
    if (button === null) return;
    button.disabled = phase !== 'open' || isSoldOut;
    const words = phase === 'announced' ? 'notYet' : phase === 'over' ? 'over' : isSoldOut ? 'soldOut' : 'buy';
    button.textContent = button.dataset[words] ?? '';
  }
}
