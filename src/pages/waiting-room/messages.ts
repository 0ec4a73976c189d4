import { defineText } from '../locale.ts';

export const roomText = defineText({
  en: {
    title: 'Waiting room',
    nameless: 'Waiting room',
    home: (shop: string) => `${shop}, home`,
    promise: 'A place is kept by the browser that took it, and is good for one order. Nothing here is sold twice.',

    enteringTitle: 'One moment',
    entering: 'You are about to get your place in line.',

    cookielessTitle: 'Cookies are needed',
    cookieless: 'Your place in line is kept in a cookie: allow cookies for this site, then try again.',

    beforeTitle: 'You are here in time',
    before:
      'At the opening places are drawn by lot among all who are here. Coming early or clicking often buys nothing: one open page is all it takes.',
    drawnIn: 'Places are drawn in',
    drawnAt: 'Places are drawn on',
    drawing: 'Places are being drawn',
    units: { d: 'days', h: 'hours', m: 'minutes', s: 'seconds' },

    waitingTitle: 'You are in line',
    ahead: 'ahead of you',
    next: 'Next',
    nextHint: 'nobody is ahead of you',
    place: 'Your place',
    wait: 'Your wait',
    way: 'How far you have come',
    waitUnknown: 'not known yet',
    waitSoon: 'less than a minute',
    waitUpTo: (minutes: number) => (minutes === 1 ? 'up to a minute' : `up to ${minutes} minutes`),
    waitMinutes: (from: number, to: number) =>
      from === to ? `about ${from} minutes` : `about ${from} to ${to} minutes`,
    waitHours: (from: number, to: number) => (from === to ? `about ${from} hours` : `about ${from} to ${to} hours`),
    waitUpToHours: (hours: number) => `up to ${hours} hours`,
    keep: (time: string) =>
      `Keep this page open: it lets you in by itself. If you must leave, be back within ${time}; that long your place is kept.`,
    seconds: (count: number) => (count === 1 ? 'a second' : `${count} seconds`),
    minutes: (count: number) => (count === 1 ? 'a minute' : `${count} minutes`),
    tab: (ahead: string) => `${ahead} ahead`,
    said: (ahead: string, wait: string) => `${ahead} ahead of you. Your wait: ${wait}.`,

    promisedTitle: 'All that is left is promised',
    promised:
      'Everything left is promised to those who were called before you. You can stay in line: what one of them gives back goes to the next at once.',

    calledTitle: 'It is your turn',
    called: 'You are being let in.',
    goIn: 'Go in',

    overTitle: 'There is nothing left to wait for',
    over: 'Everything has found someone, or the sale has ended. Thank you for waiting.',
    toSale: 'Look at the sale',
    toShop: 'Look round the shop',

    offTitle: 'There is no queue',
    off: 'You can go straight on.',
    goOn: 'Go on',

    leave: 'Leave the line',
    leavingTitle: 'Leave the line?',
    leaving: 'Those behind you move up, and you cannot have this place back.',
    stay: 'Stay in line',
    leftTitle: 'You have left the line',
    left: 'Those behind you have moved up. You can line up again whenever you like.',

    usedTitle: 'You have used your place',
    used: 'It was good for one order, and you have placed it. You can line up again whenever you like.',

    missedTitle: 'Your turn has passed',
    missed: 'You were called, and the time to go in and buy has run out.',

    lostTitle: 'Your place was given up',
    lost: 'The shop heard nothing from this page for too long, and those behind you moved up.',
    newPlace: 'Take a new place',

    busyTitle: 'The shop is catching its breath',
    busy: 'Your place is kept. This page tries again by itself.',
    retry: 'Try again now',

    looked: 'Last looked',
    offline: 'No connection just now. Your place is kept; this page goes on trying.',
    language: 'Language',
  },
  zh: {
    title: '排队',
    nameless: '等候室',
    home: (shop: string) => `${shop} 首页`,
    promise: '位置由取得它的浏览器保存，可下一份订单。这里的每一件，都不会卖出两次。',

    enteringTitle: '请稍候',
    entering: '马上为您安排位置。',

    cookielessTitle: '需要 Cookie',
    cookieless: '您的位置保存在 Cookie 中：请允许本站使用 Cookie，然后重试。',

    beforeTitle: '您来得正好',
    before: '开始时，会在所有到场的人中抽签决定先后。来得早、点得多都没有用，开着一个页面就够了。',
    drawnIn: '距离抽签',
    drawnAt: '抽签时间',
    drawing: '正在抽签',
    units: { d: '天', h: '时', m: '分', s: '秒' },

    waitingTitle: '您正在排队',
    ahead: '人排在您前面',
    next: '下一位',
    nextHint: '前面没有人了',
    place: '您的位置',
    wait: '预计等候',
    way: '已经走过的路',
    waitUnknown: '暂时无法估计',
    waitSoon: '不到一分钟',
    waitUpTo: (minutes: number) => `最多 ${minutes} 分钟`,
    waitMinutes: (from: number, to: number) => (from === to ? `约 ${from} 分钟` : `约 ${from} 到 ${to} 分钟`),
    waitHours: (from: number, to: number) => (from === to ? `约 ${from} 小时` : `约 ${from} 到 ${to} 小时`),
    waitUpToHours: (hours: number) => `最多 ${hours} 小时`,
    keep: (time: string) => `请保持本页打开，轮到您时会自动进入。如需离开，请在 ${time}内回来，位置会为您保留。`,
    seconds: (count: number) => `${count} 秒`,
    minutes: (count: number) => `${count} 分钟`,
    tab: (ahead: string) => `前面 ${ahead} 人`,
    said: (ahead: string, wait: string) => `前面还有 ${ahead} 人。预计等候：${wait}。`,

    promisedTitle: '余下的都已有人预定',
    promised: '剩下的都留给了在您之前被叫到的人。您可以继续排队：如果有人放弃，会立即轮到下一位。',

    calledTitle: '轮到您了',
    called: '正在为您开门。',
    goIn: '进入',

    overTitle: '已经没有可等的了',
    over: '每一件都有了主人，或者发售已经结束。谢谢您的等候。',
    toSale: '查看发售',
    toShop: '逛逛商店',

    offTitle: '现在不用排队',
    off: '您可以直接继续。',
    goOn: '继续',

    leave: '离开队伍',
    leavingTitle: '要离开队伍吗？',
    leaving: '后面的人会上前，这个位置不能再取回。',
    stay: '继续排队',
    leftTitle: '您已离开队伍',
    left: '后面的人已经上前。您随时可以重新排队。',

    usedTitle: '您的位置已经用过',
    used: '一个位置可下一份订单，您已经下单。您随时可以重新排队。',

    missedTitle: '轮到您的时间已过',
    missed: '叫到您之后，进店购买的时间已经用完。',

    lostTitle: '您的位置没有保留',
    lost: '商店太久没有收到本页的消息，后面的人已经上前。',
    newPlace: '重新排队',

    busyTitle: '商店正在缓一口气',
    busy: '您的位置还在。本页会自动重试。',
    retry: '立即重试',

    looked: '上次查看',
    offline: '暂时没有网络。您的位置还在，本页会继续尝试。',
    language: '语言',
  },
});

export type RoomText = ReturnType<typeof roomText>;
