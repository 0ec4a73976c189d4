import { defineText } from '../locale.ts';

export const errorText = defineText({
  en: {
    notFoundTitle: 'Nothing at this address',
    notFound: 'The page has moved, the product has gone, or the link lost a letter on its way here.',
    busyTitle: 'The shop is very busy',
    busy: 'Nothing of yours was lost. Load the page again in a few seconds.',
    awayTitle: 'A part of the shop does not answer just now',
    away: 'It is being brought back. If you had just sent something, it may have arrived: look before you send it again. Nothing of yours was lost.',
    brokenTitle: 'Something broke, and it was us',
    broken: 'It is written down, and someone will look at it. Nothing of yours was lost: your cart is as it was.',
    refusedTitle: 'That could not be read',
    refused: 'What was sent is not something this page can use. Go back and try again.',
    toSearch: 'Search the shop',
    toHome: 'Go to the front page',
  },
  zh: {
    notFoundTitle: '这里什么都没有',
    notFound: '页面已移走、商品已下架，或者链接在路上丢了一个字母。',
    busyTitle: '现在人很多',
    busy: '您的东西都还在。请过几秒钟再刷新页面。',
    awayTitle: '商店的一部分暂时没有响应',
    away: '正在恢复。如果您刚刚提交了内容，它可能已经送达，请先查看再重新提交。您的东西都还在。',
    brokenTitle: '出了点问题，是我们的错',
    broken: '问题已经记录，会有人处理。您的东西都还在，购物车没有变化。',
    refusedTitle: '无法识别提交的内容',
    refused: '这个页面无法处理收到的内容。请返回后重试。',
    toSearch: '搜索商品',
    toHome: '返回首页',
  },
});
