import { expect } from 'chai';
import { type CompileError, Engine } from '../../src/index.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { randomProgram } from '../support/random-program.ts';
import { printSource } from '../support/random-program-source.ts';

const seed = seedFromEnvironment();
const dist = new URL('../../dist/index.js', import.meta.url).href;

/** The tree of a source, or what is wrong with it. */
function read(engine: Engine, source: string): string {
  try {
    return engine.explain(source).ast;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'CompileError')) throw error;
    return (error as CompileError).render();
  }
}

describe('the parser in the package', () => {
  // There it is made of the parts of chevrotain that parse, see scripts/chevrotain-runtime.mjs.
  it(`reads and refuses what the sources do (SEED=${seed})`, async () => {
    const packaged = ((await import(dist)) as { Engine: typeof Engine }).Engine;
    using ours = new Engine({ backend: 'interpreter' });
    using theirs = new packaged({ backend: 'interpreter' });
    const random = new Random(seed);
    for (let i = 0; i < 60; i++) {
      const source = printSource(
        randomProgram(random, { size: 30, definitions: 3, loops: true, hosts: false }),
      );
      const at = random.integer(0, source.length);
      const cut = source.slice(0, at) + source.slice(random.integer(at, Math.min(source.length, at + 8)));
      for (const text of [source, cut]) expect(read(theirs, text), text).to.equal(read(ours, text));
    }
  });
});
