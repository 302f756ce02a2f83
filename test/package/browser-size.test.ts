import { readFileSync } from 'node:fs';
import { expect } from 'chai';

/** Files that a module imports, at once or later, itself included. */
function filesOf(module: URL, found = new Map<string, number>()): Map<string, number> {
  if (found.has(module.href)) return found;
  const text = readFileSync(module, 'utf8');
  found.set(module.href, text.length);
  for (const [, path] of text.matchAll(/["'](\.{1,2}\/[^"']+\.js)["']/g)) {
    filesOf(new URL(path ?? '', module), found);
  }
  return found;
}

describe('the package for browsers', () => {
  it('is of at most 600 kB, with all that it loads', () => {
    const files = filesOf(new URL('../../dist/browser.js', import.meta.url));
    expect(files.size).to.be.greaterThan(1);
    const size = [...files.values()].reduce((sum, length) => sum + length, 0);
    expect(size).to.be.within(100_000, 600_000);
  });
});
