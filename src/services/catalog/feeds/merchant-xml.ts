import { isUtf8 } from 'node:buffer';
import { SaxesParser } from 'saxes';
import { namedEntities } from './html.ts';
import { tooLarge } from './json-row.ts';
import { defaultRowLimits, FeedError, type Reading, type Readings, type RowLimits } from './record.ts';
import { peek } from './source.ts';

/**
 * A Google Merchant feed in XML: RSS 2.0 (`item`) or Atom (`entry`). Each becomes a record of its elements, by their names
 * without the prefix; what occurs twice is an array, what has elements of its own an object.
 *
 * No document type is taken: a feed needs none, and entities defined in one are how a small file becomes an endless one.
 */
export async function* readMerchantXml(
  chunks: AsyncIterable<Buffer>,
  limits: RowLimits = defaultRowLimits,
): AsyncGenerator<readonly Reading[]> {
  const whole = await peek(chunks, 1024);
  const reader = createItemReader(limits);
  const decode = createDecoder(whole.head);
  const mark = createAmpersandMarker();
  for await (const chunk of whole.chunks) {
    const rows = reader.push(mark(decode(chunk)));
    if (rows.length > 0) yield rows;
  }
  const rows = reader.push(mark(decode(undefined), true));
  if (rows.length > 0) yield rows;
  reader.assertClosed();
}

readMerchantXml satisfies (chunks: AsyncIterable<Buffer>) => Readings;

const googleNamespace = 'http://base.google.com/ns/1.0';

interface Item {
  readonly name: 'item' | 'entry';
  readonly line: number;
  readonly byte: number;
  readonly values: Record<string, unknown>;
  /** Names of the open elements below the item. */
  readonly path: string[];
  text: string;
  child: Record<string, string> | undefined;
  fault: { line: number; message: string } | undefined;
  hasLoneAmpersand: boolean;
}

