import { randomBytes } from 'node:crypto';
import {
  access,
  constants,
  type FileHandle,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';

/**
 * Has `write` fill a file so that it is there in full or as it was before: the text goes to a file beside it, reaches the
 * disk, and takes its place by renaming. `path` may be the file that is read meanwhile. Where it is a symbolic link, the
 * file that it leads to is replaced; permissions stay, and the owner where the system lets us; other hard links keep
 * what they had. What is no file, as a device or a pipe, is written to as it is.
 *
 * Rejects with errors of the file system, and with what `write` rejects with; then nothing is left behind.
 */
export async function replaceFile(path: string, write: (target: Writable) => Promise<void>): Promise<void> {
  const existing = await statIfThere(path);
  if (existing !== undefined && !existing.isFile()) {
    await using target = await open(path, 'w');
    await write(target.createWriteStream());
    return;
  }
  const place = await followLinks(path);
  // Renaming asks the folder only.
  if (existing !== undefined) await access(place, constants.W_OK);
  // In the same folder, so that renaming cannot fail for want of room.
  const partial = join(dirname(place), `.exprjit-${randomBytes(8).toString('hex')}.partial`);
  try {
    await using target = await open(partial, 'wx');
    if (existing !== undefined) await liken(target, existing);
    await write(target.createWriteStream({ flush: true }));
    await rename(partial, place);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

interface Ownership {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

async function liken(file: FileHandle, { uid, gid, mode }: Ownership): Promise<void> {
  const own = await file.stat();
  if (own.uid !== uid || own.gid !== gid) {
    // Only root may give files away; for others the file becomes theirs, as with editors.
    await file.chown(uid, gid).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPERM') throw error;
    });
  }
  await file.chmod(mode & 0o777);
}

async function statIfThere(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Where a path leads, also if nothing is there. */
async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  let link: string;
  try {
    link = await readlink(path);
  } catch {
    return path;
  }
  return followLinks(resolve(dirname(path), link));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
