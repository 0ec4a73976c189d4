import { isMap, isScalar, isSeq, type LineCounter, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Lookup } from './mapping.ts';
import { parseUnit, type Unit, units } from './measure.ts';
import { parseRef, parseTemplate, plainRule, type Ref, type Scalar, type Template, type ValueRule } from './value.ts';

export type MappingReader = ReturnType<typeof createMappingReader>;
export type MaybeNode = Node | null | undefined;

/** What a map that stands for a value may say. */
export const valueFields = [
  'from',
  'const',
  'empty',
  'split',
  'html',
  'match',
  'words',
  'map',
  'lookup',
  'otherwise',
  'max',
  'default',
] as const;

/** Reads values off the tree and remembers what is wrong with them, so that one look tells all. */
export function createMappingReader(file: string, lines: LineCounter) {
  const found: { readonly line: number; readonly col: number; readonly message: string }[] = [];
  const lookups: Lookup[] = [];
  const named: { column: string; line: number }[] = [];
  const fileRules: { rule: ValueRule; line: number }[] = [];
  let usesFile = false;

  function problem(offset: number, message: string): void {
    const { line, col } = lines.linePos(offset);
    found.push({ line, col, message });
  }
  function at(node: MaybeNode, message: string): void {
    problem(node?.range?.[0] ?? 0, message);
  }

  function pairs(node: YAMLMap): Pair<Node, MaybeNode>[] {
    return node.items as Pair<Node, MaybeNode>[];
  }
  function keyOf(pair: Pair<Node, MaybeNode>): string {
    return isScalar(pair.key) ? String(pair.key.value) : '';
  }

  /** The map's values by their names; unknown names are problems. */
  function fields(node: MaybeNode, what: string, known: readonly string[]): Map<string, Node> | undefined {
    if (!isMap(node)) {
      at(node, `${what} must be a map`);
      return undefined;
    }
    const found = new Map<string, Node>();
    for (const pair of pairs(node)) {
      const name = keyOf(pair);
      if (!known.includes(name)) at(pair.key, `${what} has no “${name}”. It may have: ${known.join(', ')}`);
      else if (!pair.value || (isScalar(pair.value) && pair.value.value === null))
        at(pair.key, `“${name}” has no value`);
      else found.set(name, pair.value);
    }
    return found;
  }

  function get(node: YAMLMap, name: string): MaybeNode {
    return pairs(node).find((pair) => keyOf(pair) === name)?.value;
  }

  function entries(node: MaybeNode): [string, Node][] {
    if (!node) return [];
    if (!isMap(node)) {
      at(node, 'must be a map of names');
      return [];
    }
    return pairs(node).flatMap((pair): [string, Node][] => {
      if (pair.value) return [[keyOf(pair), pair.value]];
      at(pair.key, `“${keyOf(pair)}” has no value`);
      return [];
    });
  }

  /** A list, or one value in place of a list of one. */
  function list(node: MaybeNode): Node[] {
    if (!node) return [];
    return isSeq(node) ? (node.items as Node[]) : [node];
  }

  function text(node: MaybeNode): string | undefined {
    if (!node) return undefined;
    if (isScalar(node) && typeof node.value === 'string' && node.value !== '') return node.value;
    at(node, 'must be a text');
    return undefined;
  }

  function scalar(node: MaybeNode): Scalar | undefined {
    if (isScalar(node) && ['string', 'number', 'boolean'].includes(typeof node.value)) return node.value as Scalar;
    at(node, 'must be a text, a number, or true or false');
    return undefined;
  }

  /** As the file writes it: `007` and `TRUE` are what they look like. */
  function scalarText(node: MaybeNode): string {
    if (isScalar(node) && node.source !== undefined) return node.type === 'PLAIN' ? node.source : String(node.value);
    at(node, 'must be a text');
    return '';
  }

  function oneOf<T extends string>(node: MaybeNode, words: readonly T[]): T | undefined {
    if (!node) return undefined;
    const word = isScalar(node) ? String(node.value) : '';
    if (words.includes(word as T)) return word as T;
    at(node, `must be one of ${words.join(', ')}`);
    return undefined;
  }

  function flag(node: MaybeNode): boolean {
    if (!node) return false;
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    at(node, 'must be true or false');
    return false;
  }

  function unit(node: MaybeNode): Unit | undefined {
    if (!node) return undefined;
    const found = isScalar(node) ? parseUnit(String(node.value)) : undefined;
    if (found === undefined) at(node, `must be one of ${units.join(', ')}`);
    return found;
  }

  function noteRef(ref: Ref, node: Node): Ref {
    if (ref.kind === 'file') usesFile = true;
    if (ref.kind === 'column') named.push({ column: ref.name, line: lines.linePos(node.range?.[0] ?? 0).line });
    return ref;
  }

  function ref(node: MaybeNode): Ref | undefined {
    const name = text(node);
    const found = name === undefined ? undefined : parseRef(name);
    if (name !== undefined && found === undefined) at(node, `“${name}” is not one of $file, $line, $hash`);
    return found && node ? noteRef(found, node) : undefined;
  }

  /** A column, or a template where it has braces. */
  function source(node: Node): Ref | Template | undefined {
    const name = text(node);
    if (name === undefined || !name.includes('{')) return name === undefined ? undefined : ref(node);
    const template = parseTemplate(name);
    if (template === undefined) at(node, 'is a template with a wrong {column} in it');
    for (const part of template?.parts ?? []) if (typeof part !== 'string') noteRef(part.ref, node);
    return template;
  }

  function maybeValue(node: MaybeNode): ValueRule | undefined {
    return node ? value(node) : undefined;
  }

  /** A column, a template, or a map with `from` or `const` and what is done to it. `own` are fields that are not the value's. */
  function value(node: MaybeNode, own: readonly string[] = []): ValueRule {
    if (!node) return { ...plainRule, sources: [] };
    if (!isMap(node)) return { ...plainRule, sources: list(node).flatMap((item) => source(item) ?? []) };
    const found = fields(node, 'A value', [...valueFields, ...own]) ?? new Map<string, Node>();
    if (found.has('from') === found.has('const'))
      at(node, 'needs “from” (a column) or “const” (a value), and one only');
    const constant = found.has('const') ? scalar(found.get('const')) : undefined;
    const lookup = readLookup(found.get('lookup'));
    if (lookup !== undefined && found.has('map')) at(found.get('map'), 'has “lookup” beside it: use one of them');
    const map = found.has('map')
      ? new Map(mapEntries(found.get('map')).map(([from, to]) => [from, to] as const))
      : lookup?.map;
    const rule: ValueRule = {
      sources:
        constant === undefined
          ? list(found.get('from')).flatMap((item) => source(item) ?? [])
          : [{ kind: 'constant', value: constant }],
      empty: new Set(list(found.get('empty')).map(scalarText)),
      split: text(found.get('split')),
      isHtml: flag(found.get('html')),
      match: pattern(found.get('match')),
      asWords: flag(found.get('words')),
      map,
      otherwise: oneOf(found.get('otherwise'), ['keep', 'empty', 'refuse'] as const) ?? 'keep',
      lengthMax: count(found.get('max')),
      default: found.has('default') ? scalar(found.get('default')) : undefined,
    };
    const isOfFile = rule.sources.length > 0 && rule.sources.every(({ kind }) => kind === 'file');
    if (isOfFile && map !== undefined && rule.otherwise === 'refuse') {
      fileRules.push({ rule, line: lines.linePos(node.range?.[0] ?? 0).line });
    }
    return rule;
  }

  function mapEntries(node: MaybeNode): [string, Scalar][] {
    if (!isMap(node)) {
      at(node, 'must be a map of values');
      return [];
    }
    return pairs(node).flatMap((pair): [string, Scalar][] => {
      const to = scalar(pair.value);
      return to === undefined ? [] : [[scalarText(pair.key), to]];
    });
  }

  function readLookup(node: MaybeNode): Lookup | undefined {
    if (!node) return undefined;
    const found = fields(node, 'A lookup', ['file', 'from', 'to']);
    const [lookupFile, from, to] = [text(found?.get('file')), text(found?.get('from')), text(found?.get('to'))];
    if (lookupFile === undefined || from === undefined || to === undefined) {
      at(node, 'needs “file” (a CSV beside the feed), and “from” and “to” (columns of it)');
      return undefined;
    }
    const known = lookups.find((other) => other.file === lookupFile && other.from === from && other.to === to);
    if (known !== undefined) return known;
    const lookup: Lookup = { file: lookupFile, from, to, map: new Map() };
    lookups.push(lookup);
    return lookup;
  }

  function pattern(node: MaybeNode): RegExp | undefined {
    const words = text(node);
    if (words === undefined) return undefined;
    try {
      return new RegExp(words, 'u');
    } catch (error) {
      at(node, `is not a regular expression: ${(error as Error).message.split(': ').at(-1)}`);
      return undefined;
    }
  }

  function count(node: MaybeNode): number | undefined {
    if (!node) return undefined;
    if (isScalar(node) && Number.isInteger(node.value) && (node.value as number) > 0) return node.value as number;
    at(node, 'must be a whole number above 0');
    return undefined;
  }

  return {
    /** In the order of the file, whatever the order of reading it. */
    problems: () =>
      found
        .toSorted((one, other) => one.line - other.line || one.col - other.col)
        .map(({ line, col, message }) => `${file}:${line}:${col} ${message}`),
    lookups,
    named,
    fileRules,
    usesFile: () => usesFile,
    problem,
    at,
    fields,
    get,
    entries,
    list,
    text,
    scalarText,
    oneOf,
    flag,
    unit,
    ref,
    source,
    value,
    maybeValue,
  };
}
