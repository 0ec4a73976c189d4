import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wideTiles } from './mosaic.ts';

test('whatever the number of tiles, rows of two and three have no gap', () => {
  for (let count = 0; count <= 60; count++) {
    const wide = wideTiles(count);
    let index = 0;
    while (index < count) {
      const length = wide.has(index) ? Math.min(2, count) : 3;
      const row = Array.from({ length }, (_, step) => wide.has(index + step));
      assert(
        row.every((isWide) => isWide === row[0]),
        `${count} tiles, row at ${index}`,
      );
      index += length;
    }
    assert.equal(index, count, `${count} tiles`);
  }
});

test('six tiles and more are of both widths', () => {
  for (let count = 6; count <= 60; count++) {
    const { size } = wideTiles(count);
    assert(size > 0 && size <= count, `${count}`);
  }
});
