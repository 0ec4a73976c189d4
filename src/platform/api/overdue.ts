import type { Socket } from 'node:net';

/**
 * Cuts off a connection that is overdue, unless something has come on it that nobody has seen yet: a busy process looks at its clocks
 * before it reads. For a socket's `timeout` event, and for an HTTP server's, which would cut it off at once.
 */
export function cutIfSilent(socket: Socket): void {
  const { bytesRead } = socket;
  setImmediate(() => {
    if (socket.bytesRead === bytesRead) socket.destroy();
  });
}
