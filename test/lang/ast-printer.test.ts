import { expect } from 'chai';
import fc from 'fast-check';
import { fromJSON, toJSON } from '../../src/lang/ast-json.ts';
import { printProgram } from '../../src/lang/ast-printer.ts';
import { parse } from '../../src/lang/parser.ts';
import { seedFromEnvironment } from '../support/random.ts';
import { arbitraryProgram } from './arbitrary-program.ts';

describe('lang/ast-printer', () => {
  const cases: readonly (readonly [source: string, printed: string])[] = [
    ['1+2*3', '1 + 2 * 3'],
    ['(1+2)*3', '(1 + 2) * 3'],
    ['((a+b))+c', 'a + b + c'],
    ['a-(b-c)', 'a - (b - c)'],
    ['(a*b)/(c*d)', 'a * b / (c * d)'],
    ['(-3)^2', '(-3)^2'],
    ['-(3^2)', '-3^2'],
    ['2^(-x)', '2^-x'],
    ['(2^3)^2', '(2^3)^2'],
    ['2^(3^2)', '2^3^2'],
    ['- - + x', '--+x'],
    ['a - -b', 'a - -b'],
    ['not (a < b)', '!(a < b)'],
    ['not a and (b or c)', '!a && (b || c)'],
    ['(a < b) == (c < d)', '(a < b) == (c < d)'],
    ['(a ? b : c) ? (d ? e : f) : (g ? h : i)', '(a ? b : c) ? d ? e : f : g ? h : i'],
    ['1 + (if a then b else c)', '1 + (a ? b : c)'],
    ['f((a), (b ? c : d))', 'f(a, b ? c : d)'],
    ['({ let a = (1)\n a })^2', '{ let a = 1; a }^2'],
    ['f ( x,y )=(x)\n;;let k=1;f(k , 2)', 'f(x, y) = x\nlet k = 1\nf(k, 2)'],
    ['0x10 + 1_000.50 + 1e21 + 1e-7', '16 + 1000.5 + 1e+21 + 1e-7'],
  ];
  for (const [source, printed] of cases) {
    it(`prints ${JSON.stringify(source)} as ${JSON.stringify(printed)}`, () => {
      expect(printProgram(parse(source))).to.equal(printed);
    });
  }

  const seed = seedFromEnvironment();

  it(`prints what parses to the same tree (SEED=${seed})`, () => {
    fc.assert(
      fc.property(arbitraryProgram, (json) => {
        expect(toJSON(fromJSON(json))).to.deep.equal(normalized(json));
      }),
      { seed, numRuns: 1000 },
    );
  });

  it(`has no brackets to spare (SEED=${seed})`, () => {
    fc.assert(
      fc.property(arbitraryProgram, (json) => {
        const printed = printProgram(fromJSON(json));
        const expected = toJSON(parse(printed));
        for (const [start, end] of bracketPairs(printed)) {
          const without = `${printed.slice(0, start)} ${printed.slice(start + 1, end)} ${printed.slice(end + 1)}`;
          expect(() => {
            expect(toJSON(parse(without))).to.deep.equal(expected);
          }, `${printed}\nis also\n${without}`).to.throw();
        }
      }),
      { seed, numRuns: 150 },
    );
  });
});

/** Names in their composed form. */
function normalized<T>(json: T): T {
  return JSON.parse(JSON.stringify(json).normalize('NFC')) as T;
}

/** Offsets of the brackets that group, not of those that hold arguments or parameters. */
function bracketPairs(source: string): [start: number, end: number][] {
  const pairs: [number, number][] = [];
  const open: number[] = [];
  for (const [offset, character] of [...source].entries()) {
    if (character === '(') open.push(offset);
    if (character !== ')') continue;
    const start = open.pop() ?? 0;
    if (!/[\p{ID_Continue}_]$/u.test(source.slice(0, start))) pairs.push([start, offset]);
  }
  return pairs;
}
