/** How often an order is looked at whose bank has not answered: its payment has no events of its own. */
const waitingMs = 3_000;
const soonMs = 2 * 60_000;

/** Follows an order: its page is made anew when the order changes, and the time left to pay it runs down. */
export class OrderWatch extends HTMLElement {
  #events: EventSource | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #offsetMs = 0;
  #checkedAtMs = 0;

  connectedCallback(): void {
    const url = this.dataset.events;
    if (url === undefined) return;
    this.#events = new EventSource(url);
    this.#events.addEventListener('order', (event) => {
      const { state } = JSON.parse(event.data) as { state: string };
      if (state !== this.dataset.state) void this.#refresh();
      if (['fulfilled', 'cancelled', 'expired'].includes(state)) this.#events?.close();
    });
    // By the shop's clock: the visitor's may be wrong.
    this.#offsetMs = Number(this.dataset.nowMs) - Date.now();
    this.#timer = setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  disconnectedCallback(): void {
    this.#events?.close();
    clearInterval(this.#timer);
  }

  #tick(): void {
    const isWaiting = this.dataset.phase === 'waiting';
    if (isWaiting && Date.now() - this.#checkedAtMs > waitingMs && !document.hidden) void this.#refresh();
    const payByAtMs = Number(this.dataset.payByAtMs);
    const left = this.querySelector<HTMLElement>('[data-order-left]');
    const countdown = this.querySelector('[data-order-countdown]');
    if (!payByAtMs || left === null || countdown === null) return;
    const leftMs = Math.max(0, payByAtMs - Date.now() - this.#offsetMs);
    const seconds = Math.ceil(leftMs / 1000);
    left.hidden = false;
    left.classList.toggle('order__left--soon', leftMs < soonMs);
    countdown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }

  /** The page as it is now, from the shop: there is one place that knows how an order is told. */
  async #refresh(): Promise<void> {
    this.#checkedAtMs = Date.now();
    const response = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => undefined);
    if (!response?.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const fresh = page.querySelector('order-watch');
    if (!(fresh instanceof HTMLElement) || !this.#isOther(fresh)) return;
    const { state, phase, payByAtMs } = fresh.dataset;
    Object.assign(this.dataset, { state, phase });
    if (payByAtMs === undefined) delete this.dataset.payByAtMs;
    else this.dataset.payByAtMs = payByAtMs;
    const head = this.querySelector('[data-order-head]');
    const freshHead = fresh.querySelector('[data-order-head]');
    // The head stays the element that it was, and says what is in it now: that is how it is heard.
    if (head && freshHead) {
      head.replaceChildren(...freshHead.childNodes);
      freshHead.replaceWith(head);
    }
    this.replaceChildren(...fresh.childNodes);
    this.#tick();
  }

  #isOther({ dataset: { state, phase } }: HTMLElement): boolean {
    return state !== this.dataset.state || phase !== this.dataset.phase;
  }
}
