/** A whole HTTP/1.1 answer. Header names are in lower case. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the connection can carry another request. */
  readonly keepsAlive: boolean;
}

export interface AnswerLimits {
  readonly headBytesMax: number;
  readonly bodyBytesMax: number;
}

/** What came is not an answer that this reader takes; the message says why. The connection is of no more use. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** Reads the answer to one request after the other from whatever pieces the network cuts them into. */
export interface AnswerReader {
  /** The answer, once its last byte has come. Bytes that belong to no request are malformed. */
  push(chunk: Buffer): HttpAnswer | undefined;
  /** The other side has closed: that ends an answer whose length was not told. */
  end(): HttpAnswer | undefined;
  /** Whether something of the next answer has come. */
  readonly hasBegun: boolean;
}

interface Head {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly keepsAlive: boolean;
}

type Body =
  | { readonly kind: 'counted'; readonly bytes: number }
  | { readonly kind: 'chunked'; readonly parts: Buffer[]; size: number }
  | { readonly kind: 'until-close' };

const nothing = Buffer.alloc(0);
// A line that tells a chunk's size, or a trailer: far longer than any server writes.
const lineBytesMax = 1024;

export function createAnswerReader(limits: AnswerLimits): AnswerReader {
  let buffered: Buffer = nothing;
  let head: Head | undefined;
  let body: Body | undefined;

  function read(): HttpAnswer | undefined {
    while (head === undefined || body === undefined) {
      const headEnd = buffered.indexOf('\r\n\r\n');
      if (headEnd < 0 ? buffered.length > limits.headBytesMax : headEnd > limits.headBytesMax) {
        throw new MalformedAnswer(`the answer's head is longer than ${limits.headBytesMax} bytes`);
      }
      if (headEnd < 0) return undefined;
      const next = parseHead(buffered.toString('latin1', 0, headEnd));
      buffered = buffered.subarray(headEnd + 4);
      // 100 Continue and its like: the answer itself is still to come.
      if (next.status < 200) continue;
      head = next;
      body = bodyOf(next, limits);
    }
    switch (body.kind) {
      case 'counted':
        return buffered.length < body.bytes ? undefined : finish(take(body.bytes));
      case 'chunked':
        return readChunks(body) ? finish(Buffer.concat(body.parts)) : undefined;
      case 'until-close':
        checkSize(buffered.length, limits);
        return undefined;
    }
  }

  /** True when the last chunk and its trailers have come. */
  function readChunks(chunks: Extract<Body, { kind: 'chunked' }>): boolean {
    for (;;) {
      const lineEnd = findLineEnd();
      if (lineEnd === undefined) return false;
      const size = parseChunkSize(buffered.toString('latin1', 0, lineEnd));
      if (size === 0) return skipTrailers(lineEnd);
      checkSize(chunks.size + size, limits);
      const end = lineEnd + 2 + size;
      if (buffered.length < end + 2) return false;
      if (buffered[end] !== 13 || buffered[end + 1] !== 10) throw new MalformedAnswer('a chunk is longer than it says');
      chunks.parts.push(buffered.subarray(lineEnd + 2, end));
      chunks.size += size;
      buffered = buffered.subarray(end + 2);
    }
  }

  function findLineEnd(): number | undefined {
    const lineEnd = buffered.indexOf('\r\n');
    if ((lineEnd < 0 ? buffered.length : lineEnd) > lineBytesMax)
      throw new MalformedAnswer('a line of a chunk is too long');
    return lineEnd < 0 ? undefined : lineEnd;
  }

  function skipTrailers(lastChunkLineEnd: number): boolean {
    if (buffered.length < lastChunkLineEnd + 4) return false;
    if (buffered[lastChunkLineEnd + 2] === 13 && buffered[lastChunkLineEnd + 3] === 10) {
      buffered = buffered.subarray(lastChunkLineEnd + 4);
      return true;
    }
    const end = buffered.indexOf('\r\n\r\n', lastChunkLineEnd);
    if ((end < 0 ? buffered.length : end) > limits.headBytesMax) throw new MalformedAnswer('the trailers are too long');
    if (end < 0) return false;
    buffered = buffered.subarray(end + 4);
    return true;
  }

  function take(bytes: number): Buffer {
    const taken = buffered.subarray(0, bytes);
    buffered = buffered.subarray(bytes);
    return taken;
  }

  function finish(bytes: Buffer): HttpAnswer {
    if (head === undefined) throw new MalformedAnswer('a body without a head');
    // Requests are sent one at a time, so that nothing may follow.
    if (buffered.length > 0) throw new MalformedAnswer('there is more than one answer to the request');
    const { status, headers, keepsAlive } = head;
    buffered = nothing;
    head = undefined;
    body = undefined;
    return { status, headers, keepsAlive, body: bytes.toString('utf8') };
  }

  return {
    push(chunk) {
      buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
      return read();
    },
    end() {
      if (body?.kind !== 'until-close') return undefined;
      return finish(take(buffered.length));
    },
    get hasBegun() {
      return head !== undefined || buffered.length > 0;
    },
  };
}

function parseHead(text: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const [, minor, status] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/.exec(statusLine) ?? [];
  if (status === undefined)
    throw new MalformedAnswer(`not an HTTP/1 answer: ${JSON.stringify(statusLine.slice(0, 60))}`);
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0 || line.charCodeAt(0) <= 32) throw new MalformedAnswer('a header line has no name');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  const connection = headers.connection?.toLowerCase();
  const keepsAlive = minor === '1' ? connection !== 'close' : connection === 'keep-alive';
  return { status: Number(status), headers, keepsAlive };
}

/** How the body's end is found (RFC 9112, section 6.3). */
function bodyOf({ status, headers, keepsAlive }: Head, limits: AnswerLimits): Body {
  const encoding = headers['transfer-encoding'];
  const length = headers['content-length'];
  if (status === 204 || status === 304) return { kind: 'counted', bytes: 0 };
  if (encoding !== undefined) {
    // Both together is how requests are smuggled past proxies; no honest server sends them.
    if (length !== undefined) throw new MalformedAnswer('the answer tells its length in two ways');
    if (encoding.toLowerCase() !== 'chunked') throw new MalformedAnswer(`the encoding ${encoding} is not known`);
    return { kind: 'chunked', parts: [], size: 0 };
  }
  if (length === undefined) {
    if (keepsAlive) throw new MalformedAnswer('the answer does not tell its length');
    return { kind: 'until-close' };
  }
  if (!/^\d{1,15}$/.test(length)) throw new MalformedAnswer(`the length ${JSON.stringify(length)} is not a number`);
  checkSize(Number(length), limits);
  return { kind: 'counted', bytes: Number(length) };
}

function parseChunkSize(line: string): number {
  const [, digits] = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(line) ?? [];
  if (digits === undefined) throw new MalformedAnswer('a chunk does not tell its size');
  return Number.parseInt(digits, 16);
}

function checkSize(bytes: number, limits: AnswerLimits): void {
  if (bytes > limits.bodyBytesMax) throw new MalformedAnswer(`the answer is longer than ${limits.bodyBytesMax} bytes`);
}
