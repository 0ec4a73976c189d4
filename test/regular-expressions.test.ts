import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { isSafePattern } from 'redos-detector';
import ts from 'typescript';
import { defaultLimits } from '../src/platform/api/limits.ts';

/**
 * Those of which the checker cannot see that they are harmless, and why they are: it looks at patterns alone, neither at what is
 * given to them nor at where a search may begin. By the file that they stand in.
 */
const harmless: readonly [file: string, ...patterns: string[]][] = [
  // It is only tried at one place, and there each alternative begins with another character.
  [
    'src/edge/cache/cache-control.ts',
    String.raw`/([^\s,="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?([^,]*)(?:,|$)/gy`,
  ],
  // From any quote it reads to the next one, and a search goes on behind that; only the last quote may have none.
  ['src/edge/cache/conditional.ts', String.raw`/(?:W\/)?"[^"]*"|[^\s,][^,]*/g`],
  ['src/platform/api/conditional.ts', String.raw`/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g`],
  ['src/platform/telemetry/scrub.ts', '/"[^"]*"/g'],
  // So does this one, and two quotes always hold a match; in the beginning of a file alone.
  ['src/services/catalog/feeds/open-feed.ts', '/"(?:[^"]|"")*"/g'],
  // Of 254 characters at most.
  [
    'src/platform/api/formats.ts',
    String.raw`/^[^\s@"(),:;<>[\\\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/i`,
  ],
  // The lines of a peer's events, and our own words.
  ['src/platform/api/client.ts', '/^([^:]*):? ?(.*)$/'],
  ['src/platform/api/page.ts', '/`([^`]+)`/g'],
  // From any place they read so many characters as they say and no more, or the blanks behind a word; of 8,192 (textLengthMax).
  [
    'src/platform/telemetry/scrub.ts',
    String.raw`/([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,64}:)[^\s@/]{1,200}@/gi`,
    String.raw`/[^\s@"<>()[\],;]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+/gi`,
    String.raw`/\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi`,
    String.raw`/(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])/g`,
  ],
  // Of 200 characters at most (textLengthMax), of 40 (lengthTextMax), of 64 (wordLengthMax), of a number by `toFixed`, and of
  // 158 (lengthMax).
  ['src/platform/money/currency.ts', '/0+$/'],
  ['src/services/media/svg-size.ts', String.raw`/^\s*(\d*\.?\d+(?:e\d)?)\s*([a-z]*)\s*$/i`],
  ['src/services/catalog/search-text.ts', String.raw`/^(?:(\p{L}+)(\d+)|(\d+)(\p{L}+))$/u`],
  ['src/pages/list/filter.ts', String.raw`/\.0+$/`],
  ['src/pages/product/product-page.tsx', String.raw`/[\s,;:，、]+$/`],
  // Digits that the first alternative reads in vain the second one takes, and a search goes on behind them.
  [
    'src/services/catalog/search-text.ts',
    String.raw`/\d+(?:\.\d+)+|[\p{L}\p{N}\p{M}]+(?:[-'’][\p{L}\p{N}\p{M}]+)*/gu`,
    String.raw`/\d+(?:\.\d+)+|[a-z0-9]+(?:[-'][a-z0-9]+)*/g`,
  ],
  // One of some letters.
  ['src/services/catalog/search-text.ts', "new RegExp(`[${Object.keys(letters).join('')}]`, 'g')"],
  // From any parenthesis they read to the next one, or the blanks before it.
  [
    'src/services/media/svg-style.ts',
    String.raw`/url\(\s*(["']?)#([\w:.-]+)\1\s*\)/g`,
    String.raw`/url\s*\(|\bsrc\s*\(|image\s*\(|image-set\s*\(|cross-fade\s*\(|element\s*\(|paint\s*\(|expression\s*\(|-moz-binding|behavior\s*:|(?:java|vb)script:|data:/i`,
  ],
  ['src/services/catalog/feeds/shopify.ts', String.raw`/^(.+) \(product\.metafields\.[^()]+\)$/`],
  // What begins as a comment or a script is taken, if need be up to the end; and from any `<` they read to the next one, or
  // the blanks behind a name.
  [
    'src/services/catalog/feeds/html.ts',
    String.raw`/<!--[\s\S]*?(-->|$)/g`,
    String.raw`/<(script|style|noscript|template)\b(?:[^>]*>[\s\S]*?<\/\1\s*>|[\s\S]*$)/gi`,
    String.raw`/<\/?[a-z][^<>]*>/gi`,
    String.raw`/<br\s*\/?>/gi`,
    String.raw`/<\/(td|th)\s*>/gi`,
  ],
  // A `>` is always there, as they are given no text behind the last one.
  [
    'src/services/catalog/feeds/html.ts',
    String.raw`/<li\b[^>]*>/gi`,
    String.raw`/<\/?(p|div|ul|ol|table|tr|h[1-6]|section|article|blockquote|dl|dt|dd)\b[^>]*>/gi`,
  ],
  // What V8 says, which quotes 20 characters at most of what it could not read.
  [
    'src/services/catalog/feeds/json-row.ts',
    String.raw`/ in JSON at position.*| \(line.*|, "?\.\.\..*|(, )?".*" is not valid JSON$/s`,
  ],
  // From any place it reads 33 characters at most; and each `encoding` with its value, up to the next one.
  [
    'src/services/catalog/feeds/merchant-xml.ts',
    String.raw`/(?:&[#\w]{0,32}|<(?:!(?:\[[CDAT]{0,5}\[?)?)?|\]{1,2})$/`,
    String.raw`/^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/`,
  ],
  // A code of ISO 4217.
  ['src/services/catalog/feeds/money.ts', "new RegExp(`^${currency}|${currency}$`, 'i')"],
  // Whoever runs the shop writes them: a mapping's own pattern and its templates, and an address.
  ['src/services/catalog/feeds/mapping-reader.ts', "new RegExp(words, 'u')"],
  ['src/services/catalog/feeds/value.ts', String.raw`/\{([^{}]+)\}|([^{}]+)/g`],
  ['src/platform/config/cdn-settings.ts', String.raw`/\/+$/`],
  // It stands in src/platform/config/edge-settings.ts, as the pattern of a schema.
  ['src/cli/edge.ts', 'new RegExp(cacheNamePattern)'],
  // Of the paths of our own pages, in which each parameter ends at a slash.
  ['src/pages/static/page-paths.ts', 'patternOf(kind.path)', 'new RegExp(`^${source}$`)'],
  // Our own drawings.
  ['src/services/catalog/demo/illustrations/canvas.ts', String.raw`/<clipPath id="([^"]+)">.*?<\/clipPath>/g`],
  ['src/services/catalog/demo/illustrations/texture.ts', String.raw`/\d+\.\d+/g`],
  ['src/services/catalog/demo/illustrations/draw/lamps.ts', String.raw`/\d+\.\d/g`],
  // What PostgreSQL says when it does not start.
  [
    'src/engines/postgres/failure.ts',
    '/No space left on device|could not write to file.*ENOSPC/i',
    '/data directory .* has (wrong ownership|invalid permissions|group or world access)/i',
    String.raw`/could not locate a valid checkpoint record|invalid (primary )?checkpoint|could not read file "global\/pg_control"|incorrect checksum in control file/i`,
    '/invalid value for parameter|unrecognized configuration parameter|configuration file .* contains errors/i',
  ],
];

