import { defineText } from '../locale.ts';

export const homeText = defineText({
  en: {
    description: (shop: string) => `${shop}: what is new, what is on sale, and everything else.`,
    look: 'Look around',
    newest: 'New in the shop',
    all: 'See everything',
    collections: 'By collection',
    count: (count: string) => (count === '1' ? '1 thing' : `${count} things`),
    featured: 'Chosen by hand',
    promiseTitle: 'Two people, one lantern.',
    promise:
      'When the last one is wanted by a thousand people at once, one of them gets it and the others are told so, at once and truly. An order number from us is a promise that survives a power cut.',
    promiseHow: 'How that is kept',
  },
  zh: {
    description: (shop: string) => `${shop}：新品、限时发售，以及店里的一切。`,
    look: '随便看看',
    newest: '新到店',
    all: '查看全部',
    collections: '按分类浏览',
    count: (count: string) => `${count} 件商品`,
    featured: '精心挑选',
    promiseTitle: '两个人，一盏灯。',
    promise:
      '当一千个人同时想要最后一件，只有一个人会得到它，其他人会立刻得知真实的结果。我们给出的订单号，是断电也不会失效的承诺。',
    promiseHow: '我们如何做到',
  },
});
