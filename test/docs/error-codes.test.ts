import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join('src', file), 'utf8'));

/** Codes as they are written in the sources of TypeScript. */
const codes = new Set(sources.flatMap((text) => text.match(/(?<=')[EW]_[A-Z_]+(?=')/g) ?? []));

describe('error codes', () => {
  it('are spelt alike and documented, all of them', () => {
    const documentation =
      readFileSync('docs/embedding.md', 'utf8') + readFileSync('docs/language.md', 'utf8');
    expect(codes.size).to.be.greaterThan(40);
    for (const code of codes) expect(documentation).to.include(`\`${code}\``);
  });

  it('have no other spelling in classes that carry one', () => {
    for (const text of sources) {
      for (const [, code] of text.matchAll(/new [A-Z]\w*Error\(\s*'([^']*)'/g)) {
        // A message has blanks, and a place in JSON begins with a dollar.
        expect(code).to.match(/^E_[A-Z_]+$|\s|^[$]/);
      }
    }
  });
});
