import { constants, createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { FeedError } from './record.ts';

/** The bytes of a feed, uncompressed and in UTF-8 without its mark. */
export interface Source {
  /** As the user wrote it, for reports: `-` is standard input. */
  readonly name: string;
  /** The file's name without folders and endings: `memory` of `pc-parts/memory.jsonl.gz`. */
  readonly stem: string;
  readonly chunks: AsyncIterable<Buffer>;
  /** Bytes read and how many there are (unknown for standard input), before uncompressing. */
  progress(): { readonly bytesRead: number; readonly bytesTotal: number | undefined };
}

/** What a name is called where people read it. */
export function sourceText(name: string): string {
  return name === '-' ? 'standard input' : name;
}

/** The same at the beginning of a sentence. */
export function sourceTitle(name: string): string {
  return name === '-' ? 'Standard input' : name;
}

/** Compressed data is fed in pieces of this size: gzip grows data 1,032-fold at most, so that a hostile file cannot fill the memory at once. */
const gunzipPieceBytes = 16 * 1024;

export async function openSource(name: string, stdin: AsyncIterable<Buffer>): Promise<Source> {
  const bytesTotal = name === '-' ? undefined : await sizeOf(name);
  let bytesRead = 0;
  const raw = name === '-' ? stdin : readFileChunks(name);
  async function* counted() {
    for await (const chunk of raw) {
      bytesRead += chunk.length;
      yield chunk;
    }
  }
  return {
    name,
    stem: name === '-' ? 'stdin' : basename(name).replace(/(\.[A-Za-z0-9]{1,5}){1,2}$/, ''),
    chunks: plainUtf8(counted(), name),
    progress: () => ({ bytesRead, bytesTotal }),
  };
}

/** Throws a FeedError if the file is not there or may not be read: before anything is begun. */
export async function assertReadable(name: string): Promise<void> {
  if (name === '-') return;
  await sizeOf(name);
  await access(name, constants.R_OK).catch((error) => {
    throw asFeedError(name, error);
  });
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new FeedError(`${path} is a folder. Name the files in it.`);
    return found.size;
  } catch (error) {
    throw asFeedError(path, error);
  }
}

async function* readFileChunks(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 64 * 1024 });
  } catch (error) {
    throw asFeedError(path, error);
  }
}

function asFeedError(path: string, error: unknown): unknown {
  if (error instanceof FeedError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new FeedError(`There is no file ${path}. Check the path.`);
  if (code === 'EACCES' || code === 'EPERM') return new FeedError(`${path} may not be read by this user.`);
  if (typeof code !== 'string') return error;
  return new FeedError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
}

/** Uncompresses gzip, turns UTF-16 into UTF-8 and drops the byte order mark, each told by the first bytes. */
export async function* plainUtf8(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const packed = await peek(chunks, 4);
  const { head } = packed;
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04) {
    throw new FeedError(`${sourceTitle(name)} is a zip archive or an Excel workbook. Unzip it, or save it as CSV.`);
  }
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  const plain = await peek(isGzip ? gunzip(packed.chunks, name) : packed.chunks, 3);
  const mark = plain.head;
  if (mark[0] === 0xff && mark[1] === 0xfe) yield* fromUtf16(plain.chunks, 'utf-16le');
  else if (mark[0] === 0xfe && mark[1] === 0xff) yield* fromUtf16(plain.chunks, 'utf-16be');
  else if (mark[0] === 0xef && mark[1] === 0xbb && mark[2] === 0xbf) yield* dropped(plain.chunks, 3);
  else yield* plain.chunks;
}

/**
 * Looks at the first bytes (fewer if there are no more) and gives the whole back. An error among them comes when what is
 * before it has been taken.
 */
export async function peek(
  chunks: AsyncIterable<Buffer>,
  byteCount: number,
): Promise<{ head: Buffer; chunks: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  let length = 0;
  let failure: { readonly error: unknown } | undefined;
  let isDone = false;
  while (length < byteCount && !isDone) {
    try {
      const next = await iterator.next();
      if (next.done) isDone = true;
      else {
        parts.push(next.value);
        length += next.value.length;
      }
    } catch (error) {
      failure = { error };
      isDone = true;
    }
  }
  async function* whole() {
    try {
      yield* parts.splice(0);
      if (failure !== undefined) throw failure.error;
      while (!isDone) {
        const next = await iterator.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(parts), chunks: whole() };
}

/**
 * A stream's iterator drops what it holds when an error comes; of a file cut off half-way all that was there is wanted
 * first. So the uncompressed data are taken as they appear, and the error is thrown after the last of them.
 */
async function* gunzip(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const stream = createGunzip();
  let ready: Buffer[] = [];
  let failure: Error | undefined;
  // A stream that fails does not call back the write that it failed in.
  let wake = () => {};
  stream.on('data', (data: Buffer) => ready.push(data));
  stream.on('error', (error) => {
    failure = error;
    wake();
  });
  const settled = (begin: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      begin(resolve);
    });
  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && failure === undefined; at += gunzipPieceBytes) {
        await settled((done) => stream.write(chunk.subarray(at, at + gunzipPieceBytes), () => done()));
        yield* ready;
        ready = [];
      }
      if (failure !== undefined) break;
    }
    if (failure === undefined) await settled((done) => stream.once('end', done).end());
    yield* ready;
    if (failure !== undefined) throw gunzipError(name, failure);
  } finally {
    stream.destroy();
  }
}

function gunzipError(name: string, error: NodeJS.ErrnoException): FeedError {
  const what = error.code === 'Z_BUF_ERROR' ? 'ends too early: it was cut off' : `is damaged (${error.message})`;
  return new FeedError(`The gzip data of ${sourceText(name)} ${what}. Fetch the file again and repeat the import.`, {
    cause: error,
  });
}

async function* fromUtf16(chunks: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

async function* dropped(chunks: AsyncIterable<Buffer>, byteCount: number): AsyncGenerator<Buffer> {
  let left = byteCount;
  for await (const chunk of chunks) {
    if (chunk.length > left) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
