import assert from 'node:assert/strict';
import type { TSchema } from 'typebox';

/** A schema as plain JSON. */
export type JsonSchema = { [keyword: string]: unknown };

export interface NormaliseOptions {
  /** Objects that do not say whether they take other fields take none. */
  readonly isClosed: boolean;
  /** Where definitions are kept: `#/$defs/`, or `#/components/schemas/` in an OpenAPI document. */
  readonly definitionsAt: string;
  /** Told of each definition (of a recursive schema, or one named by `$id`), by its name. */
  readonly onDefinition: (name: string, schema: JsonSchema) => void;
  /** What a schema is called as a shared component; it is then referred to instead of repeated. */
  readonly nameOf?: (schema: JsonSchema) => string | undefined;
}

// Keywords whose values are schemas, lists of schemas, and schemas by name.
const schemaKeywords = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
  'not',
  'contains',
  'propertyNames',
]);
const listKeywords = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems', 'items']);
const mapKeywords = new Set(['properties', 'patternProperties']);

/**
 * TypeBox's schemas in the one form that validation, serialisation and OpenAPI all read the same way: identifiers become
 * references, records take their schema for every key (`^.*$` would let a key with a line break past it).
 */
export function normaliseSchema(schema: TSchema | JsonSchema, options: NormaliseOptions): JsonSchema {
  return normalise(schema as JsonSchema, options, false);
}

/** A schema that stands alone, its definitions inside. */
export function standaloneSchema(schema: TSchema, options: { isClosed: boolean }): JsonSchema {
  const definitions: Record<string, JsonSchema> = {};
  const normalised = normaliseSchema(schema, {
    ...options,
    definitionsAt: '#/$defs/',
    onDefinition: (name, definition) => {
      definitions[name] = definition;
    },
  });
  return Object.keys(definitions).length === 0 ? normalised : { ...normalised, $defs: definitions };
}

function normalise(schema: JsonSchema, options: NormaliseOptions, isBranch: boolean): JsonSchema {
  const named = options.nameOf?.(schema);
  if (named === undefined) return normaliseInPlace(schema, options, isBranch);
  options.onDefinition(named, normaliseInPlace(schema, options, isBranch));
  return { $ref: options.definitionsAt + named };
}

function normaliseInPlace(schema: JsonSchema, options: NormaliseOptions, isBranch: boolean): JsonSchema {
  const result: JsonSchema = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === '$id') continue;
    if (keyword === '$ref') result.$ref = options.definitionsAt + nameOfReference(value);
    else if (keyword === '$defs') {
      for (const [name, definition] of Object.entries(value as Record<string, JsonSchema>)) {
        options.onDefinition(name, normaliseInPlace(definition, options, false));
      }
    } else if (listKeywords.has(keyword) && Array.isArray(value)) {
      result[keyword] = value.map((each) => normalise(each, options, keyword === 'allOf'));
    } else if (schemaKeywords.has(keyword) && typeof value === 'object') {
      result[keyword] = normalise(value as JsonSchema, options, false);
    } else if (mapKeywords.has(keyword)) {
      const entries = Object.entries(value as Record<string, JsonSchema>);
      result[keyword] = Object.fromEntries(entries.map(([key, each]) => [key, normalise(each, options, false)]));
    } else result[keyword] = value;
  }
  return closed(opened(result), options.isClosed && !isBranch);
}

function opened(schema: JsonSchema): JsonSchema {
  const patterns = schema.patternProperties as JsonSchema | undefined;
  const every = patterns?.['^.*$'];
  if (every === undefined || schema.additionalProperties !== undefined) return schema;
  const { patternProperties: _, ...rest } = schema;
  return { ...rest, additionalProperties: every };
}

function closed(schema: JsonSchema, isClosed: boolean): JsonSchema {
  const isObject = schema.type === 'object' && schema.properties !== undefined;
  if (!isClosed || !isObject || schema.additionalProperties !== undefined) return schema;
  return { ...schema, additionalProperties: false };
}

function nameOfReference(reference: unknown): string {
  assert(typeof reference === 'string', 'a $ref is a string');
  return reference.replace(/^#\/\$defs\//, '');
}
