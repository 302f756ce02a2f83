/** `docs/security.md` names tests for each promise: they exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { root } from './markdown.ts';

const text = readFileSync(join(root, 'docs/security.md'), 'utf8');
const table = text.slice(text.indexOf('| promise | tested by |'), text.indexOf('## What stands behind it'));
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((row) => row.replace(/\|$/, '').split(' | ').at(-1) ?? '');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

/** Whether a text in code style is a script, a benchmark, or a file or folder of tests. */
function exists(name: string): boolean {
  const [, script, benchmark] = /^npm run ([\w:]+)(?: -- (\w+))?$/.exec(name) ?? [];
  if (script === undefined) return existsSync(join(root, 'test', name));
  return (
    script in scripts && (benchmark === undefined || existsSync(join(root, `bench/${benchmark}.bench.ts`)))
  );
}

describe('docs/security.md', () => {
  it('has tests for each promise, which exist', () => {
    expect(rows).to.have.length.greaterThan(15);
    for (const row of rows) {
      const names = [...row.matchAll(/`([^`]+)`/g)]
        .flatMap(([, name]) => name ?? [])
        .filter((name) => name.includes('/') || name.startsWith('npm') || name === 'differential');
      expect(names, row).to.have.length.greaterThan(0);
      for (const name of names) expect(exists(name), name).to.equal(true);
    }
  });
});
