import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compares `text` with the golden file at `path`, relative to the package root or absolute. With `BLESS=1` in the
 * environment the file is written instead, for its author to look at the difference before committing.
 */
export function expectGolden(path: string, text: string): void {
  const file = isAbsolute(path) ? path : `${root}${path}`;
  if (process.env['BLESS'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  const name = relative(root, file);
  const hint = `${name} differs. If the new output is right, bless it: BLESS=1 npx mocha <this test>, and look at git diff`;
  expect(text, hint).to.equal(readGolden(file, name));
}

function readGolden(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${name} does not exist. Create it: BLESS=1 npx mocha <this test>`, { cause });
  }
}
