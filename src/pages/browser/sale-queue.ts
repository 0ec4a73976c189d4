import type { LiveQueue } from '../live/api.ts';
import { shopNowMs } from './live.ts';

/** Where one lines up for a sale: shown, changed and hidden as the waiting room opens and closes. */
export class SaleQueue extends HTMLElement {
  connectedCallback(): void {
    document.addEventListener('sale-queues', this);
    this.#showPass();
  }

  disconnectedCallback(): void {
    document.removeEventListener('sale-queues', this);
  }

  handleEvent(event: Event): void {
    const queues = (event as CustomEvent<readonly LiveQueue[]>).detail;
    const { sale } = this.dataset;
    this.#show(queues.find(({ saleId }) => saleId === sale) ?? queues.find(({ saleId }) => saleId === undefined));
  }

  #show(queue: LiveQueue | undefined): void {
    this.hidden = queue === undefined;
    if (queue === undefined) return;
    this.dataset.room = queue.roomId;
    for (const line of this.querySelectorAll<HTMLElement>('[data-queue]')) {
      const isIt = line.dataset.queue === queue.state;
      if (line.hidden === isIt) line.hidden = !isIt;
    }
    const link = this.querySelector('a');
    if (link !== null) {
      const href = (this.dataset.to ?? '').replace('{room}', queue.roomId);
      if (link.getAttribute('href') !== href) link.href = href;
      link.hidden = queue.state === 'announced';
    }
    const time = this.querySelector<HTMLElement>('local-time');
    if (time !== null && queue.opensAtMs !== undefined && time.dataset.at !== String(queue.opensAtMs)) {
      const renewed = document.createElement('local-time');
      renewed.dataset.at = String(queue.opensAtMs);
      time.replaceWith(renewed);
    }
    this.#showPass();
  }

  /** Who has been let in does not line up again: the page is everybody's, so it is his browser that knows. */
  #showPass(): void {
    const untilMs = passUntilMs(this.dataset.room ?? '');
    const line = this.querySelector<HTMLElement>('.sale-queue__in');
    if (line === null || untilMs === undefined || untilMs <= shopNowMs()) {
      if (line !== null) line.hidden = true;
      return;
    }
    const until = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: 'short' }).format(untilMs);
    const said = (this.dataset.in ?? '').replace('{until}', until);
    if (line.textContent !== said) line.textContent = said;
    line.hidden = false;
    for (const other of this.querySelectorAll<HTMLElement>('[data-queue], a')) other.hidden = true;
  }
}

/** Until when the pass for this room is good that this browser has. */
function passUntilMs(roomId: string): number | undefined {
  const cookie = document.cookie.split('; ').find((each) => each.startsWith(`onrush_in_${roomId}=`));
  return cookie === undefined ? undefined : Number(cookie.slice(cookie.indexOf('=') + 1));
}
