import { createHash } from 'node:crypto';
import type { QueryResult, QueryResultRow } from 'pg';

/** Whatever can run a statement: the pool, or a transaction. */
export interface Queryable {
  run<Row extends QueryResultRow>(statement: Statement<Row>): Promise<QueryResult<Row>>;
}

/** One full SQL statement with bound values. Never a fragment: each can be prepared as it stands (test/statements.test.ts). */
export interface Statement<Row extends QueryResultRow = Record<string, never>> {
  readonly text: string;
  /** Prepared under this name once per connection, so that PostgreSQL parses and plans it once. */
  readonly name: string;
  readonly values: readonly unknown[];
  execute(on: Queryable): Promise<QueryResult<Row>>;
}

/**
 * SQL written as SQL; what is interpolated is always bound, never pasted:
 * ``const { rows } = await sql<{ title: string }>`select title from catalog.product where product_id = ${id}::uuid`.execute(db)``
 */
export function sql<Row extends QueryResultRow = Record<string, never>>(
  parts: TemplateStringsArray,
  ...values: readonly unknown[]
): Statement<Row> {
  const { text, name } = prepared(parts);
  const statement: Statement<Row> = { text, name, values, execute: (on) => on.run(statement) };
  return statement;
}

// A template literal's parts are one frozen object per place in the source, so text and name are worked out once. The map
// holds no state that two shops could disagree on: it is a pure function, remembered.
const preparedByParts = new WeakMap<TemplateStringsArray, { text: string; name: string }>();

function prepared(parts: TemplateStringsArray): { text: string; name: string } {
  const known = preparedByParts.get(parts);
  if (known) return known;
  const text = parts.reduce((whole, part, index) => (index === 0 ? part : `${whole}$${index}${part}`), '');
  const made = { text, name: `s${createHash('sha1').update(text).digest('hex').slice(0, 20)}` };
  preparedByParts.set(parts, made);
  return made;
}

/**
 * An array parameter whose elements need no quoting (uuids, integers, ISO instants), written as PostgreSQL's array literal.
 * The driver's general writer escapes each element; on batches of hundreds of rows that is a measurable part of an order.
 */
export function plainArray(values: readonly (string | number | bigint | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}
