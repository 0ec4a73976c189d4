import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * A file of the real catalogues, orders and traffic that tests and benches read but that are not ours to commit:
 * `sharedDataFile('catalogue/pc-parts/cpu.jsonl.gz')`. They are looked for in the folder that ONRUSH_SHARED_DATA names, else in
 * `../shared/data` beside this repository; undefined where they are not, and what needs them is skipped, saying so.
 */
export function sharedDataFile(path: string): URL | undefined {
  const folder = process.env.ONRUSH_SHARED_DATA;
  const base = folder ? pathToFileURL(`${folder}/`) : new URL('../../../../shared/data/', import.meta.url);
  const file = new URL(path, base);
  return existsSync(file) ? file : undefined;
}
