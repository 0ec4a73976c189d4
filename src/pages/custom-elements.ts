import type { HTMLAttributes } from 'preact';

type Island = HTMLAttributes<HTMLElement> & Readonly<Record<`data-${string}`, string | number | undefined>>;

/** The live parts of pages: each is an element whose HTML works as it is, and that a script of `browser/` makes better. */
declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'search-box': Island;
      'cart-count': Island;
      'buy-box': Island;
      'live-stock': Island;
      'live-price': Island;
      'sale-clock': Island;
      'sale-queue': Island;
      'order-watch': Island;
      'checkout-form': Island;
      'cart-lines': Island;
      'local-time': Island;
      'copy-link': Island;
      'pow-challenge': Island;
    }
  }
}
