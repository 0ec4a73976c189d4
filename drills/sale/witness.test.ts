import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openWitnessBook, readWitnessBooks, type Testimony } from './witness.ts';

test('what was written down is read again, in several books, but for a line that was cut off', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'onrush-witness-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = ['a', 'b'].map((name) => join(folder, name));
  const written = files.map((file, index) => {
    const book = openWitnessBook(file);
    const testimony: Testimony = { kind: 'asked', orderId: `order-${index}`, buyerId: 'line\nbreak “ ”' };
    book.note(testimony);
    // Read before it is closed: a process that is killed closes nothing.
    assert.deepEqual(readWitnessBooks([file]), [testimony]);
    book.close();
    return testimony;
  });
  appendFileSync(files[1] ?? '', '{"kind":"asked","orderId":"or');
  assert.deepEqual(readWitnessBooks(files), written);
});
