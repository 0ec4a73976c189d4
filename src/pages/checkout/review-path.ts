/** Where a cart is checked out, without the locale; named where it is not the one of the visitor's cookie. */
export function checkoutPath(cartName: string | undefined): string {
  return withCart('/checkout', cartName);
}

export function reviewPath(cartName: string | undefined): string {
  return withCart('/checkout/review', cartName);
}

function withCart(path: string, cartName: string | undefined): string {
  return cartName === undefined ? path : `${path}?cart=${encodeURIComponent(cartName)}`;
}
