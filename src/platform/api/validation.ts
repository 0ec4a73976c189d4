import { Ajv, type ErrorObject, type FuncKeywordDefinition, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { formats } from './formats.ts';
import { type JsonSchema, standaloneSchema } from './json-schema.ts';
import type { FieldError } from './problem.ts';
import { patternWords } from './schema.ts';
import { createTextReader } from './text-values.ts';

/**
 * Checks a value, in place: defaults are filled in and, for text (query and path), strings become what the schema says.
 * Returns what is wrong with it, or undefined.
 */
export type Validator = (value: unknown, options?: { isLarge?: boolean }) => readonly FieldError[] | undefined;

export interface Validation {
  /** For JSON bodies: a number is a number, never a string that looks like one. */
  body(schema: TSchema): Validator;
  /** For query and path, which are text; `place` begins their pointers: `#query/`. */
  text(schema: TSchema, place: string): Validator;
}

/** More than these help nobody, and a hostile body must not make the answer larger than itself. */
const errorsMax = 20;

export function createValidation(): Validation {
  const engines = createEngines();
  return {
    body: (schema) => onFirstUse(() => createValidator(engines, standaloneSchema(schema, { isClosed: true }), '')),
    text: (schema, place) =>
      onFirstUse(() => {
        const standalone = standaloneSchema(schema, { isClosed: true });
        const read = createTextReader(standalone);
        const validate = createValidator(engines, standalone, place);
        return (value, options) => {
          read(value as Record<string, unknown>);
          return validate(value, options);
        };
      }),
  };
}

/**
 * Compiled when the first value comes: those of a shop's requests take a quarter of a second, and most of them a process
 * never needs. That each can be compiled is tried by `runtime/contracts.test.ts`.
 */
function onFirstUse(create: () => Validator): Validator {
  let validate: Validator | undefined;
  return (value, options) => {
    validate ??= create();
    return validate(value, options);
  };
}

interface Engines {
  /** Stops at the first error: what nearly every request pays. */
  first(): Ajv;
  /** Finds them all, for the answer to a request that failed. */
  all(): Ajv;
}

/** Each is made when it is first needed. */
function createEngines(): Engines {
  let first: Ajv | undefined;
  let all: Ajv | undefined;
  return {
    first() {
      first ??= createEngine({ allErrors: false });
      return first;
    },
    all() {
      all ??= createEngine({ allErrors: true, verbose: true });
      return all;
    },
  };
}

function createEngine(options: { allErrors: boolean; verbose?: boolean }): Ajv {
  const strictness = { strict: true, strictTypes: false, strictTuples: false, strictRequired: false } as const;
  // They are ours, and `strict` looks at their keywords: to compile the schema of schemas takes each engine 15 to 60 ms.
  const engine = new Ajv({ ...strictness, useDefaults: true, validateSchema: false, formats, ...options });
  engine.addKeyword('example');
  engine.removeKeyword('maxLength');
  engine.addKeyword(maxLength);
  return engine;
}

/**
 * `maxLength` as JSON Schema counts, in code points, but counted only where it can matter: a text has at most as many code
 * points as it has code units. Ajv's own walks through every character of every text.
 */
const maxLength: FuncKeywordDefinition = {
  keyword: 'maxLength',
  type: 'string',
  schemaType: 'number',
  errors: false,
  error: { message: ({ schema }) => `must NOT have more than ${schema} characters` },
  compile: (limit: number) => (text: string) => text.length <= limit || codePointsIn(text) <= limit,
};

function codePointsIn(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const isPair = (text.codePointAt(index) ?? 0) > 0xffff;
    if (isPair) index++;
    count++;
  }
  return count;
}

function createValidator(engines: Engines, schema: JsonSchema, place: string): Validator {
  const first = engines.first().compile(schema);
  let all: ValidateFunction | undefined;
  return (value, options) => {
    if (first(value)) return undefined;
    // Looking on through a large body after its first error would be work on the sender's behalf without bound.
    if (options?.isLarge) return fieldErrors(first.errors ?? [], place);
    all ??= engines.all().compile(schema);
    all(value);
    return fieldErrors(all.errors ?? first.errors ?? [], place);
  };
}

function fieldErrors(errors: readonly ErrorObject[], place: string): FieldError[] {
  const seen = new Set<string>();
  const result: FieldError[] = [];
  for (const error of relevant(errors)) {
    const pointer = pointerOf(error, place);
    if (seen.has(pointer)) continue;
    seen.add(pointer);
    result.push({ pointer, detail: detailOf(error) });
    if (result.length === errorsMax) break;
  }
  return result;
}

