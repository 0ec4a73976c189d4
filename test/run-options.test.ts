import assert from 'node:assert/strict';
import test from 'node:test';
import { parseRunOptions } from './run-options.ts';

test('what the run is asked for goes to the run, what a file is asked for to each file', () => {
  const usual = { patterns: [], reporter: 'spec', concurrency: 4, nodeOptions: [] };
  assert.deepEqual(parseRunOptions([]), usual);
  assert.deepEqual(parseRunOptions(['a.test.ts', '--test-reporter=dot', '--test-concurrency=1', 'src/**/*.test.ts']), {
    ...usual,
    patterns: ['a.test.ts', 'src/**/*.test.ts'],
    reporter: 'dot',
    concurrency: 1,
  });
  const forFiles = ['--test-name-pattern=a=b', '--test-only', '--cpu-prof'];
  assert.deepEqual(parseRunOptions(forFiles), { ...usual, nodeOptions: forFiles });
});

test('what would be ignored is told', () => {
  const problemOf = (option: string) => {
    const parsed = parseRunOptions([option]);
    assert('problem' in parsed, option);
    return parsed.problem;
  };
  for (const option of ['--test-reporter', '--test-reporter=', '--test-reporter=lcov']) {
    assert.equal(problemOf(option), '--test-reporter=<spec | tap | dot | junit>');
  }
  for (const option of ['--test-concurrency', '--test-concurrency=0', '--test-concurrency=many']) {
    assert.equal(problemOf(option), '--test-concurrency=<1 to 99>');
  }
  assert.match(
    problemOf('--test-shard=1/2'),
    /^--test-shard is not known here; known of `node --test`: --test-reporter,/,
  );
});
