import { expect } from 'chai';
import { type Builtin, builtinConstants, builtins } from '../../src/lang/builtins.ts';
import { elementAt } from '../../src/support/element.ts';
import { fusedMultiplyAdd } from '../../src/support/float.ts';
import { errorInUlps, trueValue } from '../support/oracle.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { specialValues } from '../support/special-values.ts';
import { sameBits } from '../support/ulp.ts';
import { evaluate, prepare } from './evaluate.ts';

const seed = seedFromEnvironment();
const rounds = 400;

/** The table's definition as a function; `fma` is the one that JavaScript cannot write. */
function definitionOf({ name, parameters, definition }: Builtin): (...args: number[]) => number {
  if (name === 'fma') return fusedMultiplyAdd;
  const evaluateDefinition = new Function(...parameters, `return ${definition}`);
  return (...args) => Number(evaluateDefinition(...args));
}

function arities({ minArity, maxArity }: Builtin): number[] {
  return maxArity === minArity ? [minArity] : [1, 2, 3, 5];
}

/** All special values in each place, and random arguments. */
function* argumentLists(random: Random, arity: number): Iterable<number[]> {
  for (const value of specialValues) {
    for (let place = 0; place < arity; place++) {
      yield Array.from({ length: arity }, (_, index) => (index === place ? value : random.double()));
    }
  }
  for (let round = 0; round < rounds; round++) yield Array.from({ length: arity }, () => random.double());
}