function createItemReader({ rowBytesMax }: RowLimits) {
  const parser = new SaxesParser<{ xmlns: false; position: true }>({ xmlns: false, position: true });
  // Feeds are often written with HTML's entities, which XML does not know.
  parser.ENTITIES = Object.assign(Object.create(null), namedEntities);
  let rows: Reading[] = [];
  let item: Item | undefined;
  let googlePrefix = 'g';
  let itemCount = 0;
  let rootName: string | undefined;
  let isRootClosed = false;
  /** An item that has just been closed: a fault of its closing is reported right after it. */
  let closed: Item | undefined;
  // Where the parser last told us of something, to bound what it holds: in characters, as it counts.
  let lastEventAt = 0;
  let itemAt = 0;
  /** How many characters were written to the parser: its own count is right within its events only. */
  let position = 0;
  // To turn its character positions into bytes.
  let text = '';
  let textAt = 0;
  let byteMark = 0;
  let byteMarkAt = 0;

  function byteAt(at: number): number {
    byteMark += Buffer.byteLength(text.slice(byteMarkAt - textAt, at - textAt));
    byteMarkAt = at;
    return byteMark;
  }

  parser.on('doctype', () => {
    throw new FeedError(
      `Line ${parser.line}: the file has a document type (<!DOCTYPE …>), which no feed needs. Remove it.`,
    );
  });
  parser.on('error', (error) => {
    const message = error.message.replace(/^\d+:\d+: /, '');
    const fault = { line: parser.line, message };
    if (rootName === undefined) throw new FeedError(`Line ${parser.line}: the file is not XML: ${message}`);
    // Follows from a closing tag that nothing opened, which was the fault of the item that it stood in.
    if (message === 'documents may contain only one root.') return;
    // A closing tag that nothing opened closes all that is open, as far as the parser is concerned; the items go on.
    if (message === 'unexpected close tag.') {
      isRootClosed = false;
      if (closed !== undefined) closed.fault ??= fault;
    } else if (message === `unmatched closing tag: ${rootName}.`) isRootClosed = true;
    if (item !== undefined) item.fault ??= fault;
  });
  parser.on('opentag', (tag) => {
    lastEventAt = parser.position;
    settle();
    rootName ??= tag.name;
    for (const [name, value] of Object.entries(tag.attributes)) {
      if (value === googleNamespace && name.startsWith('xmlns:')) googlePrefix = name.slice('xmlns:'.length);
    }
    if (tag.name === 'item' || tag.name === 'entry') {
      // The one before was never closed: its own fault, not this one's.
      if (item !== undefined) finish(item, { line: parser.line, message: `the <${item.name}> is not closed` });
      itemAt = parser.position;
      // The tag was read to its end; its beginning is as many bytes before. Attributes on it do not occur in feeds.
      const byte = byteAt(parser.position) - `<${tag.name}>`.length;
      const place = { name: tag.name, line: parser.line, byte } as const;
      item = { ...place, values: {}, path: [], text: '', child: undefined, fault: undefined, hasLoneAmpersand: false };
      return;
    }
    if (item === undefined) return;
    item.path.push(tag.name);
    if (item.path.length === 1) {
      item.text = '';
      item.child = undefined;
      const { href, rel } = tag.attributes;
      if (tag.name === 'link' && href !== undefined && (rel === undefined || rel === 'alternate')) takeText(href);
    } else if (item.path.length === 2) {
      item.child ??= {};
      item.text = '';
    }
  });
  function takeText(some: string): void {
    lastEventAt = parser.position;
    if (item === undefined || item.path.length === 0) return;
    if (some.includes(loneAmpersand)) item.hasLoneAmpersand = true;
    item.text += some.replaceAll(loneAmpersand, '&');
  }
  parser.on('text', takeText);
  parser.on('cdata', takeText);
  parser.on('closetag', (tag) => {
    lastEventAt = parser.position;
    settle();
    if (tag.name === rootName) isRootClosed = true;
    if (item === undefined) return;
    if (tag.name === item.name) {
      closed = item;
      item = undefined;
      return;
    }
    if (item.path.length === 0) return;
    item.path.pop();
    if (item.path.length === 0) put(item, localName(tag.name), item.child ?? item.text.trim());
    else if (item.path.length === 1 && item.child !== undefined) {
      item.child[localName(tag.name) ?? tag.name] = item.text.trim();
      item.text = '';
    }
  });

  /** Elements of the feed's own format and of Google's; those of other namespaces say nothing about the product. */
  function localName(name: string): string | undefined {
    const colon = name.indexOf(':');
    if (colon === -1) return name;
    return name.slice(0, colon) === googlePrefix ? name.slice(colon + 1) : undefined;
  }

  function settle(): void {
    if (closed !== undefined) finish(closed, undefined);
    closed = undefined;
  }

  function finish(done: Item, fault: Item['fault']): void {
    itemCount++;
    const wrong = done.fault ?? fault;
    const { line, byte, values } = done;
    if (wrong === undefined) {
      rows.push({ kind: 'record', line, byte, values });
      if (done.hasLoneAmpersand)
        rows.push({ kind: 'note', line, byte, detail: 'an “&” that stands alone is taken as text' });
    } else {
      const isEncoding = wrong.message === 'disallowed character.';
      const detail = isEncoding
        ? 'holds bytes that are not UTF-8, or a character that XML does not allow'
        : `is not well-formed XML: ${wrong.message.replace(/\.$/, '')} (line ${wrong.line})`;
      rows.push({ kind: 'refused', line, byte, reason: isEncoding ? 'encoding' : 'syntax', detail });
    }
  }

  function write(some: string): void {
    text = text.slice(byteMarkAt - textAt) + some;
    textAt = byteMarkAt;
    position += some.length;
    parser.write(some);
    settle();
    if (item !== undefined && position - itemAt > rowBytesMax) {
      rows.push(tooLarge(item.line, item.byte, rowBytesMax));
      throw new FeedError(`The <${item.name}> that begins on line ${item.line} does not end. Mend or remove it.`);
    }
    if (position - lastEventAt > rowBytesMax) {
      throw new FeedError(`Line ${parser.line}: a piece of XML is larger than ${rowBytesMax} bytes.`);
    }
    // The parser may hold back the last character; it is counted with what follows.
    if (item === undefined && position - 1 > byteMarkAt) byteAt(position - 1);
  }

  return {
    push(some: string): Reading[] {
      write(some);
      const result = rows;
      rows = [];
      return result;
    },
    assertClosed(): void {
      if (rootName === undefined) throw new FeedError('The file is empty.');
      if (itemCount === 0 && !['rss', 'feed', 'rdf:RDF', 'channel'].includes(rootName)) {
        throw new FeedError(`The file holds no items: its root is <${rootName}>, not <rss> or <feed>.`);
      }
      if (!isRootClosed) {
        const where = item === undefined ? `after ${itemCount} items` : `in the one that begins on line ${item.line}`;
        throw new FeedError(`The XML is not closed: the file ends ${where}. It was cut off; fetch it again.`);
      }
    },
  };
}

