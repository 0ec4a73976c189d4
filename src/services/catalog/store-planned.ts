import type { Queryable, Statement } from '../../platform/database/sql.ts';

/**
 * Runs a statement planned anew for the values at hand: the best way to a small collection is not that to a large one, and
 * filters that are null vanish from the plan with their joins. An unnamed statement is never kept as a prepared one;
 * planning takes about a millisecond, and the answers of these statements are cached.
 */
export async function runPlanned<Row extends object>(
  on: Queryable,
  statement: Statement<Row & Record<string, unknown>>,
): Promise<Row[]> {
  const { rows } = await on.run<Row & Record<string, unknown>>({ ...statement, name: '' });
  return rows;
}
