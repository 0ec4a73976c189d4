import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort } from '../drills/free-port.ts';

/** nginx with one worker. */
export interface Nginx extends AsyncDisposable {
  readonly port: number;
  readonly version: string;
  /** Of its worker. */
  readonly pid: number;
}

export interface NginxFile {
  /** Such as `/products/lamp`. */
  readonly path: string;
  readonly bytes: Buffer;
  /** Names and values in turn; what nginx writes by itself left out. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Undefined where there is no nginx. */
export function nginxVersion(): string | undefined {
  const { error, stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  return error === undefined ? stderr.trim().replace('nginx version: ', '') : undefined;
}

/** Started on a port of its own with a folder of its own; answers when this resolves. */
export async function runNginx(configOf: (dir: string, port: number) => string): Promise<Nginx> {
  const dir = mkdtempSync(join(tmpdir(), 'onrush-nginx-'));
  chmodSync(dir, 0o755);
  const port = await freePort('127.0.0.1');
  const config = join(dir, 'nginx.conf');
  writeFileSync(config, configOf(dir, port));
  const child: ChildProcess = spawn('nginx', ['-p', dir, '-c', config, '-e', join(dir, 'error.log')], {
    stdio: 'inherit',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await answers(port);
  return {
    port,
    version: nginxVersion() ?? '',
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Sends a file from disk, with what nginx's documentation advises for that. */
export function startNginx(file: NginxFile): Promise<Nginx> {
  return runNginx((dir, port) => {
    const target = join(dir, 'www', `${file.path}.page`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, file.bytes);
    return configOf(dir, port, file);
  });
}

function configOf(dir: string, port: number, { path, headers }: NginxFile): string {
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? 'text/html';
  const others = headers.filter(([name]) => name !== 'content-type' && name !== 'etag');
  return `
daemon off;
master_process on;
worker_processes 1;
pid ${dir}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  tcp_nodelay on;
  keepalive_timeout 72;
  keepalive_requests 1000000000;
  open_file_cache max=1000 inactive=60s;
  open_file_cache_valid 30s;
  client_body_temp_path ${dir}/body;
  proxy_temp_path ${dir}/proxy;
  fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi;
  scgi_temp_path ${dir}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=1024;
    root ${dir}/www;
    server_tokens off;
    location = ${path} {
      try_files ${path}.page =404;
      types { }
      default_type "${type}";
${others.map(([name, value]) => `      add_header ${name} "${value.replaceAll('"', '\\"')}";`).join('\n')}
    }
  }
}
`;
}

async function answers(port: number): Promise<void> {
  for (const endMs = performance.now() + 10_000; performance.now() < endMs; ) {
    const isThere = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx did not answer within 10 s.');
}
