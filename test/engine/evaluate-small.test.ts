import { expect } from 'chai';
import { evaluateSmall } from '../../src/engine/evaluate-small.ts';
import { CompileError, Engine, TrapError } from '../../src/index.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { randomProgram } from '../support/random-program.ts';
import { printSource } from '../support/random-program-source.ts';

const seed = seedFromEnvironment();

describe('engine/evaluate-small', () => {
  it('evaluates formulas with and without arguments', () => {
    expect(evaluateSmall('1 + 1', [], [])).to.equal(2);
    expect(evaluateSmall('x*x + y', ['x', 'y'], [3, 4])).to.equal(13);
    expect(evaluateSmall('f(x) = x < 1 ? 0 : 1 + f(x - 1); f(9) == 9', [], [])).to.equal(true);
    expect(evaluateSmall('-0', [], [])).to.equal(-0);
    expect(evaluateSmall('sin(0.5)', [], [])).to.equal(new Engine().compile('sin(0.5)', [])());
  });

  it('leaves to engines what fails, and what may', () => {
    const sources = [
      '1 +',
      'x + 1',
      'let a = 1',
      '',
      `${'1 + '.repeat(200)}1`,
      'sum(i, 1, 1e6, i)',
      'f(n) = 1 + f(n); f(0)',
      'f(n) = n < 1 ? 0 : 1 + f(n - 1); f(100)',
    ];
    for (const source of sources) expect(evaluateSmall(source, [], []), source).to.equal(undefined);
    expect(evaluateSmall('1', ['let'], [1])).to.equal(undefined);
  });

  it('leaves to engines what somebody wants to see', () => {
    for (const name of ['EXPRJIT_DEBUG', 'EXPRJIT_PERF']) {
      process.env[name] = 'map';
      try {
        expect(evaluateSmall('1 + 1', [], [])).to.equal(undefined);
      } finally {
        delete process.env[name];
      }
    }
  });

  it(`gives what engines give, or nothing (SEED=${seed})`, () => {
    const random = new Random(seed);
    using engine = new Engine();
    let answers = 0;
    for (let i = 0; i < 400; i++) {
      const source = printSource(
        randomProgram(random, { size: 12, definitions: 2, loops: i % 2 === 0, hosts: false }),
      );
      const args = Array.from({ length: 9 }, () => random.integer(-9, 9) / 4);
      try {
        using f = engine.compile(source);
        const answer = evaluateSmall(source, f.parameters, args.slice(0, f.parameters.length));
        if (answer === undefined) continue;
        answers++;
        const value = f(...args);
        expect(answer, source).to.deep.equal(f.resultType === 'boolean' ? value !== 0 : value);
      } catch (error) {
        if (!(error instanceof CompileError) && !(error instanceof TrapError)) throw error;
      }
    }
    expect(answers).to.be.above(40);
  });
});
