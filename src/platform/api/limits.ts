/** What one request, connection or process may take. Every limit has an answer of its own when it is passed. */
export interface HttpLimits {
  /** 413 above it; a route may set its own (`bodyLimitBytes`). */
  readonly bodyBytesMax: number;
  /** 400 for JSON nested deeper. */
  readonly depthMax: number;
  /** 431 for request line and headers above it. */
  readonly headerBytesMax: number;
  /** 404 for a longer path parameter: no id or slug is. */
  readonly paramLengthMax: number;
  /** 408 for a client that takes longer to send its headers, and its whole request. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How long a connection waits for its next request. Longer than a proxy in front keeps its own (60 s), so that none is cut in use. */
  readonly keepAliveTimeoutMs: number;
  /** A connection on which nothing moves for this long is cut: a client that stopped reading. */
  readonly idleTimeoutMs: number;
  /** 504 for an answer that takes longer, and how long a caller may ask for (`X-Deadline-Ms`). */
  readonly deadlineMs: number;
  readonly deadlineMsMax: number;
  /** 431 for more headers. */
  readonly headerCountMax: number;
  /** Open at once: at the limit the longest idle one makes room, else the newest is cut. */
  readonly connectionsMax: number;
  /** Of one client (client-address.ts), likewise. Browsers open up to six, a proxy that is not trusted as many as it likes. */
  readonly connectionsPerClientMax: number;
  /** After so many the connection is ended, and the client makes a new one. */
  readonly requestsPerConnectionMax: number;
  /** Sent without waiting for the answers; 429 for more. Browsers do not, programs rarely. */
  readonly pipelinedMax: number;
  /** Who sends a body or reads an answer more slowly than that is cut off, once the grace is over. */
  readonly bytesPerSMin: number;
  readonly slowGraceMs: number;
  /** How long a stopping server waits for the requests that it is answering. */
  readonly drainMs: number;
  /** A comment on every event stream this often, so that neither side's network thinks it dead. */
  readonly heartbeatMs: number;
  /** 503 for a further event stream. */
  readonly streamsMax: number;
  /** 429 for a further event stream of one resource: whoever holds one key must not take the places of all. */
  readonly streamsPerResourceMax: number;
  /** 429 for a further event stream of one client, over however many connections: the places are for everybody. */
  readonly streamsPerClientMax: number;
}

export const defaultLimits: HttpLimits = {
  bodyBytesMax: 256 * 1024,
  depthMax: 32,
  headerBytesMax: 16 * 1024,
  paramLengthMax: 256,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 72_000,
  idleTimeoutMs: 120_000,
  deadlineMs: 10_000,
  deadlineMsMax: 30_000,
  headerCountMax: 100,
  connectionsMax: 20_000,
  connectionsPerClientMax: 2_000,
  requestsPerConnectionMax: 10_000,
  pipelinedMax: 16,
  bytesPerSMin: 500,
  slowGraceMs: 10_000,
  drainMs: 10_000,
  heartbeatMs: 15_000,
  streamsMax: 10_000,
  streamsPerResourceMax: 20,
  streamsPerClientMax: 500,
};
