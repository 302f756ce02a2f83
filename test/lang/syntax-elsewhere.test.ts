import { expect } from 'chai';
import { compileError, prepare } from './evaluate.ts';

/** By a piece of what is said: sources that other languages have. */
const habits: Readonly<Record<string, readonly string[]>> = {
  '`!=`': ['x <> 1', 'a<>b'],
  '`a * 2^n`': ['x << 2'],
  '`floor(a / 2^n)`': ['x >> 2'],
  '`fac(n)`': ['n!', '(n + 1)!'],
  '`50 / 100`': ['50%', 'f(x) = x; f(5%)'],
  '`1_000`': ['1,000', '2 + 12,345'],
  '`if a then b else c`': ['if(x, 1, 2)', '1 + (if (x > 1, (1 + 2), 3))'],
  '`//`': ['/* note */ x', 'x + /* note */ 1'],
  '`%`': ['5 mod 3', '5 rem 3', 'a MOD b'],
  '`trunc(a / b)`': ['7 div 2'],
  '`bitxor(a, b)`': ['a xor b'],
  '`==`': ['x is 5'],
  '`sin(3)`': ['sin 3'],
  '`abs(x)`': ['1 + abs x'],
};

describe('lang/syntax-elsewhere', () => {
  for (const [hint, sources] of Object.entries(habits)) {
    for (const source of sources) {
      it(`says ${hint} to ${source}`, () => {
        expect(compileError(source).diagnostics[0]?.hint).to.include(hint);
      });
    }
  }

  it('proposes what compiles', () => {
    for (const source of [
      'a * 2^n',
      'floor(a / 2^n)',
      'fac(n)',
      '50 / 100',
      '1_000',
      'if a > 0 then b else c',
    ])
      expect(() => prepare(source), source).not.to.throw();
  });

  it('leaves other mistakes to others', () => {
    for (const source of ['max(1,,2)', '(1, 2)', 'x y', '3 4', '* 2', 'x < < 1'])
      expect(compileError(source).diagnostics[0]?.hint ?? '', source).to.not.match(
        /fac|percentage|grouped|conditional is|stands in brackets|shift/,
      );
  });
});
