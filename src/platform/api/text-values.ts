import type { JsonSchema } from './json-schema.ts';

/**
 * Query and path are text; their schemas say what it stands for. Only plain decimal numbers are numbers here: JavaScript's
 * own conversion also takes `0x10`, ` 5 `, and `Infinity`, which is above every maximum and fails none.
 */
export type TextReader = (values: Record<string, unknown>) => void;

type Read = (value: unknown) => unknown;

const decimal = /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?$/;

const readNumber: Read = (value) => (typeof value === 'string' && decimal.test(value) ? Number(value) : value);
const readBoolean: Read = (value) => (value === 'true' ? true : value === 'false' ? false : value);

/** Replaces in place each text that stands for another type; what does not is left for validation to refuse. */
export function createTextReader(schema: JsonSchema): TextReader {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const readers = properties.flatMap(([name, property]) => {
    const read = readerOf(property);
    return read === undefined ? [] : [{ name, read }];
  });
  return (values) => {
    for (const { name, read } of readers) if (values[name] !== undefined) values[name] = read(values[name]);
  };
}

function readerOf(schema: JsonSchema): Read | undefined {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return readNumber;
    case 'boolean':
      return readBoolean;
    case 'array': {
      const read = readerOf((schema.items ?? {}) as JsonSchema) ?? ((value) => value);
      // `?tag=a` is a list of one.
      return (value) => (Array.isArray(value) ? value.map(read) : [read(value)]);
    }
    default:
      return undefined;
  }
}
