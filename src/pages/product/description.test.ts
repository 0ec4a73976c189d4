import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blocks } from './description.ts';

test('lines of a description are paragraphs, and those with a bullet are lists', () => {
  const text = 'A lamp.\n\n• Oak\r\n•Brass\n- Wool\nFor the north.\n* Warm';
  assert.deepEqual(blocks(text), [
    { kind: 'paragraph', text: 'A lamp.' },
    { kind: 'list', items: ['Oak', 'Brass', 'Wool'] },
    { kind: 'paragraph', text: 'For the north.' },
    { kind: 'list', items: ['Warm'] },
  ]);
});

test('a minus is no bullet, and a bullet alone is no list', () => {
  assert.deepEqual(blocks('-40 °C to 60 °C\n•'), [
    { kind: 'paragraph', text: '-40 °C to 60 °C' },
    { kind: 'paragraph', text: '•' },
  ]);
  assert.deepEqual(blocks('\n \n'), []);
});
