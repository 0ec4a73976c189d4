import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isProblem } from '../platform/api/problem.ts';
import type { Services } from '../runtime/services.ts';
import { mediaApi, type UploadedMedia } from '../services/media/api.ts';
import { sniffMediaType } from '../services/media/sniff.ts';
import { defineCommand, exitCodes, UsageError } from './command.ts';
import { homeOptions, homeOverrides } from './home-options.ts';
import type { Terminal } from './terminal.ts';

export const media = defineCommand({
  name: 'media',
  summary: 'upload pictures into the shop, or list those that are there',
  example: 'npx onrush media add photos/*.jpg',
  args: ['[add|list]', '[file…]'],
  usage: 'media add <file…> | media list',
  details: `Takes JPEG, PNG, WebP, AVIF, GIF and SVG, up to 20 MB each, and prints the URL of each: what a product's \`media\` is to say.
The same picture again is the same picture, and has the same URL.
Exit codes: 0 all taken, 1 it could not be done, 3 some were refused. More in docs/media.md.`,
  options: {
    alt: { type: 'string', value: '<text>', help: 'what the picture shows, for who cannot see it; for one file' },
    json: { type: 'boolean', help: 'print one JSON object a line' },
    ...homeOptions,
  },
  async run({ options, args: [action, ...names], config: read, terminal }) {
    if (action !== 'add' && action !== 'list') {
      throw new UsageError('It is `onrush media add <file…>` or `onrush media list`. See `onrush media --help`.');
    }
    if (action === 'add' && names.length === 0) throw new UsageError('`onrush media add` needs <file…>.');
    if (action === 'list' && names.length > 0) throw new UsageError('`onrush media list` takes no files.');
    if (options.alt !== undefined && names.length !== 1) throw new UsageError('--alt is for one file at a time.');
    const files = await Promise.all(names.map(assertReadable));
    const config = read(homeOverrides(options));
    const print = (one: UploadedMedia) => terminal.print(options.json ? JSON.stringify(one) : lineOf(one));
    const { withServices } = await import('./with-services.ts');
    return withServices(config, { command: 'media', tell: (line) => terminal.say(line) }, async (services) => {
      if (action === 'add') return add(services, files, options.alt, print, terminal);
      for await (const one of listed(services)) print(one);
      return exitCodes.done;
    });
  },
});

/** One after the other: what is refused does not keep the next ones out. */
async function add(
  { peers }: Services,
  files: readonly string[],
  alt: string | undefined,
  print: (one: UploadedMedia) => void,
  terminal: Terminal,
): Promise<number> {
  let refusedCount = 0;
  const refuse = (file: string, why: string) => {
    refusedCount += 1;
    terminal.say(`${file} was not taken. ${why}`);
  };
  for (const file of files) {
    const { size } = await stat(file);
    // Before it is read: nobody means to upload a film.
    if (size > mediaApi.routes.addMedia.bodyLimitBytes) {
      refuse(file, `It has ${(size / 1024 ** 2).toFixed(1)} MB; a picture may have 20.`);
      continue;
    }
    const bytes = await readFile(file);
    const contentType = sniffMediaType(bytes);
    if (contentType === undefined) {
      refuse(file, 'It is no JPEG, PNG, WebP, AVIF, GIF or SVG.');
      continue;
    }
    const query = { name: basename(file).slice(0, 255), ...(alt !== undefined && { alt }) };
    const reply = await peers.media.addMedia({ query, body: { contentType, bytes } });
    if (isProblem(reply)) refuse(file, reply.problem.detail ?? reply.problem.title);
    else print(reply.body);
  }
  return refusedCount === 0 ? exitCodes.done : exitCodes.refusedSome;
}

async function* listed({ peers }: Services): AsyncGenerator<UploadedMedia> {
  let cursor: string | undefined;
  do {
    const reply = await peers.media.listMedia({ query: { limit: 100, ...(cursor !== undefined && { cursor }) } });
    if (isProblem(reply)) throw new Error(reply.problem.detail ?? reply.problem.title);
    yield* reply.body.items;
    cursor = reply.body.nextCursor;
  } while (cursor !== undefined);
}

function lineOf({ url, width, height, name }: UploadedMedia): string {
  return `${url}  ${width} × ${height}${name === undefined ? '' : `  ${name}`}`;
}

/** All of them, before anything is started. */
async function assertReadable(file: string): Promise<string> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'There is no such file' : `It cannot be read (${error.code})`;
    throw new Error(`${file}: ${why}.`, { cause: error });
  });
  if (!found.isFile()) throw new Error(`${file} is no file. Name its pictures: ${file}/*.jpg`);
  return file;
}
