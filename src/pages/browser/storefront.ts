import '../styles/storefront.css';
import { markBrokenPictures } from './broken-pictures.ts';
import { BuyBox } from './buy-box.ts';
import { CartCount } from './cart-count.ts';
import { CartLines } from './cart-lines.ts';
import { CheckoutForm } from './checkout-form.ts';
import { CopyLink } from './copy-link.ts';
import { LiveStock } from './live-stock.ts';
import { LocalTime } from './local-time.ts';
import { OrderWatch } from './order-watch.ts';
import { PowChallenge } from './pow-challenge.ts';
import { SaleClock } from './sale-clock.ts';
import { SaleQueue } from './sale-queue.ts';
import { SearchBox } from './search-box.ts';

// The live parts of pages. Each works as plain HTML before, and without, its script.
customElements.define('cart-count', CartCount);
customElements.define('local-time', LocalTime);
customElements.define('search-box', SearchBox);
customElements.define('buy-box', BuyBox);
customElements.define('sale-clock', SaleClock);
customElements.define('sale-queue', SaleQueue);
customElements.define('live-stock', LiveStock);
customElements.define('cart-lines', CartLines);
customElements.define('checkout-form', CheckoutForm);
customElements.define('order-watch', OrderWatch);
customElements.define('copy-link', CopyLink);
customElements.define('pow-challenge', PowChallenge);
markBrokenPictures(document);

if ('serviceWorker' in navigator) {
  // After the page is there: it is for later.
  addEventListener('load', () => navigator.serviceWorker.register('/sw.js').catch(() => {}));
}
