import { type Choosable, chosenOf, nearestWith, valueState } from '../product/choice.ts';
import { stockLevel } from '../product/stock-level.ts';
import { sendForm } from './ask.ts';
import { askLive } from './live.ts';

interface ScriptVariant extends Choosable {
  readonly id: string;
  /** Undefined: not for sale. */
  minor: number | undefined;
  price: string;
  was: string;
  left: number;
  /** While it is not for sale yet: from when it is. */
  readonly soldFrom?: string;
  canBuy: boolean;
}

/** As the contract of live variants has it. */
const askedAtOnceMax = 50;

/** Shows price and stock of what is chosen, as they are now, and puts it into the cart without leaving the page. */
export class BuyBox extends HTMLElement {
  #variants: ScriptVariant[] = [];
  /** The shop has said what is left. Until then the page's hint forbids nothing: it may be old. */
  #isLive = false;

  connectedCallback(): void {
    this.#variants = JSON.parse(this.dataset.variants ?? '[]');
    for (const variant of this.#variants) variant.canBuy = variant.left > 0 && variant.minor !== undefined;
    const form = this.querySelector('form');
    form?.addEventListener('change', ({ target }) => {
      if (target instanceof HTMLInputElement && target.type === 'radio') this.#moveToMade(target);
      this.#show();
    });
    form?.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#add(form);
    });
    this.#show();
    void this.#refresh();
  }

  /** The chosen value of each option. */
  #values(): (string | undefined)[] {
    const options = [...this.querySelectorAll('.buy-box__option')];
    return options.map((option) => option.querySelector<HTMLInputElement>('input:checked')?.value);
  }

  #chosen(): ScriptVariant | undefined {
    return chosenOf(this.#variants, this.#values());
  }

  /** A value that is not made with the others takes them along to a variant that exists, and says so. */
  #moveToMade(input: HTMLInputElement): void {
    this.#say('', 'good');
    const chosen = this.#values();
    if (chosenOf(this.#variants, chosen) !== undefined) return;
    const options = [...this.querySelectorAll('.buy-box__option')];
    const nearest = nearestWith(
      this.#variants,
      chosen,
      options.findIndex((option) => option.contains(input)),
    );
    const moved: string[] = [];
    for (const [index, option] of options.entries()) {
      const value = nearest?.options[index];
      if (value === undefined || value === chosen[index]) continue;
      for (const other of option.querySelectorAll('input')) {
        if (other.value !== value) continue;
        other.checked = true;
        moved.push(other.nextElementSibling?.firstChild?.textContent ?? value ?? '');
      }
    }
    if (moved.length > 0)
      this.#say(
        (this.dataset.moved ?? '').replace('%', () => moved.join(', ')),
        'warn',
      );
  }

  #show(): void {
    const chosen = this.#chosen();
    this.#showStates();
    this.#showButton(chosen);
    this.#showPrice(chosen);
    this.#showStock(chosen);
  }

  #showStates(): void {
    const chosen = this.#values();
    const words = { available: '', 'sold-out': this.dataset.stateSoldOut, 'not-made': this.dataset.stateNotMade };
    for (const [index, option] of [...this.querySelectorAll('.buy-box__option')].entries()) {
      for (const chip of option.querySelectorAll<HTMLElement>('.chip')) {
        const state = valueState(this.#variants, chosen, index, chip.querySelector('input')?.value ?? '');
        chip.dataset.state = state;
        const word = chip.querySelector('small');
        if (word !== null) word.textContent = words[state] ?? '';
      }
    }
  }

  #showButton(chosen: ScriptVariant | undefined): void {
    const button = this.querySelector('button');
    if (button === null) return;
    const isForSale = chosen?.minor !== undefined;
    const isSoldOut = isForSale && this.#isLive && chosen.left <= 0;
    button.disabled = !isForSale || isSoldOut;
    const { add, soldOut, notForSale } = this.dataset;
    button.textContent = (isSoldOut ? soldOut : isForSale || chosen === undefined ? add : notForSale) ?? '';
  }

  #showPrice(chosen: ScriptVariant | undefined): void {
    const line = this.querySelector<HTMLElement>('.buy-box__price');
    const price = this.querySelector('.buy-box__price strong');
    const was = this.querySelector<HTMLElement>('.buy-box__price s');
    const wasAmount = this.querySelector('.buy-box__was');
    const seen = this.querySelector<HTMLInputElement>('input[name=seen]');
    if (line === null || price === null || was === null || wasAmount === null || seen === null) return;
    line.classList.toggle('buy-box__price--none', chosen?.minor === undefined);
    seen.value = String(chosen?.minor ?? '');
    price.textContent = chosen?.price ?? '';
    price.classList.toggle('price--sale', Boolean(chosen?.was));
    was.hidden = !chosen?.was;
    wasAmount.textContent = chosen?.was ?? '';
  }

  #showStock(chosen: ScriptVariant | undefined): void {
    const stock = this.querySelector('.buy-box__stock');
    if (stock === null) return;
    const { none, low, inStock, notMade } = this.dataset;
    if (chosen?.minor === undefined) {
      say(stock, (chosen === undefined ? notMade : chosen.soldFrom) ?? '');
      return;
    }
    const hint = stock.querySelector('.stock');
    // The page's own words, that it was sold out when it was made, stand until the shop has said how it is.
    if (!this.#isLive && chosen.left <= 0 && hint?.matches('.stock--none')) return;
    const level = stockLevel(Math.max(0, chosen.left));
    const words = { none, low: low?.replace('0', String(chosen.left)), 'in-stock': inStock }[level] ?? '';
    const shown = document.createElement('span');
    shown.className = level === 'in-stock' ? 'stock' : `stock stock--${level}`;
    shown.textContent = words;
    say(stock, words, shown);
  }

  /** The page may be a little old; this is now. A price that differs is said, not slipped in. */
  async #refresh(): Promise<void> {
    const money = new Intl.NumberFormat(document.documentElement.lang, {
      style: 'currency',
      currency: this.dataset.currency ?? 'USD',
    });
    const perUnit = 10 ** (money.resolvedOptions().maximumFractionDigits ?? 2);
    const ids = this.#variants.map(({ id }) => id);
    const asked = Array.from({ length: Math.ceil(ids.length / askedAtOnceMax) }, (_, index) =>
      askLive(ids.slice(index * askedAtOnceMax, (index + 1) * askedAtOnceMax)),
    );
    const answers = await Promise.all(asked).catch(() => undefined);
    if (answers === undefined) return;
    const before = this.#chosen()?.minor;
    const live = new Map(answers.flatMap((answer) => [...answer]));
    for (const variant of this.#variants) {
      const now = live.get(variant.id);
      if (now === undefined) continue;
      variant.left = now.available;
      if (now.amountMinor !== variant.minor) {
        variant.minor = now.amountMinor;
        variant.price = now.amountMinor === undefined ? '' : money.format(now.amountMinor / perUnit);
        variant.was = now.compareAtMinor === undefined ? '' : money.format(now.compareAtMinor / perUnit);
      }
      variant.canBuy = variant.left > 0 && variant.minor !== undefined;
    }
    this.#isLive = true;
    this.#show();
    const chosen = this.#chosen();
    if (chosen?.minor !== undefined && chosen.minor !== before)
      this.#say(`${this.dataset.priceChanged} ${chosen.price}`, 'warn');
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
        // More than there are: said now, not at the till.
        if (typeof body.hint === 'string') this.#say(`${this.dataset.added} ${body.hint}. `, 'warn', link);
        else this.#say(`${this.dataset.added} `, 'good', link);
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
    if (text === '') {
      said.replaceChildren();
      return;
    }
    said.className = `buy-box__said notice notice--${kind}`;
    const line = document.createElement('p');
    line.append(text, ...more);
    said.replaceChildren(line);
  }
}

/** Says it only if it is new: what is read aloud should not be said twice. */
function say(place: Element, words: string, shown: Node | string = words): void {
  if (place.textContent !== words) place.replaceChildren(shown);
}
