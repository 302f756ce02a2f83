/**
 * The declarations of the package: those that its doors need, and no others.
 *
 * The sources import `.ts` files and so do the declarations that TypeScript makes of them; compilers older than ours
 * expect the names that the files have at run time.
 */
import { spawnSync } from 'node:child_process';
import { readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { compactEncodings } from './encoding-declarations.mjs';

const doors = [
  ...['index.d.ts', 'browser.d.ts', 'ir.d.ts'],
  ...['arrow/index.d.ts', 'jit/index.d.ts', 'mem/index.d.ts'],
];
/** What opens a module and documents none of its declarations: it says how the module works, to who reads the sources. */
const header = /^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?=import |\/\*\*)/;
/** With the space in front and the end of the line. */
const comment = /[ \t]*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n?/g;
const relativeImport = /((?:from|import) ?\(?'(\.{1,2}\/[^']+))\.ts'/g;

/** Writes them to the folder `types`. Throws if the sources do not check, but not before. */
export async function writeDeclarations(root, types) {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(
    process.execPath,
    [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', types],
    { stdio: 'inherit' },
  );
  const needed = new Set(doors.map((door) => join(types, door)));
  /** The doors, and what they name: editors show what these say. */
  const shown = new Set(needed);
  const doorCount = needed.size;
  let read = 0;
  for (const file of needed) {
    const text = await readFile(file, 'utf8');
    const isDoor = read++ < doorCount;
    for (const [, , path] of text.matchAll(relativeImport)) {
      const imported = join(dirname(file), `${path}.d.ts`);
      needed.add(imported);
      if (isDoor) shown.add(imported);
    }
    const isTable = dirname(file).endsWith(join('x64', 'encodings'));
    const said = shown.has(file) ? text.replace(header, '') : text.replace(comment, '');
    const own = isTable ? compactEncodings(said) : said;
    await writeFile(file, own.replace(relativeImport, "$1.js'"));
  }
  const entries = await readdir(types, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !needed.has(path)) await rm(path);
  }
  // The deepest first, so that folders of empty folders are empty.
  const folders = entries
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name));
  for (const folder of folders.sort((left, right) => right.length - left.length)) {
    if ((await readdir(folder)).length === 0) await rmdir(folder);
  }
  if (status !== 0) throw new Error('the sources do not check');
}
