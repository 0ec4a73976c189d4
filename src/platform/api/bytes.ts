import { type TSchema, type TUnsafe, Type } from 'typebox';

/** A body that is no JSON: a picture, a file. */
export interface Bytes {
  /** Media type, without parameters. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

const keyword = 'x-media-types';

/**
 * The schema of a body of bytes, in place of a JSON schema: as a route's `body` it takes these media types and refuses
 * others with 415 (set `bodyLimitBytes`), in `responses` it is what the route may answer with. Handlers and clients hold
 * `Bytes` both ways.
 */
export function bytesOf(mediaTypes: readonly string[], description?: string): TUnsafe<Bytes> {
  return Type.Unsafe<Bytes>({ [keyword]: mediaTypes, ...(description === undefined ? {} : { description }) });
}

/** The media types of a body of bytes; undefined for a schema of JSON. */
export function mediaTypesOf(schema: TSchema | undefined): readonly string[] | undefined {
  return (schema as { [keyword]?: readonly string[] } | undefined)?.[keyword];
}

/** Whether a value may pass where the schema says bytes of these types. */
export function areBytes(value: unknown, mediaTypes: readonly string[]): value is Bytes {
  const { contentType, bytes } = (value ?? {}) as Partial<Bytes>;
  return bytes instanceof Uint8Array && contentType !== undefined && mediaTypes.includes(contentType);
}

/** Bytes of the receiver's own, as they would arrive over a wire. */
export function copyBytes({ contentType, bytes }: Bytes): Bytes {
  return { contentType, bytes: Uint8Array.from(bytes) };
}
