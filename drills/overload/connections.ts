import { connect, type Socket } from 'node:net';

/** A whole answer, as far as a load generator needs it. */
export interface Answer {
  readonly status: number;
  /** Of the `Retry-After` header; undefined when there is none. */
  readonly retryAfterS: number | undefined;
  /** A cache in the shop had it (RFC 9211): nothing was worked for it. */
  readonly isCached: boolean;
  /** Only where it was asked for. */
  readonly body: Buffer | undefined;
}

/** One request on its way. Exactly one of the two is called, once. */
export interface Exchange {
  readonly keepsBody: boolean;
  answered(answer: Answer): void;
  /** There is none and will be none: `lost`, `malformed`, `no connection`. */
  failed(cause: string): void;
}

/**
 * Keep-alive connections to one server, one request at a time on each, as many as are needed at once: what a reverse proxy has
 * for the many who come through it. It reads answers with a length and nothing else; that is cheap, which is all that it is for.
 */
export interface Connections {
  /** Returns what gives the exchange up: its connection is cut, and nothing is called. */
  send(request: string, exchange: Exchange): () => void;
  readonly openCount: number;
  close(): void;
}

export function createConnections(target: { host: string; port: number }, connectionsMax: number): Connections {
  const idle: Connection[] = [];
  const open = new Set<Connection>();
  // Every read is looked at before the next one begins, so that all connections can share the memory that is read into.
  const readBuffer = Buffer.allocUnsafeSlow(256 * 1024);
  return {
    send(request, exchange) {
      let connection = idle.pop();
      if (connection === undefined) {
        if (open.size >= connectionsMax) {
          setImmediate(() => exchange.failed('no connection'));
          return () => {};
        }
        connection = new Connection(target, readBuffer, {
          free: (freed) => idle.push(freed),
          gone: (closed) => {
            open.delete(closed);
            const at = idle.indexOf(closed);
            if (at >= 0) idle.splice(at, 1);
          },
        });
        open.add(connection);
      }
      connection.send(request, exchange);
      const used = connection;
      return () => used.giveUp(exchange);
    },
    get openCount() {
      return open.size;
    },
    close() {
      for (const connection of open) connection.close();
    },
  };
}

interface Owner {
  free(connection: Connection): void;
  gone(connection: Connection): void;
}

class Connection {
  readonly #socket: Socket;
  readonly #owner: Owner;
  #exchange: Exchange | undefined;
  #head: Buffer | undefined;
  #status = 0;
  #retryAfterS: number | undefined;
  #isCached = false;
  #isLast = false;
  /** Bytes of the body that are still to come; -1 while the head is not there. */
  #left = -1;
  #parts: Buffer[] = [];

  constructor(target: { host: string; port: number }, buffer: Buffer, owner: Owner) {
    this.#owner = owner;
    this.#socket = connect({
      ...target,
      noDelay: true,
      onread: {
        buffer,
        callback: (length, bytes) => {
          this.#read(bytes as Buffer, length);
          return true;
        },
      },
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      owner.gone(this);
      this.#fail('lost');
    });
  }

  send(request: string, exchange: Exchange): void {
    this.#exchange = exchange;
    this.#socket.write(request, 'latin1');
  }

  giveUp(exchange: Exchange): void {
    if (this.#exchange !== exchange) return;
    this.#exchange = undefined;
    this.close();
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(buffer: Buffer, length: number): void {
    let at = 0;
    if (this.#left < 0) {
      const head =
        this.#head === undefined ? buffer.subarray(0, length) : Buffer.concat([this.#head, buffer.subarray(0, length)]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) {
        // The memory is read into again before the rest comes.
        this.#head = Buffer.from(head);
        return;
      }
      at = end + 4 - (head.length - length);
      this.#head = undefined;
      if (!this.#takeHead(head.toString('latin1', 0, end + 2))) return;
    }
    const taken = Math.min(this.#left, length - at);
    if (taken > 0 && this.#exchange?.keepsBody) this.#parts.push(Buffer.from(buffer.subarray(at, at + taken)));
    this.#left -= taken;
    if (this.#left === 0) this.#finish();
  }

  #takeHead(head: string): boolean {
    const lower = head.toLowerCase();
    this.#status = Number.parseInt(head.slice(9, 12), 10);
    const length = numberOf(lower, '\r\ncontent-length:');
    if (length === undefined && this.#status !== 204 && this.#status !== 304) {
      this.close();
      this.#fail('malformed');
      return false;
    }
    this.#left = length ?? 0;
    this.#retryAfterS = numberOf(lower, '\r\nretry-after:');
    this.#isCached = lineOf(lower, '\r\ncache-status:').includes('; hit');
    this.#isLast = lower.includes('\r\nconnection: close');
    return true;
  }

  #finish(): void {
    const exchange = this.#exchange;
    const body = exchange?.keepsBody ? Buffer.concat(this.#parts) : undefined;
    const answer = { status: this.#status, retryAfterS: this.#retryAfterS, isCached: this.#isCached, body };
    this.#exchange = undefined;
    this.#left = -1;
    this.#parts = [];
    if (this.#isLast) this.close();
    else this.#owner.free(this);
    exchange?.answered(answer);
  }

  #fail(cause: string): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.failed(cause);
  }
}

/** The first header line of this name; empty when there is none. */
function lineOf(head: string, name: string): string {
  const at = head.indexOf(name);
  return at < 0 ? '' : head.slice(at + 2, head.indexOf('\r\n', at + 2));
}

function numberOf(head: string, name: string): number | undefined {
  const at = head.indexOf(name);
  if (at < 0) return undefined;
  const value = Number.parseInt(head.slice(at + name.length, at + name.length + 16), 10);
  return Number.isNaN(value) ? undefined : value;
}
