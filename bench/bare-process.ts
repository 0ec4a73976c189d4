import fastify from 'fastify';

// The least that Fastify can be asked to do: send these bytes under this path. Told what by its parent; tells its port.

export interface BareAnswer {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

process.once('message', async ({ path, headers, body }: BareAnswer) => {
  const app = fastify();
  app.get(path, async (_request, reply) => {
    reply.headers(headers);
    return body;
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.send?.({ port: (app.server.address() as { port: number }).port });
});
process.once('disconnect', () => process.exit(0));
