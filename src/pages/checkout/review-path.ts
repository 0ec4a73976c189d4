/** Where a cart is checked out, without the locale; the token names it where it is not the one of the visitor's cookie. */
export function checkoutPath(cartToken: string | undefined): string {
  return withCart('/checkout', cartToken);
}

export function reviewPath(cartToken: string | undefined): string {
  return withCart('/checkout/review', cartToken);
}

function withCart(path: string, cartToken: string | undefined): string {
  return cartToken === undefined ? path : `${path}?cart=${encodeURIComponent(cartToken)}`;
}