// With ten times as many no further one is found harmless.
const maxSteps = 2_000;

interface Pattern {
  readonly file: string;
  /** As it stands in the code, or between slashes. */
  readonly name: string;
  /** Undefined if it is put together of what does not stand in its file: people have to look at it. */
  readonly rule: Rule | undefined;
}

interface Rule {
  readonly source: string;
  readonly flags: string;
}

test('no pattern of the code has two ways to read what it is given', () => {
  const files = globSync('{src,bin}/**/*.{ts,tsx,mjs}').filter((file) => !isOfTests.test(file));
  const patterns = files.flatMap(patternsOf);
  assert.ok(patterns.length > 250, `${patterns.length} patterns`);
  const excepted = new Set(harmless.flatMap(([file, ...names]) => names.map((name) => `${file} ${name}`)));
  // It takes the checker longest to doubt, so it is not asked about those again.
  const doubtful = patterns.filter(
    ({ file, name, rule }) => excepted.has(`${file} ${name}`) || rule === undefined || !isLinear(rule),
  );
  assert.deepEqual(doubtful.map(({ file, name }) => `${file} ${name}`).sort(), [...excepted].sort());
});

test('the checker tells those that backtrack from those that do not', () => {
  for (const source of ['^(a|a)*$', 'a+$', '[ \\t]*,', '^a*a*$', '(?:a{1,9}){2}$']) {
    assert.equal(isLinear({ source, flags: '' }), false, source);
  }
  for (const source of ['^a+$', '^[a-c]*d[a-c]*$', '^(?:a,)*$', '(?:an|ant|t)[*+]\\?']) {
    assert.equal(isLinear({ source, flags: '' }), true, source);
  }
  assert.equal(isLinear({ source: 'a+$', flags: 'y' }), true);
});