/**
 * A union fails with the errors of all its branches. Those of the one branch that was meant are what helps: the branch
 * that disagrees on no constant and no type at its top. Where none is, the field that tells the branches apart is named;
 * else the union's own error stands.
 */
function relevant(errors: readonly ErrorObject[]): ErrorObject[] {
  const dropped = new Set<ErrorObject>();
  const added: ErrorObject[] = [];
  for (const union of errors.filter(({ keyword }) => keyword === 'anyOf')) {
    const prefix = `${union.schemaPath}/`;
    const inside = errors.filter(
      ({ schemaPath, instancePath }) => schemaPath.startsWith(prefix) && instancePath.startsWith(union.instancePath),
    );
    const branchOf = (error: ErrorObject) => error.schemaPath.slice(prefix.length).split('/', 1)[0] ?? '';
    const telling = inside.filter((error) => isDiscriminating(error, union));
    const unmeant = new Set(telling.map(branchOf));
    const meant = new Set(inside.map(branchOf).filter((branch) => !unmeant.has(branch)));
    const kind = meant.size === 0 ? discriminatorError(telling, union) : undefined;
    if (kind !== undefined) added.push(kind);
    if (meant.size === 1 || kind !== undefined) dropped.add(union);
    for (const error of inside) if (meant.size !== 1 || !meant.has(branchOf(error))) dropped.add(error);
  }
  return [...errors.filter((error) => !dropped.has(error)), ...added];
}

/** One error in place of `kind must be "a"`, `kind must be "b"` …, if it is one field by which all branches refuse. */
function discriminatorError(telling: readonly ErrorObject[], union: ErrorObject): ErrorObject | undefined {
  const [first] = telling;
  const isOneField = telling.every(({ keyword, instancePath }) => {
    return keyword === 'const' && instancePath === first?.instancePath && instancePath !== union.instancePath;
  });
  if (first === undefined || !isOneField) return undefined;
  const allowedValues = telling.map(({ params }) => (params as { allowedValue: unknown }).allowedValue);
  return { ...first, keyword: 'enum', params: { allowedValues } };
}

function isDiscriminating(error: ErrorObject, union: ErrorObject): boolean {
  const below = error.instancePath.slice(union.instancePath.length).split('/').length - 1;
  if (error.keyword === 'const' || error.keyword === 'enum') return below <= 1;
  return error.keyword === 'type' && below === 0;
}

function pointerOf(error: ErrorObject, place: string): string {
  const { missingProperty, additionalProperty } = error.params as Record<string, string | undefined>;
  const field = error.keyword === 'required' ? missingProperty : additionalProperty;
  const path = field === undefined ? error.instancePath : `${error.instancePath}/${escapePointer(field)}`;
  // A place is written `#query/limit`: its pointer has no slash of its own before the name.
  return place === '' ? path : place + path.slice(1);
}

function escapePointer(name: string): string {
  return name.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1');
}

/** A sentence about the field. Never with the value itself, which may be personal. */
function detailOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return 'is required';
    case 'additionalProperties':
      return 'is not a known field';
    case 'type':
      return `must be ${article(String(params.type))}`;
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}`;
    case 'enum':
      return `must be one of ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`;
    case 'format':
      return `must be a valid ${params.format}`;
    case 'pattern':
      return patternWords[String(params.pattern)] ?? `must match ${params.pattern}`;
    case 'minLength':
      return params.limit === 1 ? 'must not be empty' : (error.message ?? 'is too short');
    case 'anyOf':
      return unionDetail(error);
    default:
      return error.message ?? 'is not valid';
  }
}

function unionDetail(error: ErrorObject): string {
  const branches = Array.isArray(error.schema) ? (error.schema as JsonSchema[]) : [];
  const constants = branches.filter((branch) => 'const' in branch).map((branch) => JSON.stringify(branch.const));
  const types = branches.filter((branch) => !('const' in branch)).map((branch) => String(branch.type ?? 'object'));
  if (branches.length === 0) return 'fits none of the forms it may have';
  if (constants.length === branches.length) return `must be one of ${constants.join(', ')}`;
  return `must be ${[...constants, ...new Set(types.map(article))].join(' or ')}`;
}

function article(type: string): string {
  if (type === 'null') return 'null';
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}
