import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { xml } from './xml.ts';

test('any text is text in XML, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      let read = '';
      const parser = new SaxesParser();
      parser.on('error', (error) => assert.fail(error));
      parser.on('text', (part) => {
        read += part;
      });
      parser.write(`<a b="${xml(text)}">${xml(text)}</a>`).close();
      const kept = text
        .toWellFormed()
        .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
        .replaceAll(/\r\n?/g, '\n');
      assert.equal(read, kept);
    }),
  );
});
