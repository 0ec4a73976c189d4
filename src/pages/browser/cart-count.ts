/** How many things are in the cart, from the cookie that the shop keeps beside the cart's own: no request for a number. */
export class CartCount extends HTMLElement {
  connectedCallback(): void {
    this.show();
    document.addEventListener('cart-changed', this);
    addEventListener('pageshow', this);
  }

  disconnectedCallback(): void {
    document.removeEventListener('cart-changed', this);
    removeEventListener('pageshow', this);
  }

  handleEvent(): void {
    this.show();
  }

  private show(): void {
    const count = Number(/(?:^|; )onrush_cart_count=(\d{1,6})/.exec(document.cookie)?.[1] ?? 0);
    this.hidden = count === 0;
    this.textContent = String(count);
  }
}
