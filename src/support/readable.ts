import { accessSync, constants, readdirSync } from 'node:fs';

/*
 * What may be read here. Under Node's permission model even to ask throws, and what is not allowed is as good as not
 * there.
 */

/** Whether there is such a file or folder, and this process may read it. */
export function isReadable(path: string | URL): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** Names in the folder; none where it cannot be read. */
export function readableNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
