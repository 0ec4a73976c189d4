import type { Suggestion, storefrontApi } from '../live/api.ts';
import { ask } from './ask.ts';

type Suggest = (typeof storefrontApi)['routes']['suggest'];

const pauseMs = 140;

/** Suggests products while one types: a combobox with a list (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). */
export class SearchBox extends HTMLElement {
  #input: HTMLInputElement | null = null;
  #list: HTMLUListElement | undefined;
  #timer = 0;
  #asking: AbortController | undefined;
  #active = -1;

  connectedCallback(): void {
    const input = this.querySelector('input');
    this.#input = input;
    if (input === null) return;
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-expanded', 'false');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', 'suggestions');
    input.addEventListener('input', () => this.#later());
    input.addEventListener('keydown', (event) => this.#key(event));
    this.addEventListener('focusout', (event) => {
      if (!this.contains(event.relatedTarget as Node | null)) this.#close();
    });
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#suggest(), pauseMs);
  }

  async #suggest(): Promise<void> {
    const q = this.#input?.value.trim() ?? '';
    this.#asking?.abort();
    if (q.length < (/[\u2e80-\u9fff]/.test(q) ? 1 : 2)) return this.#close();
    this.#asking = new AbortController();
    const locale = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';
    try {
      const { items } = await ask<Suggest>('/v1/storefront/suggestions', { q, locale }, this.#asking.signal);
      this.#show(items, locale);
    } catch {
      // Aborted by the next letter, or no answer: the search itself still works.
    }
  }

  #show(items: readonly Suggestion[], locale: string): void {
    if (items.length === 0 || document.activeElement !== this.#input) {
      this.#close();
      return;
    }
    this.#list ??= this.#makeList();
    this.#active = -1;
    this.#list.replaceChildren(...items.map((item, index) => this.#option(item, index, locale)));
    this.#list.hidden = false;
    this.#input?.setAttribute('aria-expanded', 'true');
  }

  #makeList(): HTMLUListElement {
    const list = document.createElement('ul');
    list.id = 'suggestions';
    list.className = 'site-search__list';
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', this.#input?.labels?.[0]?.textContent?.trim() ?? '');
    this.append(list);
    return list;
  }

  #option(item: Suggestion, index: number, locale: string): HTMLLIElement {
    const option = document.createElement('li');
    option.setAttribute('role', 'option');
    option.id = `suggestion-${index}`;
    const link = document.createElement('a');
    link.href = `${locale === 'zh' ? '/zh' : ''}/products/${item.slug}`;
    link.tabIndex = -1;
    const picture = document.createElement(item.picture === undefined ? 'span' : 'img');
    if (picture instanceof HTMLImageElement) Object.assign(picture, { src: item.picture, alt: '', loading: 'lazy' });
    const title = document.createElement('span');
    title.textContent = item.title;
    const price = document.createElement('span');
    price.className = 'price small';
    price.textContent = item.price ?? '';
    link.append(picture, title, price);
    option.append(link);
    return option;
  }

  #key(event: KeyboardEvent): void {
    const options = [...(this.#list?.hidden === false ? this.#list.children : [])];
    if (options.length === 0) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      this.#close();
      return;
    }
    if (event.key === 'Enter' && this.#active >= 0) {
      event.preventDefault();
      options[this.#active]?.querySelector('a')?.click();
    }
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    // One place before the first is the text itself.
    this.#active = ((this.#active + 1 + step + options.length + 1) % (options.length + 1)) - 1;
    options.forEach((option, index) => {
      option.setAttribute('aria-selected', String(index === this.#active));
    });
    const active = options[this.#active];
    if (active === undefined) this.#input?.removeAttribute('aria-activedescendant');
    else this.#input?.setAttribute('aria-activedescendant', active.id);
  }

  #close(): void {
    if (this.#list !== undefined) this.#list.hidden = true;
    this.#input?.setAttribute('aria-expanded', 'false');
    this.#input?.removeAttribute('aria-activedescendant');
  }
}
