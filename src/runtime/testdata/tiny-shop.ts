import { createServer } from 'node:http';
import pg from 'pg';
import type { RunningShop, ShopStart } from '../shop-module.ts';

// The least that can be supervised: it answers with what the database says, and with who it is.
export const migrationSources = [];

export async function prepareShop({ databaseUrl }: ShopStart): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create table if not exists visit (at timestamptz not null default now())');
  const { rows } = await client.query<{ count: number }>('select count(*)::integer as count from visit');
  await client.end();
  return `${rows[0]?.count} visits`;
}

export async function createShop({ config, databaseUrl, services }: ShopStart): Promise<RunningShop> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => {});
  const server = createServer(async (_, response) => {
    try {
      await pool.query('insert into visit default values');
      const { rows } = await pool.query<{ count: number }>('select count(*)::integer as count from visit');
      response.end(JSON.stringify({ pid: process.pid, visits: rows[0]?.count, services }));
    } catch (error) {
      response.statusCode = 503;
      response.end(String(error));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : config.port;
  console.log(JSON.stringify({ message: 'the tiny shop is open' }));
  return {
    url: `http://${config.host}:${port}`,
    async stop() {
      await new Promise((resolve) => server.close(resolve));
      await pool.end();
    },
  };
}
