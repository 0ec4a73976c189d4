/** Products as a real catalogue has them: a few sentences, four attributes, three variants, one picture, in two languages. */
export function* syntheticProducts(count: number): Generator<string> {
  const things = ['Lantern', 'Kettle', 'Rucksack', 'Notebook', 'Blanket', 'Cutter', 'Teapot', 'Stool', 'Lamp', 'Flask'];
  const made = ['oak', 'brass', 'wool', 'linen', 'steel', 'cork', 'glass', 'clay', 'felt', 'bamboo'];
  const uses = [
    'Lights a tent or the end of the garden',
    'Holds a day of water',
    'Keeps its edge for years',
    'Folds flat',
  ];
  for (let n = 0; n < count; n++) {
    const thing = pick(things, n * 7);
    const material = pick(made, n * 3 + 1);
    const group = n % 200;
    yield JSON.stringify({
      slug: `${material}-${thing.toLowerCase()}-${n}`,
      title: `${material} ${thing} ${n}`,
      description: Array.from(
        { length: 4 },
        (_, k) => `${pick(uses, n + k)}. Made of ${pick(made, n + k)} in batch ${n + k}.`,
      ).join(' '),
      vendor: `Vendor ${n % 37}`,
      state: 'published',
      collections: [`group-${group % 12}/shelf-${group}`],
      optionNames: ['Colour'],
      attributes: { 'Weight (g)': 200 + (n % 900), Material: material, Batch: n, 'Splash proof': n % 2 === 0 },
      media: [{ url: `https://pictures.example/${n}.jpg`, alt: `${material} ${thing}` }],
      translations: { 'zh-Hans': { title: `商品 ${n}`, description: '点亮帐篷，也照亮花园的尽头。'.repeat(4) } },
      variants: ['Chalk', 'Tar', 'Moss'].map((colour, v) => ({
        sku: `S-${n}-${v}`,
        options: { Colour: colour },
        prices: [
          { currency: 'USD', amountMinor: 1000 + (n % 9000) },
          { currency: 'EUR', amountMinor: 900 + (n % 9000) },
        ],
        onHand: 5 + (n % 40),
      })),
    });
  }
}

function pick(words: readonly string[], at: number): string {
  return words[at % words.length] ?? '';
}
