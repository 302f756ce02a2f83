import { expect } from 'chai';
import { KernelError } from '../../src/engine/backends/kernel-error.ts';
import { Engine } from '../../src/engine/engine.ts';
import type { EngineOptions } from '../../src/engine/engine-options.ts';
import { TrapError } from '../../src/jit/ir/trap-error.ts';
import { CompileError } from '../../src/lang/compile-error.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { hostArity } from '../support/random-program.ts';
import { hostileSource } from './hostile-source.ts';

const sourceCount = 1_250;

/** Every host function is there, and calls take little enough that a source cannot hold up the test. */
const options: EngineOptions = {
  limits: { fuel: 20_000 },
  functions: Object.fromEntries(
    Object.entries(hostArity).map(([name, arity]) => [name, { arity, call: () => 0.5 }]),
  ),
};

describe('hostile sources', () => {
  const seed = seedFromEnvironment();

  for (const backend of ['native', 'wasm', 'interpreter'] as const) {
    it(`give CompileErrors and TrapErrors, and nothing else: ${backend} (SEED=${seed})`, () => {
      const random = new Random(seed);
      using engine = new Engine({ ...options, backend });
      const outcomes = { result: 0, compileError: 0, trap: 0 };
      for (let index = 0; index < sourceCount; index++) {
        const source = hostileSource(random);
        try {
          outcomes[tryOut(engine, source, random)]++;
        } catch (error) {
          throw new Error(`at ${JSON.stringify(source.slice(0, 2000))}`, { cause: error });
        }
      }
      expect(outcomes.result).to.be.greaterThan(sourceCount / 100);
      expect(outcomes.compileError).to.be.greaterThan(sourceCount / 4);
      expect(engine.statistics().functionCount).to.equal(0);
      expect(engine.compile('x + 1', ['x'])(2)).to.equal(3);
    });
  }

  it('give a CompileError of their own for each limit', () => {
    using engine = new Engine();
    for (const [source, code] of [
      [' '.repeat(200_000), 'E_LENGTH'],
      ['x+'.repeat(25_001), 'E_TOKENS'],
      [`${'('.repeat(10_000)}x${')'.repeat(10_000)}`, 'E_NESTING'],
      [`${'-'.repeat(10_000)}x`, 'E_NESTING'],
      [`${'x ? 1 : '.repeat(1_000)}2`, 'E_NESTING'],
    ] as const) {
      expect(() => engine.compile(source), code)
        .to.throw(CompileError)
        .with.property('code', code);
    }
    expect(engine.compile(`1${'+1'.repeat(9_999)}`)()).to.equal(10_000);
  });
});

/** Compiles and, if that works, calls; the error's place must lie in the source, and its text must be printable. */
function tryOut(engine: Engine, source: string, random: Random): 'result' | 'compileError' | 'trap' {
  let compiled: ReturnType<Engine['compile']>;
  try {
    compiled = engine.compile(source);
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    for (const { start, end, line, column } of error.diagnostics) {
      expect(start, 'start').to.be.within(0, source.length);
      expect(end, 'end').to.be.within(start, source.length);
      expect(line, 'line').to.be.greaterThan(0);
      expect(column, 'column').to.be.greaterThan(0);
    }
    expect(error.render()).to.include(String(error.line));
    return 'compileError';
  }
  try {
    const args = compiled.parameters.map(() => random.double());
    expect(compiled(...args)).to.be.a('number');
    return 'result';
  } catch (error) {
    // `min(x)` is that of a whole column, where a source loses an argument.
    const isOfRows = error instanceof KernelError && error.code === 'E_ROWS_ONLY';
    if (!(error instanceof TrapError) && !isOfRows) throw error;
    return 'trap';
  } finally {
    compiled.release();
  }
}
