/** Says that it is at work, and is not sent twice meanwhile. (Were it sent twice, it would be one order all the same.) */
export class CheckoutForm extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener('submit', this);
    this.addEventListener('input', this);
    addEventListener('pageshow', this);
    // The page came back with something to mend: that is where the work goes on.
    if (this.querySelector('[role=alert]')) this.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }

  disconnectedCallback(): void {
    removeEventListener('pageshow', this);
  }

  handleEvent(event: Event): void {
    if (event.type === 'input') this.#forgive(event.target as HTMLElement);
    else if (event.type === 'pageshow') this.#rest();
    else if (this.hasAttribute('aria-busy')) event.preventDefault();
    else this.#work();
  }

  #work(): void {
    const button = this.querySelector<HTMLButtonElement>('[data-submit]');
    this.setAttribute('aria-busy', 'true');
    if (button === null || this.dataset.busy === undefined) return;
    button.dataset.says = button.textContent ?? '';
    button.textContent = this.dataset.busy;
    button.setAttribute('aria-disabled', 'true');
  }

  /** Back from the next page by the back button: the form is there to be sent again. */
  #rest(): void {
    const button = this.querySelector<HTMLButtonElement>('[data-submit]');
    this.removeAttribute('aria-busy');
    if (button?.dataset.says === undefined) return;
    button.textContent = button.dataset.says;
    button.removeAttribute('aria-disabled');
  }

  /** What is being mended is no longer called wrong. */
  #forgive(field: HTMLElement): void {
    if (field.getAttribute('aria-invalid') !== 'true') return;
    field.removeAttribute('aria-invalid');
    document.getElementById(`${field.id}-fault`)?.remove();
  }
}
