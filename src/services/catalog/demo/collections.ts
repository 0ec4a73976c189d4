import type { CollectionInput } from '../api.ts';

/** Tern & Tarn, who sell what is of use on the path up and at the desk afterwards: the tree of their shop. */
export const demoCollections: readonly CollectionInput[] = [
  // What the front page says and shows first; it is in no menu.
  collection(
    'front',
    [
      'Of use on the path up, and at the desk afterwards.',
      'Tern & Tarn sell what eight workshops on a northern coast make: for walking in the weather, for writing down where one has been, and for the hour in between with something hot.',
    ],
    [
      '上山路上用得着，回到桌前也用得着。',
      'Tern & Tarn 售卖北方海岸八间工坊的手艺：给风雨里走路的人，给记下去过哪里的人，也给两者之间喝杯热饮的那一小时。',
    ],
  ),
  collection(
    'outdoors',
    ['Outdoors', 'What is of use on the path up. Made by people who walk it, and repaired by the same people.'],
    ['户外', '上山路上用得着的东西。由走这条路的人做，也由同一批人修。'],
  ),
  collection(
    'outdoors/bags',
    [
      'Bags',
      'To carry a lunch, a week or a manuscript. Eider Works sew them, and will sew them again when you bring them back.',
    ],
    ['包袋', '装午饭，装一星期，装一部手稿。由 Eider Works 缝制，你拿回来，他们再缝。'],
  ),
  collection(
    'outdoors/layers',
    [
      'Layers',
      'Wool, down and close-woven cotton, for weather that cannot make up its mind. To be worn all at once or one by one.',
    ],
    ['衣物', '羊毛、羽绒和密织棉布，应付拿不定主意的天气。可以一起穿，也可以一件件来。'],
  ),
  collection(
    'outdoors/camp-kitchen',
    ['Camp kitchen', 'Pots, flames and something to eat from. A hot meal is the shortest way back to good temper.'],
    ['营地厨房', '锅、火，和盛饭的家什。一顿热饭，是恢复好脾气的最短路线。'],
  ),
  collection(
    'outdoors/shelter',
    ['Sleep & shelter', 'For the hours in between: roofs that hold, and beds that pack down to the size of a loaf.'],
    ['睡眠与遮蔽', '给路与路之间的那些钟头：撑得住的屋顶，收起来只有一条面包大的床。'],
  ),
  collection(
    'outdoors/light',
    ['Lamps for the dark', 'Light to cook by, read by and find the way by, with a battery, a wick or the sun.'],
    ['暗处的灯', '做饭、看书、找路的光，用电池，用灯芯，或者用太阳。'],
  ),
  collection(
    'outdoors/wayfinding',
    ['Finding the way', 'Instruments that know where north is, and small tins for when knowing was not enough.'],
    ['找路', '知道北在哪里的仪器，以及光知道还不够时用的小铁盒。'],
  ),
  collection(
    'desk',
    ['Desk', 'What is of use afterwards, when the boots are drying and it has to be written down.'],
    ['书桌', '回来以后用得着的东西：靴子在晾，事情要写下来。'],
  ),
  collection(
    'desk/writing',
    ['Writing', 'Pens, pencils and ink that begin at once and stop when you do.'],
    ['书写', '钢笔、铅笔和墨水：一落笔就写，你停它也停。'],
  ),
  collection(
    'desk/paper',
    ['Paper', 'Bound, blocked, cut and printed by Lowwater Press, two floors above the tide.'],
    ['纸品', '由 Lowwater Press 装订、裱册、裁切、印刷，就在潮水之上两层楼。'],
  ),
  collection(
    'desk/order',
    ['Good order', 'Oak, felt, brass and stone for keeping things where you left them.'],
    ['井井有条', '橡木、羊毛毡、黄铜和石头，让东西待在你放下它的地方。'],
  ),
  collection(
    'desk/lamps',
    ['Desk lamps', 'Good light for the long evenings, of which the north has a supply.'],
    ['台灯', '给漫长夜晚的好光。北方不缺长夜。'],
  ),
  collection(
    'coffee',
    ['Coffee', 'Beans roasted on Tuesdays, and all that it takes to do right by them on a Wednesday.'],
    ['咖啡', '星期二烘的豆子，以及星期三好好待它所需的一切。'],
  ),
  collection(
    'home',
    ['Hut & home', 'For the house one comes back to: warm, dry, and with a place for the wet things.'],
    ['小屋与家', '给回得去的那间屋子：暖和，干燥，湿东西有地方放。'],
  ),
  collection(
    'drops',
    [
      'Drops: few, and only once',
      'Made in numbers that we can count. When they are gone, they are gone, and we say so.',
    ],
    ['限量：不多，只此一次', '数得过来的数量。卖完就是卖完，我们会直说。'],
  ),
];

function collection(
  path: string,
  [title, description]: [title: string, description: string],
  [titleZh, descriptionZh]: [title: string, description: string],
): CollectionInput {
  return { path, title, description, translations: { 'zh-Hans': { title: titleZh, description: descriptionZh } } };
}
