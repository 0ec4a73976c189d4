import { clockParts, shownUnits } from '../sale/clock.ts';
import { shopNowMs } from './live.ts';

/**
 * Counts down by the shop's clock, and tells the page when the sale opens or ends (`sale-phase`), so that no one has to load
 * it again.
 */
export class SaleClock extends HTMLElement {
  #timer = 0;

  connectedCallback(): void {
    this.#tick();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
  }

  #tick(): void {
    const nowMs = shopNowMs();
    const startsAtMs = Number(this.dataset.starts);
    const endsAtMs = Number(this.dataset.ends);
    const phase = nowMs < startsAtMs ? 'announced' : nowMs < endsAtMs ? 'open' : 'over';
    if (phase !== this.dataset.phase) this.#change(phase);
    if (phase === 'over') return;
    const leftMs = (phase === 'announced' ? startsAtMs : endsAtMs) - nowMs;
    const shown: readonly string[] = shownUnits(leftMs);
    for (const [unit, value] of Object.entries(clockParts(leftMs))) {
      const face = this.querySelector(`[data-unit="${unit}"]`);
      const part = face?.parentElement;
      // Only at its change: to set what is set already would have the browser lay the page out again each second.
      if (part && part.hidden === shown.includes(unit)) part.hidden = !part.hidden;
      const text = String(value).padStart(2, '0');
      if (face !== null && face.textContent !== text) face.textContent = text;
    }
    // At the turn of the next whole second of what is left.
    this.#timer = window.setTimeout(() => this.#tick(), (leftMs % 1000) + 4);
  }

  #change(phase: string): void {
    this.dataset.phase = phase;
    for (const label of this.querySelectorAll<HTMLElement>('[data-on]')) label.hidden = label.dataset.on !== phase;
    const time = this.querySelector<HTMLElement>('local-time');
    if (time !== null) time.parentElement?.remove();
    document.dispatchEvent(new CustomEvent('sale-phase', { detail: phase }));
  }
}
