import assert from 'node:assert/strict';
import test from 'node:test';
import { SaxesParser } from 'saxes';
import { demoCollections } from '../collections.ts';
import { readDemoProducts } from '../load.ts';
import { illustrate, illustrateCollection } from './illustrate.ts';
import { illustrateHero, mark } from './scene.ts';

const elements = new Set(['svg', 'g', 'path', 'ellipse', 'circle', 'clipPath']);

/** Reads an SVG strictly; returns its root's attributes and the numbers that are no numbers. */
function read(name: string, svg: string): Record<string, string> {
  const parser = new SaxesParser();
  const ids = new Set<string>();
  const references = new Set<string>();
  let root: Record<string, string> | undefined;
  parser.on('error', (error) => assert.fail(`${name}: ${error.message}`));
  parser.on('opentag', (tag) => {
    const attributes = tag.attributes as Record<string, string>;
    assert(elements.has(tag.name), `${name} has an element ${tag.name}`);
    root ??= attributes;
    for (const [key, value] of Object.entries(attributes)) {
      assert(!/^on|^style$|href/.test(key), `${name} has an attribute ${key}`);
      assert(!/NaN|undefined|Infinity/.test(value), `${name}: ${key} is ${value}`);
      if (key === 'id') {
        assert(!ids.has(value), `${name} has two elements ${value}`);
        ids.add(value);
      }
      const reference = /^url\(#(.+)\)$/.exec(value)?.[1];
      if (reference) references.add(reference);
    }
  });
  parser.on('text', (text) => assert.equal(text.trim(), '', name));
  parser.write(svg).close();
  assert(root, name);
  for (const reference of references) assert(ids.has(reference), `${name} clips by ${reference}`);
  return root;
}

test('every product has a picture of its own: sound, small, without anything but shapes', async () => {
  const seen = new Map<string, string>();
  for (const { slug } of await readDemoProducts()) {
    const svg = illustrate(slug);
    assert.equal(illustrate(slug), svg, `${slug} is drawn the same each time`);
    const { width, height, viewBox } = read(slug, svg);
    assert.deepEqual([width, height, viewBox], ['800', '1000', '0 0 800 1000'], slug);
    assert(svg.length <= 8 * 1024, `${slug} has ${svg.length} bytes`);
    assert(!seen.has(svg), `${slug} looks like ${seen.get(svg)}`);
    seen.set(svg, slug);
  }
});

test('every collection has a cover; the home page has a scene; the shop has a mark', () => {
  const covers = demoCollections.map(({ path }) => illustrateCollection(path));
  assert.equal(new Set(covers).size, demoCollections.length);
  for (const svg of [...covers, illustrateHero()]) {
    const { width, height, viewBox } = read('cover', svg);
    assert.deepEqual([width, height, viewBox], ['1600', '900', '0 0 1600 900']);
    assert(svg.length <= 32 * 1024, `${svg.length} bytes`);
  }
  const sign = read('mark', mark());
  assert.equal(sign.width, sign.height);
});
