import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { outputTypes } from '../../../src/engine/backends/column-types.ts';
import { reductions } from '../../../src/jit/kernel/reductions.ts';

const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

describe('docs/kernels.md', () => {
  const text = read('docs/kernels.md');

  it('names every type of results and every reduction', () => {
    for (const name of [...outputTypes, ...Object.keys(reductions), 'mean'])
      expect(text).to.include(`\`${name}\``);
  });

  it('lists every error code', () => {
    const [, declaration = ''] =
      /type KernelErrorCode =([^;]*);/.exec(read('src/engine/backends/kernel-error.ts')) ?? [];
    const codes = [...declaration.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);
    const listed = [...text.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(codes).to.have.length.greaterThan(5);
    expect(listed).to.deep.equal(codes);
  });
});
