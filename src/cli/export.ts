import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { exportProducts } from '../services/catalog/feeds/export-products.ts';
import { defineCommand, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import type { Terminal } from './terminal.ts';

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'write all products and their stock, as `import` reads them',
  example: 'npx onrush export --output products.jsonl.gz',
  details: `One product a line, in slug order, in the JSON Lines format of docs/import.md. Importing the file again changes nothing.
Without --output it goes to standard output. A name that ends in .gz is compressed. A file appears when it is whole.`,
  options: {
    format: { type: 'string', value: '<format>', help: 'jsonl, the only one so far' },
    output: { type: 'string', value: '<file>', help: 'where to write it, instead of standard output' },
    ...homeOptions,
  },
  async run({ options, config: read, terminal }) {
    const config = read(homeOverrides(options));
    const { format = 'jsonl', output } = options;
    if (format !== 'jsonl') throw new UsageError(`--format is jsonl, not ${JSON.stringify(format)}.`);
    // Before anything is started for it.
    if (output !== undefined && !existsSync(dirname(output))) {
      throw new Error(`There is no folder ${dirname(output)}. Make it, or name another.`);
    }
    const { withServices } = await import('./with-services.ts');
    const progress = terminal.progress();
    let productCount = 0;
    await withServices(config, { command: 'export', tell: (line) => terminal.say(line) }, async (services) => {
      async function* lines() {
        for await (const products of exportProducts(services.peers)) {
          productCount += products.length;
          progress.show(`${productCount.toLocaleString('en')} products`);
          yield products.map((product) => `${JSON.stringify(product)}\n`).join('');
        }
      }
      if (output !== undefined) await writeWhole(output, lines());
      else await writeUntilEnough(terminal, lines());
    });
    progress.end();
    if (output !== undefined) terminal.say(`${productCount.toLocaleString('en')} products in ${output}.`);
    return undefined;
  },
});

/** Whoever reads may have had enough (`onrush export | head`). */
async function writeUntilEnough(terminal: Terminal, lines: AsyncIterable<string>): Promise<void> {
  try {
    for await (const some of lines) await terminal.write(some);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** Under its name only when all of it is there: half an export must not be taken for one. */
async function writeWhole(file: string, lines: AsyncIterable<string>): Promise<void> {
  const draft = `${file}.part`;
  try {
    const stream = createWriteStream(draft);
    if (file.endsWith('.gz')) await pipeline(lines, createGzip(), stream);
    else await pipeline(lines, stream);
    await finished(stream);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    throw new Error(
      `${file} cannot be written: ${(error as Error).message}. Check the folder and the space on its disk.`,
      {
        cause: error,
      },
    );
  }
}
