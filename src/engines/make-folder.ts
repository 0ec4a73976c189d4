import { chmodSync, existsSync, mkdirSync } from 'node:fs';

/** Makes a folder with exactly this mode, whatever the umask. One that is there already is left as it is. */
export function makeFolder(path: string, mode: number): void {
  if (existsSync(path)) {
    // Complains when it is not a folder.
    mkdirSync(path, { recursive: true });
    return;
  }
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode);
}