describe('lang/builtins', () => {
  for (const builtin of builtins.values()) {
    if (builtin.emit === undefined || builtin.precision !== 'exact') continue;
    it(`${builtin.name} is its definition, bit for bit (SEED=${seed})`, () => {
      const random = new Random(seed);
      const definition = definitionOf(builtin);
      for (const arity of arities(builtin)) {
        const names = Array.from({ length: arity }, (_, index) => `p${index}`);
        const run = prepare(`${builtin.name}(${names.join(', ')})`, { parameters: names });
        for (const args of argumentLists(random, arity)) {
          const actual = Number(run(...args));
          const expected = definition(...args);
          if (!sameBits(actual, expected)) {
            expect.fail(`${builtin.name}(${args.join(', ')}) is ${actual}, not ${expected}`);
          }
        }
      }
    });
  }

  it(`hypot is within 1 ulp of the truth (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (const arity of [1, 2, 3, 4, 7]) {
      const names = Array.from({ length: arity }, (_, index) => `p${index}`);
      const run = prepare(`hypot(${names.join(', ')})`, { parameters: names });
      for (let round = 0; round < rounds / 4; round++) {
        // Of like magnitude, so that all count: that is where errors add up.
        const magnitude = 2 ** random.integer(-1070, 1020);
        const args = names.map(() => (random.fraction() - 0.5) * magnitude);
        const truth = trueValue('hypot', args);
        if (truth === undefined) continue;
        const actual = Number(run(...args));
        const error = errorInUlps(actual, truth);
        if (error > 1) expect.fail(`hypot(${args.join(', ')}) is ${actual}: off by ${error} ulp`);
      }
    }
  });

  it('hypot has the special cases of Math.hypot', () => {
    const special = [0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const run = prepare('hypot(a, b, c)', { parameters: ['a', 'b', 'c'] });
    for (const a of special) {
      for (const b of special) {
        for (const c of special) {
          if ([a, b, c].filter((x) => x === 1).length > 1) continue;
          expect(run(a, b, c), `${a}, ${b}, ${c}`).to.satisfy((x: number) =>
            Object.is(x, Math.hypot(a, b, c)),
          );
        }
      }
    }
    expect(run(3 * 2 ** 1000, 4 * 2 ** 1000, 12 * 2 ** 1000)).to.equal(13 * 2 ** 1000);
    expect(run(3 * 2 ** -1070, -4 * 2 ** -1070, 12 * 2 ** -1070)).to.equal(13 * 2 ** -1070);
    expect(evaluate('hypot(3, -4)')).to.equal(5);
    expect(run(5e-324, 0, -0)).to.equal(5e-324);
  });

  it('count a boolean as 0 or 1', () => {
    expect(evaluate('max(true, 0.5) + abs(false) + bitor(true, 2 > 1)')).to.equal(2);
    expect(evaluate('isnan(true) || isfinite(false)')).to.equal(true);
  });

  it('give booleans only where they are predicates', () => {
    const predicates = [...builtins.values()].filter(({ type }) => type === 'bool').map(({ name }) => name);
    expect(predicates).to.deep.equal(['isnan', 'isfinite', 'isnull']);
  });

  it('name a section of the standard each, and what JavaScript has by its name there', () => {
    for (const { name, reference, summary, definition } of builtins.values()) {
      expect(reference, name).to.match(/^(C23 |DLMF )?\d+(\.\d+)+$/);
      expect(summary, name).to.match(/\.$/);
      expect(definition, name).not.to.equal('');
    }
  });

  it('have everything numeric of Math that is pure', () => {
    const impure = ['random'];
    const newer = ['f16round', 'sumPrecise'];
    const names = Object.getOwnPropertyNames(Math).filter(
      (name) => typeof Math[name as keyof Math] === 'function' && ![...impure, ...newer].includes(name),
    );
    expect(names.filter((name) => !builtins.has(name))).to.deep.equal([]);
  });

  it('have the constants of the language', () => {
    expect([...builtinConstants]).to.deep.equal([
      ['pi', Math.PI],
      ['e', Math.E],
      ['tau', 2 * Math.PI],
      ['inf', Number.POSITIVE_INFINITY],
      ['nan', Number.NaN],
      ['true', true],
      ['false', false],
    ]);
  });

  describe('loops', () => {
    const reference =
      (start: number, combine: (r: number, x: number) => number) => (a: number, b: number) => {
        let result = start;
        for (let k = 0, n = Math.floor(b - a) + 1; k < n; k++) result = combine(result, (a + k) * 0.5 + 1);
        return result;
      };
    const bounds = [0, -0, 1, 2.5, -3, 10, 10.999, 1e16, Number.NaN, Number.NEGATIVE_INFINITY];
    for (const [name, expected] of [
      ['sum', reference(0, (r, x) => r + x)],
      ['prod', reference(1, (r, x) => r * x)],
    ] as const) {
      it(`${name} is its definition`, () => {
        const run = prepare(`${name}(i, a, b, i * 0.5 + 1)`, { parameters: ['a', 'b'] });
        for (const a of bounds) {
          for (const b of bounds) {
            if (Math.floor(b - a) > 1e4) continue;
            expect(run(a, b), `${a}, ${b}`).to.satisfy((x: number) => Object.is(x, expected(a, b)));
          }
        }
      });
    }

    it('end where a counter cannot grow by one', () => {
      expect(evaluate('sum(i, 2^53, 2^53 + 4, 1)')).to.equal(5);
    });

    it('run out of fuel where they do not end', () => {
      for (const source of ['sum(i, 1, 1e18, i)', 'sum(i, 1, inf, i)', 'prod(i, -inf, 0, i)']) {
        expect(() => evaluate(source), source)
          .to.throw()
          .with.property('code', 'E_FUEL');
      }
    });

    it('nest, and see what is around them', () => {
      expect(evaluate('sum(i, 1, 3, sum(j, i, 3, i * j * x))', [2])).to.equal(50);
      expect(evaluate('sum(i, 1, 3, i) + i', [100])).to.equal(106);
      expect(evaluate('{ let i = 7; sum(i, i, i + 1, i) + i }')).to.equal(22);
    });
  });

  it('take any number of arguments where the table says so', () => {
    const variadic = [...builtins.values()].filter(({ maxArity }) => maxArity === Number.POSITIVE_INFINITY);
    expect(variadic.map(({ name }) => name).sort()).to.deep.equal(['avg', 'coalesce', 'hypot', 'max', 'min']);
    for (const { name, parameters } of variadic) {
      expect(elementAt(parameters, 0)).to.match(/^\.\.\./);
      expect(evaluate(`${name}(7)`)).to.equal(7);
    }
  });
});
