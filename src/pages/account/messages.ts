import { defineText } from '../locale.ts';

export const accountText = defineText({
  en: {
    title: 'Account',
    heading: 'No account needed, yet',
    lead: 'You can buy everything here as a guest. Signing in comes later: then this page will hold your orders, addresses and wishes in one place.',
    findTitle: 'Looking for an order?',
    find: 'Each order has a page of its own, with a link that opens it. What was ordered in this browser in the last month is listed here; anything else opens with the link that you kept.',
    toOrders: 'Orders of this browser',
    why: 'We do not look orders up by e-mail address: whoever knows your address would then see what you bought and where you live.',
    toCart: 'Go to the cart',
    toShop: 'Look around the shop',
  },
  zh: {
    title: '账户',
    heading: '目前无需账户',
    lead: '在这里，您可以以访客身份购买所有商品。登录功能稍后推出，届时您的订单、地址和心愿单都会集中在此页。',
    findTitle: '在找订单？',
    find: '每份订单都有自己的页面，凭链接即可打开。最近一个月在此浏览器下的订单都列在这里；其他订单请用您保存的链接打开。',
    toOrders: '此浏览器的订单',
    why: '我们不提供按邮箱查询订单：否则知道您邮箱的人，就能看到您买了什么、住在哪里。',
    toCart: '前往购物车',
    toShop: '去逛逛',
  },
});
