import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { isSafePattern } from 'redos-detector';
import ts from 'typescript';
import { defaultLimits } from '../src/platform/api/limits.ts';

// What reads the bytes of clients and of origins.
const folders = ['src/edge', 'src/platform/api'];

/**
 * Those of which the checker cannot see that they are harmless, and why they are: it looks at patterns alone, neither at what is
 * given to them nor at where a search may begin.
 */
const harmless = new Map([
  // It is only tried at one place, and there each alternative begins with another character.
  [
    String.raw`/([^\s,="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?([^,]*)(?:,|$)/gy`,
    'src/edge/cache/cache-control.ts',
  ],
  // Of a valid dictionary, in which every string has its end.
  [String.raw`/"(?:[^"\\]|\\.)*"/g`, 'src/edge/cache/cache-control.ts'],
  // From any quote it reads to the next one, and a search goes on behind that; only the last quote may have none.
  [String.raw`/(?:W\/)?"[^"]*"|[^\s,][^,]*/g`, 'src/edge/cache/conditional.ts'],
  [String.raw`/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g`, 'src/platform/api/conditional.ts'],
  // From any semicolon it reads to the next one, or from a quote to the next one.
  [String.raw`/(?:^|;)[\t ]*for=(?:"([^"\\]*)"|([^";,\s]*))[\t ]*(?:;|$)/i`, 'src/platform/api/client-address.ts'],
  // Of 254 characters at most.
  [
    String.raw`/^[^\s@"(),:;<>[\\\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/i`,
    'src/platform/api/formats.ts',
  ],
  // The lines of a peer's events, and our own words.
  ['/^([^:]*):? ?(.*)$/', 'src/platform/api/client.ts'],
  ['/`([^`]+)`/g', 'src/platform/api/page.ts'],
]);

// With ten times as many no further one is found harmless.
const maxSteps = 2_000;

interface Pattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

test('no pattern that reads what strangers send has two ways to read it', () => {
  const patterns = folders.flatMap((folder) => globSync(`${folder}/**/*.ts`)).flatMap(patternsOf);
  assert.ok(patterns.length > 60, `${patterns.length} patterns`);
  const doubtful = patterns.filter((pattern) => !isLinear(pattern));
  assert.deepEqual(
    doubtful.map(({ file, source, flags }) => [`/${source}/${flags}`, file]).sort(),
    [...harmless].sort(),
  );
});

test('the checker tells those that backtrack from those that do not', () => {
  const ofFile = { file: 'none.ts', flags: '' };
  for (const source of ['^(a|a)*$', 'a+$', '[ \\t]*,', '^a*a*$']) {
    assert.equal(isLinear({ ...ofFile, source }), false, source);
  }
  for (const source of ['^a+$', '^[a-c]*d[a-c]*$', '^(?:a,)*$']) {
    assert.equal(isLinear({ ...ofFile, source }), true, source);
  }
  assert.equal(isLinear({ ...ofFile, source: 'a+$', flags: 'y' }), true);
});

/** Whether it reads any text in a number of steps that grows with its length and no faster. By structure: nothing is timed. */
function isLinear({ source, flags }: Pattern): boolean {
  // Sticky, it is tried at one place, as if that were the beginning.
  const pattern = flags.includes('y') ? `^(?:${source})` : source;
  return isSafePattern(pattern, {
    caseInsensitive: flags.includes('i'),
    unicode: flags.includes('u') || flags.includes('v'),
    dotAll: flags.includes('s'),
    multiLine: flags.includes('m'),
    maxSteps,
  }).safe;
}

/** All that stand in a file: as literals, as `new RegExp(…)` of a text that stands there, and as `pattern` of a schema. */
function patternsOf(file: string): Pattern[] {
  if (file.endsWith('.test.ts')) return [];
  const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const patterns: Pattern[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      patterns.push({ file, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp') {
      const [source, flags] = node.arguments ?? [];
      patterns.push({ file, source: textOf(source, tree), flags: flags === undefined ? '' : textOf(flags, tree) });
    } else if (ts.isPropertyAssignment(node) && node.name.getText() === 'pattern') {
      patterns.push({ file, source: textOf(node.initializer, tree), flags: 'u' });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return patterns;
}

/** A text as it is put together in a file, of texts that stand there; a pattern of anything else has to be looked at by people. */
function textOf(node: ts.Node | undefined, tree: ts.SourceFile): string {
  if (node !== undefined && ts.isStringLiteralLike(node)) return node.text;
  if (node !== undefined && ts.isBinaryExpression(node)) return textOf(node.left, tree) + textOf(node.right, tree);
  if (node !== undefined && ts.isTaggedTemplateExpression(node)) return templateText(node.template, tree, 'rawText');
  if (node !== undefined && ts.isTemplateExpression(node)) return templateText(node, tree, 'text');
  if (node !== undefined && ts.isIdentifier(node)) return textOf(initializerOf(node.text, tree), tree);
  if (node?.getText() === 'defaultLimits.headerCountMax') return String(defaultLimits.headerCountMax);
  throw new Error(`${tree.fileName}: what pattern is ${node?.getText()}?`);
}

function templateText(template: ts.TemplateLiteral, tree: ts.SourceFile, kind: 'text' | 'rawText'): string {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template[kind] ?? '';
  const spans = template.templateSpans.map(({ expression, literal }) => textOf(expression, tree) + literal[kind]);
  return template.head[kind] + spans.join('');
}

function initializerOf(name: string, tree: ts.SourceFile): ts.Node | undefined {
  for (const statement of tree.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const found = statement.declarationList.declarations.find((declaration) => declaration.name.getText() === name);
    if (found !== undefined) return found.initializer;
  }
  return undefined;
}
