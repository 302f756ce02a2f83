import { expect } from 'chai';
import { printModule } from '../../src/jit/ir/printer.ts';
import { check } from '../../src/lang/checker.ts';
import type { Environment } from '../../src/lang/environment.ts';
import { lower } from '../../src/lang/lower.ts';
import { parse } from '../../src/lang/parser.ts';
import { expectGolden } from '../support/golden.ts';
import { evaluate, prepare } from './evaluate.ts';

function ir(source: string, environment?: Environment): string {
  return printModule(lower(check(parse(source), environment)));
}

describe('lang/lower', () => {
  const golden: readonly (readonly [file: string, source: string])[] = [
    ['arithmetic', 'let r = sqrt(x*x + y*y)\n-r % 3 / (true + 1) - r^-2'],
    ['conditional', 'x < 0 || x > 10 && !(y == 3) ? 1 : y'],
    ['logical-value', 'x < 1 && y && z > 2'],
    ['loop', 'sum(i, 1, n, i^2) + prod(k, 1, 3, k)'],
    ['functions', 'let k = 3\nfact(n) = n <= 1 ? 1 : n * fact(n - 1)\nscale(x) = k * x * q\nscale(fact(5))'],
    ['predicate', 'even(n) = n == 0 || odd(n - 1)\nodd(n) = n != 0 && even(n - 1)\neven(10)'],
  ];
  for (const [file, source] of golden) {
    it(`makes IR of ${file}`, () => {
      expectGolden(`test/lang/golden/lower/${file}.txt`, `${source}\n----\n${ir(source)}`);
    });
  }

  const cases: readonly (readonly [source: string, value: number | boolean, ...args: number[]])[] = [
    ['1 + 2 * 3', 7],
    ['10 - 2 - 3', 5],
    ['2^3^2', 512],
    ['-3^2', -9],
    ['7 % 4 * 2', 6],
    ['-7 % 4', -3],
    ['x / 0', Number.NEGATIVE_INFINITY, -1],
    ['0 * -1', -0],
    // Booleans count as 0 and 1, numbers are true unless 0 or NaN.
    ['true + true', 2],
    ['-true', -1],
    ['+(1 < 2)', 1],
    ['(1 < 2) == true', true],
    ['(1 < 2) + 0.5 < 2', true],
    ['!0', true],
    ['!nan', true],
    ['!-inf', false],
    ['!5e-324', false],
    ['nan ? 1 : 2', 2],
    ['-0 ? 1 : 2', 2],
    ['0.1 && 2', true],
    ['0 || nan', false],
    ['true ? false : 1', 0],
    ['true ? 1 < 2 : false', true],
    ['1 < 2 ? 3 < 4 : 5', 1],
    ['not 1 > 2 and not false', true],
    ['nan == nan', false],
    ['nan != nan', true],
    ['0 == -0', true],
    // What is skipped is not evaluated.
    ['x > 0 && f(x) || true', true, -1],
    // Lets and blocks.
    ['let a = 2; let b = a * a; a + b', 6],
    ['{ let a = 1; { let a = a + 1; a } + a }', 3],
    ['let a = 1; { let a = 5; a } + a', 6],
    ['{ let t = 3 > 2; t }', true],
    ['{ let t = 3 > 2; t + t }', 2],
    // Functions.
    ['f(x) = x + 1; f(f(1))', 3],
    ['f() = 4; f() * f()', 16],
    ['fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2); fib(12)', 144],
    ['even(n) = n == 0 || odd(n - 1); odd(n) = n != 0 && even(n - 1); even(7)', false],
    ['g(x) = f(x) * 2; f(x) = x + 1; g(3)', 8],
    ['f(pi) = pi * 2; f(4)', 8],
    ['f(max) = max(max, 2); f(1)', 2],
    ['f(b) = b; f(2 < 3)', 1],
    ['main(x) = x + 1; main(2)', 3],
    // Values from outside of a function.
    ['let k = 3; f(x) = g(x) + 1; g(x) = x * k * q; f(2)', 61, 10],
    ['let t = 1 < 2; f() = t; f()', true],
    ['f(n) = n <= 0 ? 0 : step + f(n - 1); let step = 5; f(4)', 20],
    ['f(x) = x + y; sum(i, 1, 3, f(i))', 36, 10],
  ];
  for (const [source, value, ...args] of cases) {
    it(`${source} is ${Object.is(value, -0) ? '-0' : value}`, () => {
      const text = source.includes('f(x) ||') ? `f(n) = f(n + 1) + 1; ${source}` : source;
      expect(evaluate(text, args)).to.satisfy((actual: unknown) => Object.is(actual, value));
    });
  }

  it('skips host calls that do not count, and makes the others from left to right', () => {
    const calls: string[] = [];
    const note = (name: string, value: number) => (x: number) => {
      calls.push(`${name}${x}`);
      return value;
    };
    const functions = { yes: note('yes', 1), no: note('no', 0) };
    const run = (source: string) => {
      calls.length = 0;
      const value = evaluate(source, [], { functions });
      return [value, calls.join(' ')];
    };
    expect(run('yes(1) || yes(2)')).to.deep.equal([true, 'yes1']);
    expect(run('no(1) || no(2) || yes(3) || no(4)')).to.deep.equal([true, 'no1 no2 yes3']);
    expect(run('yes(1) && no(2) && yes(3)')).to.deep.equal([false, 'yes1 no2']);
    expect(run('no(1) ? yes(2) : yes(3)')).to.deep.equal([1, 'no1 yes3']);
    expect(run('if yes(1) && !no(2) then yes(3) else no(4)')).to.deep.equal([1, 'yes1 no2 yes3']);
    expect(run('yes(1) - yes(2) * yes(3) ^ yes(4)')).to.deep.equal([0, 'yes1 yes2 yes3 yes4']);
    expect(run('max(yes(1), no(2)) < hypot(yes(3))')).to.deep.equal([false, 'yes1 no2 yes3']);
    expect(run('sum(i, yes(1), 2 + yes(2), yes(i + 2))')).to.deep.equal([3, 'yes1 yes2 yes3 yes4 yes5']);
    expect(run('let a = yes(1); let b = no(2); b + a + a')).to.deep.equal([2, 'yes1 no2']);
    expect(run('(no(1) && yes(2)) + (yes(3) || no(4))')).to.deep.equal([1, 'no1 yes3']);
  });

  it('passes hosts of any arity their arguments', () => {
    const functions = {
      zero: () => 7,
      three: (a: number, b: number, c: number) => a * 100 + b * 10 + c,
    };
    expect(evaluate('three(1, 2, zero()) + zero()', [], { functions })).to.equal(134);
  });

  it('gives constants and variables of the environment their values', () => {
    const constants = new Map<string, number | boolean>([
      ['g', 9.81],
      ['debug', true],
    ]);
    const variables = new Map<string, number | boolean>([['r', 2]]);
    expect(evaluate('debug ? g * r : 0', [], { constants, variables })).to.equal(19.62);
    expect(evaluate('let r = 3; r', [], { variables })).to.equal(3);
    expect(evaluate('g', [1], { constants, parameters: ['g'] })).to.equal(1);
  });

  it('adds what the surroundings provide to the parameters, if it is used', () => {
    const provided = ['index', 'length'];
    const used = check(parse('x + length'), { provided });
    expect(used.parameters.map(({ name }) => name)).to.deep.equal(['x', 'length']);
    expect(used.providedCount).to.equal(1);
    expect(check(parse('x'), { provided }).providedCount).to.equal(0);
    expect(prepare('length * 10 + index', { provided })(1, 2)).to.equal(21);
    expect(evaluate('f(x) = x + index; f(1)', [5], { provided })).to.equal(6);
    expect(evaluate('let index = 3; index', [], { provided })).to.equal(3);
  });

  it('finds functions in libraries', () => {
    const library = [
      parse('f(x) = x + 1; unused(x) = nowhere(x)'),
      parse('let r = 1; f(x) = g(x) * 10; g(x) = x + r'),
    ];
    const variables = new Map([['r', 5]]);
    expect(evaluate('f(1)', [], { library, variables, parameters: [] })).to.equal(60);
    expect(evaluate('g(x) = x; f(1)', [], { library, variables, parameters: [] })).to.equal(10);
    const names = check(parse('f(1)'), { library, variables, parameters: [] }).functions.map(
      ({ name }) => name,
    );
    expect(names.sort()).to.deep.equal(['f', 'g']);
  });

  it('makes the same IR each time', () => {
    const source = 'f(x) = x > 0 ? f(x - 1) : sum(i, 1, 2, i); f(3)';
    expect(ir(source)).to.equal(ir(source));
  });
});
