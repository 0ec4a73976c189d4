/**
 * Changes the cart without leaving its page. The form is sent as it would be anyway, and the cart that comes back takes the
 * place of the one that is shown: what stands on the page is always what the shop answered.
 */
export class CartLines extends HTMLElement {
  #sending: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    this.addEventListener('submit', this);
    this.addEventListener('change', this);
    this.addEventListener('input', this);
  }

  handleEvent(event: Event): void {
    const form = (event.target as Element).closest<HTMLFormElement>('form[data-cart-form]');
    if (form === null) return;
    clearTimeout(this.#timer);
    if (event.type === 'submit') {
      event.preventDefault();
      void this.#send(form);
      return;
    }
    this.#guess(event.target as HTMLInputElement);
    // Who types 12 means neither 1 nor 2.
    this.#timer = setTimeout(() => form.checkValidity() && void this.#send(form), event.type === 'change' ? 150 : 900);
  }

  /** The line's total as it will be, greyed until the shop has said so. */
  #guess(input: HTMLInputElement): void {
    const unitMinor = Number(input.dataset.unit);
    const total = input.closest('.cart-line')?.querySelector('[data-line-total] > :last-child');
    if (!input.checkValidity() || !unitMinor || !total) return;
    const currency = this.dataset.currency ?? 'USD';
    const money = new Intl.NumberFormat(document.documentElement.lang, { style: 'currency', currency });
    const perUnit = 10 ** (money.resolvedOptions().maximumFractionDigits ?? 2);
    total.textContent = money.format((unitMinor * Number(input.value)) / perUnit);
    this.classList.add('cart-lines--busy');
  }

  async #send(form: HTMLFormElement): Promise<void> {
    // Only the last word counts, and only its answer is shown.
    this.#sending?.abort();
    const sending = new AbortController();
    this.#sending = sending;
    this.classList.add('cart-lines--busy');
    try {
      const response = await fetch(form.action, {
        method: 'POST',
        headers: { accept: 'text/html' },
        body: new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)])),
        signal: sending.signal,
      });
      if (response.status >= 500) throw new Error(String(response.status));
      this.#show(new DOMParser().parseFromString(await response.text(), 'text/html'));
    } catch {
      if (!sending.signal.aborted) this.#undo();
    }
    if (this.#sending === sending) this.classList.remove('cart-lines--busy');
  }

  /** The shop did not say yes: what stands is what it said last. */
  #undo(): void {
    for (const input of this.querySelectorAll<HTMLInputElement>('[data-unit]')) {
      input.value = input.defaultValue;
      this.#guess(input);
    }
    const notice = document.createElement('p');
    notice.className = 'notice notice--bad';
    notice.role = 'alert';
    notice.dataset.cartFailed = '';
    notice.textContent = this.dataset.failed ?? '';
    this.querySelector('[data-cart-failed]')?.remove();
    this.prepend(notice);
  }

  #show(page: Document): void {
    const fresh = page.querySelector('cart-lines');
    document.dispatchEvent(new Event('cart-changed'));
    if (!(fresh instanceof HTMLElement)) {
      // Nothing is left, or the shop has something else to say: all of it.
      const main = page.querySelector('main');
      if (main === null) {
        location.reload();
        return;
      }
      document.querySelector('main')?.replaceChildren(...main.childNodes);
      document.querySelector<HTMLElement>('main')?.focus();
      return;
    }
    const focused = document.activeElement?.id;
    const index = [...this.querySelectorAll('.cart-line')].findIndex((line) => line.contains(document.activeElement));
    this.replaceChildren(...fresh.childNodes);
    this.dataset.updated = fresh.dataset.updated;
    const again = focused ? document.getElementById(focused) : null;
    const lines = this.querySelectorAll<HTMLElement>('.cart-line');
    // After its line has gone the focus goes to the next one, not to the top of the page.
    const next = index < 0 ? undefined : lines[Math.min(index, lines.length - 1)];
    (again ?? next?.querySelector<HTMLElement>('input:not([type=hidden]), button'))?.focus();
    this.#say(this.dataset.updated ?? '');
  }

  #say(text: string): void {
    const status = document.querySelector('[data-cart-status]');
    if (status !== null) status.textContent = text;
  }
}
