/** Everything that the wall says, in each of the storefront's languages; plain data, for the server and the browser. */
export interface WallText {
  readonly title: string;
  readonly noSale: string;
  readonly since: (time: string) => string;
  readonly endsIn: (time: string) => string;
  readonly ended: string;
  readonly money: string;
  readonly ordersPerSecond: string;
  readonly ordersChart: string;
  readonly placed: string;
  readonly paid: string;
  readonly expired: string;
  readonly cancelled: string;
  readonly peak: (rate: string) => string;
  readonly buyers: string;
  readonly buyersNote: string;
  readonly stock: string;
  readonly soldOf: (sold: string, granted: string) => string;
  readonly held: (count: string) => string;
  readonly left: (count: string) => string;
  readonly soldOut: string;
  readonly noVariants: string;
  readonly latency: string;
  readonly half: string;
  readonly worst: string;
  readonly cache: string;
  readonly queue: string;
  readonly waiting: string;
  readonly lag: string;
  readonly shed: string;
  readonly shedCore: string;
  readonly shedStandard: string;
  readonly shedDeferrable: string;
  readonly regions: string;
  readonly noRegions: string;
  readonly live: string;
  readonly connecting: string;
  readonly reconnecting: (time: string) => string;
  readonly replaying: string;
  readonly refusedTitle: string;
  readonly refused: string;
  readonly key: string;
  readonly open: string;
  readonly noScript: string;
  readonly replay: string;
  readonly chooseSale: string;
  readonly backToLive: string;
  readonly play: string;
  readonly pause: string;
  readonly speed: string;
  readonly position: string;
  readonly loading: string;
  readonly failed: string;
  readonly gone: string;
  readonly light: string;
  readonly dark: string;
  readonly language: string;
  readonly keys: string;
  readonly milliseconds: string;
}

export type WallLocale = 'en' | 'zh';

export const wallTexts: Readonly<Record<WallLocale, WallText>> = {
  en: {
    title: 'Sale wall',
    noSale: 'The last 24 hours',
    since: (time) => `since ${time}`,
    endsIn: (time) => `ends in ${time}`,
    ended: 'over',
    money: 'Money taken',
    ordersPerSecond: 'Orders per second',
    ordersChart: 'Orders per second over the last five minutes',
    placed: 'placed',
    paid: 'paid',
    expired: 'expired',
    cancelled: 'cancelled',
    peak: (rate) => `peak ${rate}`,
    buyers: 'Buyers in',
    buyersNote: 'ordered within five minutes',
    stock: 'Sold and left',
    soldOf: (sold, granted) => `${sold} of ${granted} sold`,
    held: (count) => `${count} held`,
    left: (count) => `${count} left`,
    soldOut: 'Sold out',
    noVariants: 'Nothing has been ordered within ten minutes.',
    latency: 'Order latency',
    half: 'half within',
    worst: '99% within',
    cache: 'Cache hits',
    queue: 'Queue',
    waiting: 'waiting',
    lag: 'events behind',
    shed: 'Turned away',
    shedCore: 'buying',
    shedStandard: 'looking',
    shedDeferrable: 'extras',
    regions: 'Where to',
    noRegions: 'No address yet',
    live: 'Live',
    connecting: 'Connecting',
    reconnecting: (time) => `Reconnecting: figures of ${time}`,
    replaying: 'Replay',
    refusedTitle: 'This wall is for staff',
    refused: 'Open it by the link that onrush up prints, or enter the key that stands in it.',
    key: 'Key',
    open: 'Open the wall',
    noScript: 'Without JavaScript this page is loaded anew every five seconds; with it, it lives.',
    replay: 'Replay a sale',
    chooseSale: 'Choose a sale',
    backToLive: 'Back to live',
    play: 'Play',
    pause: 'Pause',
    speed: 'Speed',
    position: 'Position in the sale',
    loading: 'Loading …',
    failed: 'The sale could not be loaded. Choose it again.',
    gone: 'There is no such sale any more.',
    light: 'Light',
    dark: 'Dark',
    language: '中文',
    keys: 'Space plays and pauses, arrows move, L goes live',
    milliseconds: 'ms',
  },
  zh: {
    title: '发售大屏',
    noSale: '最近 24 小时',
    since: (time) => `自 ${time} 起`,
    endsIn: (time) => `${time} 后结束`,
    ended: '已结束',
    money: '成交金额',
    ordersPerSecond: '每秒订单',
    ordersChart: '最近五分钟的每秒订单数',
    placed: '已下单',
    paid: '已付款',
    expired: '已过期',
    cancelled: '已取消',
    peak: (rate) => `峰值 ${rate}`,
    buyers: '在场买家',
    buyersNote: '五分钟内下过单',
    stock: '已售与剩余',
    soldOf: (sold, granted) => `已售 ${sold} / ${granted}`,
    held: (count) => `待付款 ${count}`,
    left: (count) => `剩余 ${count}`,
    soldOut: '售罄',
    noVariants: '十分钟内还没有订单。',
    latency: '下单延迟',
    half: '半数在',
    worst: '99% 在',
    cache: '缓存命中',
    queue: '队列',
    waiting: '等待中',
    lag: '事件滞后',
    shed: '已拒绝',
    shedCore: '购买',
    shedStandard: '浏览',
    shedDeferrable: '附加',
    regions: '发往',
    noRegions: '暂无地址',
    live: '实时',
    connecting: '连接中',
    reconnecting: (time) => `重新连接中：数据截至 ${time}`,
    replaying: '回放',
    refusedTitle: '此大屏仅供员工查看',
    refused: '请使用 onrush up 显示的链接打开，或输入链接中的密钥。',
    key: '密钥',
    open: '打开大屏',
    noScript: '未启用 JavaScript 时，本页每五秒刷新一次；启用后为实时显示。',
    replay: '回放发售',
    chooseSale: '选择发售',
    backToLive: '返回实时',
    play: '播放',
    pause: '暂停',
    speed: '速度',
    position: '发售进度',
    loading: '加载中……',
    failed: '无法加载该发售，请重新选择。',
    gone: '该发售已不存在。',
    light: '浅色',
    dark: '深色',
    language: 'English',
    keys: '空格播放或暂停，方向键移动，L 返回实时',
    milliseconds: '毫秒',
  },
};