/** Whether it reads any text in a number of steps that grows with its length and no faster. By structure: nothing is timed. */
function isLinear({ source, flags }: Rule): boolean {
  // One of some words: from any place it reads as far as the longest of them, however many there are.
  if (!repeats(source)) return true;
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

/** Whether anything in it may be there more or less often. */
function repeats(source: string): boolean {
  const bare = source.replace(/\\.|\[(?:\\.|[^\\\]])*\]/g, '.');
  return /[*+{]|(?<!\()\?/.test(bare);
}

const isOfTests = /\.test\.tsx?$|\/testing\.tsx?$|\/(?:testing|testdata)\//;
// What can stand before a literal. To read a file's code takes long, and most have none.
const mayHavePattern = /RegExp|pattern|(?:^|[(,=:[!&|?{};>]|\breturn)\s*\/[^/*]/m;

/** All that stand in a file: as literals, as `new RegExp(…)` of a text that stands there, and as `pattern` of a schema. */
function patternsOf(file: string): Pattern[] {
  const text = readFileSync(file, 'utf8');
  if (!mayHavePattern.test(text)) return [];
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const patterns: Pattern[] = [];
  const add = (node: ts.Node, source: string | undefined, flags: string | undefined) => {
    if (source === undefined || flags === undefined) patterns.push({ file, name: node.getText(tree), rule: undefined });
    else patterns.push({ file, name: `/${source}/${flags}`, rule: { source, flags } });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      add(node, node.text.slice(1, end), node.text.slice(end + 1));
    } else if (ts.isNewExpression(node) && node.expression.getText(tree) === 'RegExp') {
      const [source, flags] = node.arguments ?? [];
      add(node, textOf(source, tree), flags === undefined ? '' : textOf(flags, tree));
    } else if (ts.isPropertyAssignment(node) && node.name.getText(tree) === 'pattern') {
      add(node.initializer, textOf(node.initializer, tree), 'u');
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return patterns;
}

/** A text as it is put together in a file, of texts that stand there; undefined if it is of anything else. */
function textOf(node: ts.Node | undefined, tree: ts.SourceFile): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isBinaryExpression(node)) return joined([textOf(node.left, tree), textOf(node.right, tree)]);
  if (ts.isTaggedTemplateExpression(node)) return templateText(node.template, tree, 'rawText');
  if (ts.isTemplateExpression(node)) return templateText(node, tree, 'text');
  if (ts.isIdentifier(node)) return textOf(initializerOf(node.text, tree), tree);
  if (node.getText(tree) === 'defaultLimits.headerCountMax') return String(defaultLimits.headerCountMax);
  return undefined;
}

function templateText(template: ts.TemplateLiteral, tree: ts.SourceFile, kind: 'text' | 'rawText'): string | undefined {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template[kind] ?? '';
  const spans = template.templateSpans.flatMap(({ expression, literal }) => [textOf(expression, tree), literal[kind]]);
  return joined([template.head[kind], ...spans]);
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join('');
}

function initializerOf(name: string, tree: ts.SourceFile): ts.Node | undefined {
  for (const statement of tree.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    const found = statement.declarationList.declarations.find((declaration) => declaration.name.getText(tree) === name);
    if (found !== undefined) return found.initializer;
  }
  return undefined;
}
