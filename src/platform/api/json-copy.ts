/**
 * A copy as it would arrive after JSON.stringify and JSON.parse, made directly: no text in between. Throws a TypeError
 * for what JSON cannot say (bigint) and a RangeError for a circle, as those do.
 */
export function copyJson<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'object':
      return value === null ? null : copyObject(value);
    case 'bigint':
      throw new TypeError('JSON has no bigint');
    case 'undefined':
    case 'function':
    case 'symbol':
      return undefined;
    default:
      return value;
  }
}

function copyObject(value: object): unknown {
  if (Array.isArray(value)) {
    // JSON writes null where an array holds what it has no word for.
    return value.map((each) => copy(each) ?? null);
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return copy(toJSON.call(value));
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const each = copy((value as Record<string, unknown>)[key]);
    if (each !== undefined) put(result, key, each);
  }
  return result;
}

/** An assignment to `__proto__` would change what the object is; JSON.parse makes a field of it. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}
