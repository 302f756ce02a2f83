import { expect } from 'chai';
import fc from 'fast-check';
import { fromJSON, toJSON } from '../../src/lang/ast-json.ts';
import { printProgram } from '../../src/lang/ast-printer.ts';
import { CompileError } from '../../src/lang/compile-error.ts';
import { type Dialect, readDialect } from '../../src/lang/dialect.ts';
import { parse } from '../../src/lang/parser.ts';
import type { ReadingOptions } from '../../src/lang/reading.ts';
import { everySwitch as all } from '../support/every-switch.ts';
import { arbitraryProgram } from './arbitrary-program.ts';

const names = Object.keys(all) as (keyof Dialect)[];

function read(source: string, dialect: Dialect, options: ReadingOptions = {}) {
  return parse(source, { limits: undefined, ...options, dialect: readDialect(dialect) });
}

/** How the language writes what the dialect reads. */
function plain(source: string, dialect: Dialect, options?: ReadingOptions): string {
  return printProgram(read(source, dialect, options)).replaceAll('\n', '; ');
}

function errorOf(source: string, dialect: Dialect): CompileError {
  try {
    read(source, dialect);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error(`${source} is no error`);
}

/** By switch: sources, and what they are in the language. */
const meanings: Readonly<Record<keyof Dialect, Readonly<Record<string, string>>>> = {
  implicitProducts: {
    '2x': '2 * x',
    '2(x + 1)': '2 * (x + 1)',
    '(a)(b) c': 'a * b * c',
    '2 x y^2': '2 * x * y^2',
    '-2x^2': '-2 * x^2',
    '1/2*x': '1 / 2 * x',
    '2^3x': '2^3 * x',
    'x[index - 1]y': 'x[index - 1] * y',
    '2sin(x)cos(x)': '2 * sin(x) * cos(x)',
    'f(x) = 2x; f(3)': 'f(x) = 2 * x; f(3)',
    'let y = 2x; 3y': 'let y = 2 * x; 3 * y',
    'x (y)': 'x(y)',
    '2e - 2e3': '2 * e - 2000',
    'if 2a then b else 3c': '2 * a ? b : 3 * c',
    'not 2a == b': '!(2 * a == b)',
  },
  bitOperators: {
    'a & b | c ^ d': 'bitor(bitand(a, b), bitxor(c, d))',
    '~a': 'bitnot(a)',
    '-~a': '-bitnot(a)',
    'a << 2 + 1': 'shl(a, 2 + 1)',
    'a >>> 3 >> 1 << 2': 'shl(shr(ushr(a, 3), 1), 2)',
    'a & 1 == 0': 'bitand(a, 1) == 0',
    'a < b | c': 'a < bitor(b, c)',
    'a ** 2 ^ b': 'bitxor(a^2, b)',
    'a && b || c': 'a && b || c',
    'a<-b': 'a < -b',
  },
  equalSigns: {
    'a = 2': 'a == 2',
    'a <> 2': 'a != 2',
    'a == 2': 'a == 2',
    'f(x) = x + 1; f(2) = 3': 'f(x) = x + 1; f(2) == 3',
    'let a = b = c; a': 'let a = b == c; a',
    'abs(x) = 2': 'abs(x) == 2',
    'Abs(x) = x; Abs(2) = 3': 'Abs(x) = x; Abs(2) == 3',
    'f(x) = 3; f(y) = 2': 'f(x) = 3; f(y) == 2',
    '{ let t = x; f(t) = 2 }': '{ let t = x; f(t) == 2 }',
    'f(x + 1) = 2': 'f(x + 1) == 2',
    'a +\nf(x) = 2': 'a + f(x) == 2',
    'if a = 1 then b else c': 'a == 1 ? b : c',
    '{ let t = a; t = 2 }': '{ let t = a; t == 2 }',
    '(a\n= 1)': 'a == 1',
  },
  postfixOperators: {
    '5!': 'fac(5)',
    '2^3!': '2^fac(3)',
    '-3!': '-fac(3)',
    '3!!': 'fac(fac(3))',
    '(a + b)! / f(x)!': 'fac(a + b) / fac(f(x))',
    '!a': '!a',
    'x!=y': 'x != y',
    'x! == y': 'fac(x) == y',
    '50%': '50 / 100',
    '(a*b)%': 'a * b / 100',
    'a / 50%': 'a / (50 / 100)',
    'max(50%, 2)': 'max(50 / 100, 2)',
    'x % 3': 'x % 3',
    'x % (3)': 'x % 3',
    '50% - 3': '50 / 100 - 3',
    '50%-3': '50 % -3',
    '50 % -3': '50 % -3',
    '50 % - 3': '50 % -3',
    'let a = 50 %\nb\na': 'let a = 50 % b; a',
    '(7 % # seven\n -3)': '7 % -3',
    'max(50%\n, 2)': 'max(50 / 100, 2)',
    'let a = 50 %\n\nlet b = 2\nb': 'let a = 50 / 100; let b = 2; b',
    'let a = 50%\na!': 'let a = 50 / 100; fac(a)',
    '50% * a!': '50 / 100 * fac(a)',
  },
  chainedComparisons: {
    'a < b': 'a < b',
    'a < b < c': 'a < b && b < c',
    '0 <= x < 10 && y': '0 <= x && x < 10 && y',
    'a < -1 < +c': 'a < -1 && -1 < +c',
    'x == y == z || w': 'x == y && y == z || w',
    'not a < b < c': '!(a < b && b < c)',
    'f(x) < g(x) + 1 < c': '{ let side1 = f(x); let side2 = g(x) + 1; side1 < side2 && side2 < c }',
    'a < b + 1 < c + 2 < d':
      '{ let side1 = b + 1; a < side1 && { let side2 = c + 2; side1 < side2 && side2 < d } }',
    '1 < sum(i, 1, 3, i) < SIDE1': '{ let side2 = sum(i, 1, 3, i); 1 < side2 && side2 < SIDE1 }',
    '(a < b) == (c < d)': '(a < b) == (c < d)',
  },
  anyCase: {
    'SIN(X) + Sin(x)': 'sin(X) + sin(X)',
    'LET Total = 2; TOTAL * 2': 'let Total = 2; Total * 2',
    'IF a THEN b ELSE NOT c': 'a ? b : !c',
    'PI + TRUE': 'pi + true',
    'a AND b Or c': 'a && b || c',
    'F(X) = x; f(2)': 'F(X) = X; F(2)',
    'É + é': 'É + É',
  },
  wordOperators: {
    '5 mod 3': '5 % 3',
    'a*b div c * d': 'trunc(a * b / c) * d',
    'a xor b': '!a != !b',
    'a < b xor c < d': '(a < b) != (c < d)',
    'a and b xor !c or d': '(a && b) != !c || d',
    'a xor b xor c': '!(!a != !b) != !c',
    'x mod 2 == 0': 'x % 2 == 0',
    'modulus + x_or': 'modulus + x_or',
  },
};

describe('lang/dialect', () => {
  for (const name of names) {
    it(`reads what the language does not have: ${name}`, () => {
      for (const [source, expected] of Object.entries(meanings[name]))
        expect(plain(source, { [name]: true }), source).to.equal(expected);
    });

    it(`reads what the language has as it does: ${name}`, () => {
      fc.assert(
        fc.property(arbitraryProgram, (program) => {
          // The only sign that a dialect gives another meaning to.
          const source = fromJSON(program).source.text.replaceAll('^', '**');
          // Of two definitions of a function the second would be a comparison, and is an error as it is.
          const functions = program.definitions.filter(({ kind }) => kind === 'function');
          fc.pre(new Set(functions.map((each) => each.name)).size === functions.length);
          expect(toJSON(read(source, { [name]: true }))).to.deep.equal(toJSON(parse(source)));
        }),
        { numRuns: 150 },
      );
    });
  }

  it('is off unless it is asked for', () => {
    for (const name of names) {
      const isRefused = Object.keys(meanings[name]).some((source) => {
        try {
          return printProgram(parse(source)).replaceAll('\n', '; ') !== meanings[name][source];
        } catch {
          return true;
        }
      });
      expect(isRefused, name).to.equal(true);
      expect(plain('a + b', { [name]: false })).to.equal('a + b');
      expect(errorOf('2x', { [name]: false }).code).to.equal('E_MALFORMED_NUMBER');
    }
  });

  it('can have all switches', () => {
    expect(plain('2X! <> 3', all)).to.equal('2 * fac(X) != 3');
    expect(plain('0 < x! < 50%', all)).to.equal('{ let side1 = fac(x); 0 < side1 && side1 < 50 / 100 }');
    expect(plain('2x Mod 3 = y | 1', all)).to.equal('2 * x % 3 == bitor(y, 1)');
    expect(plain('2!x', all)).to.equal('fac(2) * x');
  });

  it('spells names as they are known', () => {
    const options = { parameters: ['Price', 'x', 'X', 'Max'], constants: new Map([['VAT', 0.2]]) };
    const spelled = plain('PRICE * vat + X + x + Sqrt(price) + other + OTHER', { anyCase: true }, options);
    expect(spelled).to.equal('Price * VAT + X + x + sqrt(Price) + other + other');
    expect(plain('MAX(MAX, Mean(x))', { anyCase: true }, options)).to.equal('max(Max, mean(x))');
    expect(plain('Count + COUNT(x)', { anyCase: true })).to.equal('Count + count(x)');
  });

  it('leaves what is wrong wrong', () => {
    expect(errorOf('2 3', { implicitProducts: true }).code).to.equal('E_UNEXPECTED_TOKEN');
    expect(errorOf('f(x y) = 1', { implicitProducts: true }).diagnostics[0]?.message).to.include('`y`');
    expect(errorOf('(a\nb)', { implicitProducts: true }).code).to.equal('E_UNEXPECTED_TOKEN');
    expect(errorOf('a\n(b)', { implicitProducts: true }).code).to.equal('E_EXPRESSION_NOT_LAST');
    expect(errorOf('a = b = c', { equalSigns: true }).code).to.equal('E_CHAINED_COMPARISON');
    expect(errorOf('a & & b', { bitOperators: true }).code).to.equal('E_UNEXPECTED_TOKEN');
    expect(errorOf('! 5 %', {}).code).to.equal('E_UNEXPECTED_END');
    expect(errorOf('0o17 + 0xfg', { implicitProducts: true }).code).to.equal('E_MALFORMED_NUMBER');
    expect(errorOf('1 div 2x', all).message).to.include('behind `div`');
    expect(errorOf('MOD + 1', all).message).to.include('unexpected `MOD`');
    expect(errorOf('x 2', all).message).to.include('a number is the first factor');
    expect(errorOf('x²', { bitOperators: true }).message).to.include('`**2`');
    expect(errorOf('mod = 3', { wordOperators: true }).code).to.equal('E_UNEXPECTED_TOKEN');
  });

  it('keeps to the limits of sources', () => {
    const limits = { tokens: 5 };
    expect(plain('2x', all, { limits })).to.equal('2 * x');
    expect(() => read('2x y z', all, { limits })).to.throw(CompileError, 'tokens');
    expect(errorOf('x!'.padEnd(2000, '!'), all).code).to.equal('E_NESTING');
    expect(errorOf(`${'a<'.repeat(2000)}a`, all).code).to.equal('E_NESTING');
    expect(errorOf(`${'~'.repeat(2000)}a`, all).code).to.equal('E_NESTING');
    expect(() => read('a & b & c', all, { limits: { nodes: 4 } })).to.throw(CompileError, 'nodes');
  });

  it('is written in the language, whatever it is', () => {
    const piece = fc.constantFrom(
      ...'2 x X ( ) [ ] { } , ; = == <> < <= << >> >>> & && | || ~ ^ ** * / % + - ! != ? : let if then else not and or mod div xor sin index'.split(
        ' ',
      ),
      '\n',
      '5!',
      '50%',
      '2x',
      '(a)(b)',
      'f(x) = ',
    );
    const dialects = fc.record(Object.fromEntries(names.map((name) => [name, fc.boolean()])));
    const outcomes = { program: 0, error: 0 };
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, fc.constantFrom('', ' '))), dialects, (pieces, dialect) => {
        const source = pieces.map((pair) => pair.join('')).join('');
        try {
          const program = read(source, dialect);
          outcomes.program++;
          expect(toJSON(parse(printProgram(program)))).to.deep.equal(toJSON(program));
        } catch (error) {
          if (!(error instanceof CompileError)) throw error;
          outcomes.error++;
        }
      }),
      { numRuns: 3000 },
    );
    expect(outcomes.program).to.be.greaterThan(100);
    expect(outcomes.error).to.be.greaterThan(100);
  });

  it('says where things are written', () => {
    const source = ' a < (b) < 2(c + 1)! & ~d';
    const spans: string[] = [];
    JSON.stringify(read(source, all).result, (_, value) => {
      if (typeof value?.kind === 'string')
        spans.push(`${value.kind} ${source.slice(value.start, value.end)}`);
      return value;
    });
    expect(spans).to.deep.equal([
      'and a < (b) < 2(c + 1)! & ~d',
      'comparison a < (b)',
      'name a',
      'name b',
      'comparison (b) < 2(c + 1)! & ~d',
      'name b',
      'call 2(c + 1)! & ~d',
      'product 2(c + 1)!',
      'number 2',
      'call (c + 1)!',
      'sum c + 1',
      'name c',
      'number 1',
      'call ~d',
      'name d',
    ]);
  });

  it('names sides of long sources in no time, and shortly', () => {
    const long = `side${'_'.repeat(90_000)}`;
    expect(plain(`${long}<a+1<2`, all)).to.equal(`{ let side1 = a + 1; ${long} < side1 && side1 < 2 }`);
    expect(errorOf(`${long}<a+1<2 2\n${'a<b+1<2 2\n'.repeat(900)}`, all).diagnostics.length).to.equal(20);
  });

  it('counts the nodes that it makes', () => {
    for (const source of ['5% + a!', 'a*b div c', 'a < b+1 < c', 'a < -b < c', '~a & b xor c', '2x']) {
      // A quotient of a product is one node less.
      const limits = { nodes: 1 };
      JSON.stringify(read(source, all), (_, value) => {
        if (typeof value?.kind === 'string' && value.kind !== 'program') limits.nodes++;
        return value;
      });
      expect(() => read(source, all, { limits: { nodes: limits.nodes - 3 } }), source).to.throw(CompileError);
      expect(() => read(source, all, { limits }), source).not.to.throw();
    }
  });
});
