import { sendForm } from './ask.ts';
import { askLive } from './live.ts';

interface ScriptVariant {
  readonly id: string;
  readonly options: readonly string[];
  minor?: number;
  price: string;
  was: string;
  left: number;
}

/** Shows price and stock of what is chosen, as they are now, and puts it into the cart without leaving the page. */
export class BuyBox extends HTMLElement {
  #variants: ScriptVariant[] = [];

  connectedCallback(): void {
    this.#variants = JSON.parse(this.dataset.variants ?? '[]');
    const form = this.querySelector('form');
    form?.addEventListener('change', () => this.#show());
    form?.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#add(form);
    });
    this.#show();
    void this.#refresh();
  }

  #chosen(): ScriptVariant | undefined {
    const form = this.querySelector('form');
    if (form === null) return undefined;
    const data = new FormData(form);
    return this.#variants.find(({ options }) => options.every((value, index) => data.get(`option-${index}`) === value));
  }

  #show(): void {
    const chosen = this.#chosen();
    const button = this.querySelector('button');
    const stock = this.querySelector<HTMLElement>('.buy-box__stock');
    if (button === null || stock === null) return;
    const words = this.dataset;
    button.disabled = chosen === undefined || chosen.left === 0 || chosen.minor === undefined;
    if (chosen === undefined) {
      stock.textContent = words.notMade ?? '';
      return;
    }
    const price = this.querySelector('.buy-box__price strong');
    const was = this.querySelector<HTMLElement>('.buy-box__price s');
    const wasAmount = this.querySelector('.buy-box__was');
    const seen = this.querySelector<HTMLInputElement>('input[name=seen]');
    if (price !== null && chosen.price !== '') price.textContent = chosen.price;
    price?.classList.toggle('price--sale', chosen.was !== '');
    if (was !== null) was.hidden = chosen.was === '';
    if (wasAmount !== null) wasAmount.textContent = chosen.was;
    if (seen !== null) seen.value = String(chosen.minor ?? '');
    const hint = document.createElement('span');
    const level = chosen.left === 0 ? 'none' : chosen.left <= 5 ? 'low' : '';
    hint.className = level === '' ? 'stock' : `stock stock--${level}`;
    hint.textContent =
      level === 'none'
        ? (words.none ?? '')
        : level === 'low'
          ? (words.low ?? '').replace('0', String(chosen.left))
          : (words.inStock ?? '');
    stock.replaceChildren(hint);
  }

  /** The page may be a little old; this is now. A price that differs is said, not slipped in. */
  async #refresh(): Promise<void> {
    const money = new Intl.NumberFormat(document.documentElement.lang, {
      style: 'currency',
      currency: this.dataset.currency ?? 'USD',
    });
    const perUnit = 10 ** (money.resolvedOptions().maximumFractionDigits ?? 2);
    const live = await askLive(this.#variants.slice(0, 50).map(({ id }) => id)).catch(() => undefined);
    if (live === undefined) return;
    let hasChanged = false;
    for (const variant of this.#variants) {
      const now = live.get(variant.id);
      if (now === undefined) continue;
      variant.left = now.available;
      if (now.amountMinor === undefined || now.amountMinor === variant.minor) continue;
      hasChanged = true;
      variant.minor = now.amountMinor;
      variant.price = money.format(now.amountMinor / perUnit);
      variant.was = now.compareAtMinor === undefined ? '' : money.format(now.compareAtMinor / perUnit);
    }
    this.#show();
    if (hasChanged) this.#say(`${this.dataset.priceChanged} ${this.#chosen()?.price ?? ''}`, 'warn');
  }

  async #add(form: HTMLFormElement): Promise<void> {
    const button = this.querySelector('button');
    const hadFocus = button !== null && document.activeElement === button;
    if (button !== null) button.disabled = true;
    try {
      const { ok, body } = await sendForm(form);
      if (ok) {
        const link = document.createElement('a');
        link.href = this.dataset.cart ?? '/cart';
        link.textContent = this.dataset.toCart ?? '';
        this.#say(`${this.dataset.added} `, 'good', link);
        document.dispatchEvent(new Event('cart-changed'));
      } else this.#say(String(body.detail ?? body.title ?? this.dataset.failed), 'bad');
    } catch {
      this.#say(this.dataset.failed ?? '', 'bad');
    }
    this.#show();
    // A button that cannot be pressed loses the focus, and who has no mouse would begin at the top of the page again.
    if (hadFocus && document.activeElement === document.body) button.focus();
  }

  #say(text: string, kind: 'good' | 'warn' | 'bad', ...more: Node[]): void {
    const said = this.querySelector('.buy-box__said');
    if (said === null) return;
    said.className = `buy-box__said notice notice--${kind}`;
    const line = document.createElement('p');
    line.append(text, ...more);
    said.replaceChildren(line);
  }
}
