import {
  type Static,
  type TArray,
  type TObject,
  type TOptional,
  type TSchema,
  type TString,
  type TTuple,
  Type,
} from 'typebox';
import type { Signer } from '../signing/signer.ts';
import { hostileDetail } from './body.ts';
import { type ProblemReply, problem } from './problem.ts';
import { Cursor, Limit, strict } from './schema.ts';
import { createValidation } from './validation.ts';

/** Query parameters of a list, for `strict({ ...pageQuery, … })`. */
export const pageQuery = { limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) };

/** The body of a list's answer. */
export function pageOf<Item extends TSchema>(
  item: Item,
  title?: string,
): TObject<{ items: TArray<Item>; nextCursor: TOptional<TString> }> {
  const nextCursor = Type.Optional(
    Type.String({ description: 'Where the next page begins: send it as `cursor`. Absent on the last page.' }),
  );
  return strict({ items: Type.Array(item), nextCursor }, title === undefined ? {} : { title });
}

export type ParsedCursor<After> =
  | { readonly kind: 'first' }
  | { readonly kind: 'after'; readonly after: After }
  | { readonly kind: 'bad'; readonly reply: ProblemReply };

export interface CursorCodec<After> {
  encode(after: After): string;
  parse(cursor: string | undefined): ParsedCursor<After>;
}

/**
 * Cursors of one list. `after` is the sort key of the last row that was given, so that pages neither skip nor repeat rows
 * while others come and go; put into it also what the list was sorted and filtered by, if a cursor of another list must
 * not pass here. With a signer a cursor cannot be made up; without one it can, and says nothing but where to go on.
 */
export function createCursorCodec<After extends TTuple>(after: After, signer?: Signer): CursorCodec<Static<After>> {
  const check = createValidation().body(strict({ after }));
  const bad = problem('bad-request', {
    detail: 'The cursor is not one that this list gave.',
    errors: [{ pointer: '#query/cursor', detail: 'must be the `nextCursor` of the page before' }],
  });
  return {
    encode: (value) =>
      signer === undefined
        ? Buffer.from(JSON.stringify({ after: value })).toString('base64url')
        : signer.sign('cursor', { after: value }),
    parse(cursor) {
      if (cursor === undefined) return { kind: 'first' };
      const value = signer === undefined ? decode(cursor) : signer.verify('cursor', cursor);
      const isOurs = value !== undefined && hostileDetail(value, 4) === undefined && check(value) === undefined;
      return isOurs ? { kind: 'after', after: (value as { after: Static<After> }).after } : { kind: 'bad', reply: bad };
    },
  };
}

/**
 * The page of rows that were read with `limit + 1`: the row too many tells that there is more, without counting.
 */
export function pageOfRows<Row, Item>(
  rows: readonly Row[],
  limit: number,
  make: { item: (row: Row) => Item; cursor: (row: Row) => string },
): { items: Item[]; nextCursor?: string } {
  const items = rows.slice(0, limit).map(make.item);
  const last = rows[limit - 1];
  return rows.length > limit && last !== undefined ? { items, nextCursor: make.cursor(last) } : { items };
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