/** DEL: a character that XML allows and nobody uses, as long as “&” in UTF-8 and in JavaScript, so that places stay true. */
const loneAmpersand = '\u007f';

/**
 * “Salt & pepper” is the most frequent fault of feeds, and the parser would take all up to the next semicolon for the name of
 * an entity. Each “&” that begins none is put aside before and comes back as text.
 */
function createAmpersandMarker(): (text: string, isEnd?: boolean) => string {
  let held = '';
  let isInCdata = false;
  return (text, isEnd = false) => {
    const all = held + text;
    // Held back: an entity or the beginning of a CDATA section that the next piece may complete.
    const openEnd = isEnd ? '' : (/(?:&[#\w]{0,32}|<(?:!(?:\[[CDAT]{0,5}\[?)?)?|\]{1,2})$/.exec(all)?.[0] ?? '');
    held = openEnd;
    const whole = all.slice(0, all.length - openEnd.length).replaceAll(loneAmpersand, ' ');
    let result = '';
    for (let at = 0; at < whole.length; ) {
      const found = whole.indexOf(isInCdata ? ']]>' : '<![CDATA[', at);
      const end = found === -1 ? whole.length : found + (isInCdata ? 3 : 9);
      const piece = whole.slice(at, end);
      result += isInCdata ? piece : piece.replace(/&(?!(?:#\d+|#x[\da-fA-F]+|[a-zA-Z]\w*);)/g, loneAmpersand);
      if (found !== -1) isInCdata = !isInCdata;
      at = end;
    }
    return result;
  };
}

function put(item: Item, name: string | undefined, value: string | Record<string, string>): void {
  if (name === undefined || name === '__proto__') return;
  const before = item.values[name];
  // `<title>` and `<g:title>` often stand side by side and say the same.
  if (before === undefined || before === '') item.values[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else if (before !== value) item.values[name] = [before, value];
}

/** As the XML declaration says; else UTF-8, in which broken bytes become a character that XML forbids, so that they are noticed. */
function createDecoder(head: Buffer): (chunk: Buffer | undefined) => string {
  const declared = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([\w.:-]+)["']/.exec(head.toString('latin1'))?.[1];
  if (declared !== undefined && !/^(utf-?8|utf-?16(le|be)?|us-ascii)$/i.test(declared)) {
    const decoder = declaredDecoder(declared);
    return (chunk) => decoder.decode(chunk, { stream: chunk !== undefined });
  }
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = chunk === undefined ? held : Buffer.concat([held, chunk]);
    const end = chunk === undefined ? bytes.length : wholeCharacters(bytes);
    held = bytes.subarray(end);
    const whole = bytes.subarray(0, end);
    return isUtf8(whole) ? whole.toString() : decodeMarking(whole);
  };
}

function declaredDecoder(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch (error) {
    throw new FeedError(`Line 1: the encoding ${encoding} is not known. Convert the file to UTF-8.`, { cause: error });
  }
}

/** Length of the bytes without a character at their end that is still incomplete. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const code = bytes[bytes.length - back] as number;
    if (code < 0x80) return bytes.length;
    if (code >= 0xc0) {
      const length = code >= 0xf0 ? 4 : code >= 0xe0 ? 3 : 2;
      return length > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function decodeMarking(bytes: Buffer): string {
  const decoder = new TextDecoder('utf-8');
  let text = '';
  let from = 0;
  // Character by character only where a line is broken.
  for (let at = 0; at < bytes.length; at = from) {
    const end = bytes.indexOf(0x0a, at);
    from = end === -1 ? bytes.length : end + 1;
    const line = bytes.subarray(at, from);
    // U+FFFF is no character of XML: the parser reports it, and with it the item.
    text += isUtf8(line) ? line.toString() : decoder.decode(line).replaceAll('\ufffd', '\uffff');
  }
  return text;
}
