import { type Choosable, chosenOf, nearestWith, valueState } from '../product/choice.ts';
import { stockLevel } from '../product/stock-level.ts';
import { clockLine } from '../sale/clock.ts';
import { sendForm } from './ask.ts';
import { askLive, shopNowMs } from './live.ts';
import { localTime } from './local-time.ts';
import { askAgainAfterMs, nextStartMs, type Startable, startDue } from './start.ts';

interface ScriptVariant extends Choosable, Startable {
  readonly id: string;
  left: number;
  canBuy: boolean;
}

/** As the contract of live variants has it. */
const askedAtOnceMax = 50;

/**
 * Shows price and stock of what is chosen, as they are now, and puts it into the cart without leaving the page. What waits for
 * its start can be bought from then on, by the shop's clock, without loading the page again.
 */
export class BuyBox extends HTMLElement {
  #variants: ScriptVariant[] = [];
  /** The shop has said what is left. Until then the page's hint forbids nothing: it may be old. */
  #isLive = false;
  #tickTimer = 0;
  #askTimer = 0;

  connectedCallback(): void {
    this.#variants = JSON.parse(this.dataset.variants ?? '[]');
    for (const variant of this.#variants) noteCanBuy(variant);
    const form = this.querySelector('form');
    form?.addEventListener('change', ({ target }) => {
      if (target instanceof HTMLInputElement && target.type === 'radio') this.#moveToMade(target);
      this.#show();
    });
    form?.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#add(form);
    });
    document.addEventListener('visibilitychange', this);
    this.#show();
    void this.#look();
  }

  disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this);
    clearTimeout(this.#tickTimer);
    clearTimeout(this.#askTimer);
  }

  /** Who comes back to a page that waits: its timers were slowed down, and a machine that slept has lost count of the time. */
  handleEvent(): void {
    if (!document.hidden && nextStartMs(this.#variants) !== undefined) void this.#look();
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
    this.#showCountdown(chosen);
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
    const { add, soldOut, notForSale, notYet } = this.dataset;
    const unsold = chosen?.soldFrom === undefined ? notForSale : notYet;
    button.textContent = (isSoldOut ? soldOut : isForSale || chosen === undefined ? add : unsold) ?? '';
  }

  #showPrice(chosen: ScriptVariant | undefined): void {
    const line = this.querySelector<HTMLElement>('.buy-box__price');
    const price = this.querySelector('.buy-box__price strong');
    const was = this.querySelector<HTMLElement>('.buy-box__price s');
    const wasAmount = this.querySelector('.buy-box__was');
    const seen = this.querySelector<HTMLInputElement>('input[name=seen]');
    if (line === null || price === null || was === null || wasAmount === null || seen === null) return;
    const shown = chosen?.soldFrom ?? chosen;
    line.classList.toggle('buy-box__price--none', shown?.minor === undefined);
    seen.value = String(shown?.minor ?? '');
    price.textContent = shown?.price ?? '';
    price.classList.toggle('price--sale', Boolean(shown?.was));
    was.hidden = !shown?.was;
    wasAmount.textContent = shown?.was ?? '';
  }

  #showStock(chosen: ScriptVariant | undefined): void {
    const stock = this.querySelector('.buy-box__stock');
    if (stock === null) return;
    const { none, low, inStock, notMade, soldFrom } = this.dataset;
    if (chosen?.minor === undefined) {
      const start = chosen?.soldFrom && `${soldFrom} ${localTime(chosen.soldFrom.atMs)}`;
      say(stock, (chosen === undefined ? notMade : start) ?? '');
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

  #showCountdown(chosen: ScriptVariant | undefined): void {
    const line = this.querySelector<HTMLElement>('.buy-box__countdown');
    if (line === null) return;
    const startsAtMs = chosen?.soldFrom?.atMs;
    line.hidden = startsAtMs === undefined;
    // Without the shop's own time there is nothing to count by: the visitor's clock may say anything.
    if (startsAtMs === undefined || !this.#isLive) return;
    const left = clockLine(startsAtMs - shopNowMs(), document.documentElement.lang);
    line.textContent = (this.dataset.startsIn ?? '').replace('%', () => left);
  }

  /** The page may be a little old; this is now. A price that differs is said, not slipped in. */
  async #look(): Promise<void> {
    const shownMinor = (chosen: ScriptVariant | undefined) => chosen?.minor ?? chosen?.soldFrom?.minor;
    const before = shownMinor(this.#chosen());
    await this.#refresh();
    // What a cache kept from before the start says when that was.
    const hasStarted = startDue(this.#variants, shopNowMs());
    this.#show();
    const chosen = this.#chosen();
    const now = shownMinor(chosen);
    if (now !== undefined && now !== before)
      this.#say(`${this.dataset.priceChanged} ${(chosen?.soldFrom ?? chosen)?.price}`, 'warn');
    this.#tick();
    if (hasStarted) this.#askAgain(0);
    else this.#askWhileWaiting();
  }

  /** Each second until the next start, and on it. */
  #tick(): void {
    clearTimeout(this.#tickTimer);
    const nowMs = shopNowMs();
    if (startDue(this.#variants, nowMs)) {
      this.#show();
      this.#askAgain(0);
    } else this.#showCountdown(this.#chosen());
    const nextMs = nextStartMs(this.#variants);
    if (nextMs === undefined || !this.isConnected) return;
    this.#tickTimer = window.setTimeout(() => this.#tick(), ((nextMs - nowMs) % 1000) + 4);
  }

  #askWhileWaiting(): void {
    const nextMs = nextStartMs(this.#variants);
    if (nextMs !== undefined) this.#askAgain(nextMs - shopNowMs());
  }

  #askAgain(leftMs: number): void {
    clearTimeout(this.#askTimer);
    if (!this.isConnected) return;
    this.#askTimer = window.setTimeout(() => void this.#look(), askAgainAfterMs(leftMs, Math.random()));
  }

  /** Takes over what the shop says; where it says nothing, all stays as it was. */
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
    const priced = (minor: number | undefined, wasMinor: number | undefined) => ({
      minor,
      price: minor === undefined ? '' : money.format(minor / perUnit),
      was: wasMinor === undefined ? '' : money.format(wasMinor / perUnit),
    });
    const live = new Map(answers.flatMap((answer) => [...answer]));
    for (const variant of this.#variants) {
      const now = live.get(variant.id);
      if (now === undefined) continue;
      variant.left = now.available;
      const { amountMinor, compareAtMinor, soldFrom } = now;
      if (amountMinor !== variant.minor) Object.assign(variant, priced(amountMinor, compareAtMinor));
      variant.soldFrom = soldFrom && {
        atMs: soldFrom.atMs,
        ...priced(soldFrom.amountMinor, soldFrom.compareAtMinor),
      };
      noteCanBuy(variant);
    }
    this.#isLive = true;
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

function noteCanBuy(variant: ScriptVariant): void {
  variant.canBuy = variant.left > 0 && (variant.minor ?? variant.soldFrom?.minor) !== undefined;
}

/** Says it only if it is new: what is read aloud should not be said twice. */
function say(place: Element, words: string, shown: Node | string = words): void {
  if (place.textContent !== words) place.replaceChildren(shown);
}
