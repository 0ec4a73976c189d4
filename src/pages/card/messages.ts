import { defineText } from '../locale.ts';

export const cardText = defineText({
  en: {
    from: (price: string) => `from ${price}`,
    was: (price: string) => `before: ${price}`,
    noPrice: 'Not for sale yet',
  },
  zh: {
    from: (price: string) => `${price} 起`,
    was: (price: string) => `原价 ${price}`,
    noPrice: '尚未发售',
  },
});
