import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A Chromium that can be started, and what its process needs in its environment. */
export interface Chromium {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The one that comes by npm where it runs, else the machine's own. It is the same version everywhere, and a shell without a
 * browser around its pages: visits cost half the CPU that they cost in a whole Chromium.
 */
export function chromiumForTests(): Promise<Chromium> {
  return findChromium(isPackaged ? '' : undefined);
}

/**
 * The machine's own Chromium or Chrome where it has one, as visitors have it, else the one that comes by npm. `searchPath` is
 * where to look, as in PATH. Throws one sentence where there is none.
 */
export async function findChromium(searchPath = process.env.PATH ?? ''): Promise<Chromium> {
  const installed = installedPlaces(searchPath).find((place) => existsSync(place));
  return installed === undefined ? packagedChromium() : { executablePath: installed, env: {} };
}

// Not `chromium-browser`: on Ubuntu it is a script that asks for a snap to be installed.
const names = ['chromium', 'google-chrome-stable', 'google-chrome'];
const programs: readonly string[] = ['Chromium', 'Google Chrome'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);

function installedPlaces(searchPath: string): string[] {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  // A snap sees neither our profile folders nor our files.
  const outsideSnaps = places.filter((place) => !place.startsWith('/snap/'));
  return process.platform === 'darwin' && folders.length > 0 ? [...outsideSnaps, ...programs] : outsideSnaps;
}

export const isPackaged = process.platform === 'linux' && process.arch === 'x64';

const require = createRequire(import.meta.url);
const archives = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'];

/** Chromium from the npm package, unpacked once beside it with the libraries and the typeface that a bare machine lacks. */
async function packagedChromium(): Promise<Chromium> {
  if (!isPackaged) {
    throw new Error(
      'No Chromium was found, and the one that comes by npm is for Linux on x64 only. Install Chromium or Chrome.',
    );
  }
  const package_ = join(dirname(require.resolve('@sparticuz/chromium')), '..');
  const { version } = JSON.parse(readFileSync(join(package_, 'package.json'), 'utf8')) as { version: string };
  const cache = join(package_, '..', '..', '.cache');
  const folder = join(cache, `onrush-chromium-${version}`);
  if (!existsSync(folder)) await unpack(package_, cache, folder);
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      // NSS and expat, which a bare machine lacks.
      LD_LIBRARY_PATH: [process.env.LD_LIBRARY_PATH ?? '', join(folder, 'al2023', 'lib')]
        .filter(Boolean)
        .join(delimiter),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
      // It speaks the machine's language, and of the locale C it makes a language tag that `Intl` refuses.
      LC_ALL: 'en_US.UTF-8',
    },
  };
}

/** Unpacked aside and then renamed: test files that start at once find all of it or nothing. */
async function unpack(package_: string, cache: string, folder: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'onrush-chromium-draft-'));
  try {
    await inflate(package_, draft);
    writeFileSync(join(draft, 'fonts.conf'), fontsOf(folder));
    if (!existsSync(folder)) renameSync(draft, folder);
  } catch (error) {
    // Another process was first.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The package unpacks into the folder for temporary files, which only a process of its own can have elsewhere. */
function inflate(package_: string, into: string): Promise<void> {
  const code = `import { inflate } from ${JSON.stringify(pathToFileURL(require.resolve('@sparticuz/chromium')))};
    await Promise.all(${JSON.stringify(archives.map((name) => join(package_, 'bin', name)))}.map((file) => inflate(file)));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env: { ...process.env, TMPDIR: into },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`Chromium could not be unpacked into ${into}.`));
    });
  });
}

/** The machine's typefaces, and the package's one for machines that have none. */
function fontsOf(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(folder, 'fonts', 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
