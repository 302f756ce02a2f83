import { expect } from 'chai';
import fc from 'fast-check';
import { readTyped } from '../../../src/cli/repl/typed-symbols.ts';

describe('readTyped', () => {
  const cases: readonly (readonly [typed: string, text: string])[] = [
    ['2·π·r²', '2*pi*r^2'],
    ['6×7 ÷ 2⋅1', '6*7 / 2*1'],
    ['−∞', '-inf'],
    ['x ≤ 1 and x ≥ 0 or x ≠ 2', 'x <= 1 and x >= 0 or x != 2'],
    ['x¹²³ + y⁻¹', 'x^123 + y^-1'],
    ['√2 + √x·y', 'sqrt(2) + sqrt(x)*y'],
    ['√(a² + b²)/2', 'sqrt((a^2 + b^2))/2'],
    ['√f(x)', 'sqrt(f(x))'],
    ['√x² + √x^2', 'sqrt(x^2) + sqrt(x^2)'],
    ['√√16', 'sqrt(sqrt(16))'],
    ['√', 'sqrt()'],
    ['√(', 'sqrt(()'],
    ['τ/2', 'tau/2'],
    ['πr + rπ', 'πr + rπ'],
    ['1 # π²\n+ π // ×', '1 # π²\n+ pi // ×'],
    ['x^2', 'x^2'],
  ];
  for (const [typed, text] of cases) {
    it(typed, () => {
      expect(readTyped(typed).text).to.equal(text);
    });
  }

  it('places spans in what was typed', () => {
    const { text, place } = readTyped('π·√ab²');
    expect(text).to.equal('pi*sqrt(ab^2)');
    const placeOf = (part: string) => {
      const start = text.indexOf(part);
      const { start: from, end } = place(start, start + part.length);
      return 'π·√ab²'.slice(from, end);
    };
    expect(['pi', '*', 'sqrt', 'ab', '^2', 'ab^2'].map(placeOf)).to.deep.equal([
      'π',
      '·',
      '√',
      'ab',
      '²',
      'ab²',
    ]);
    expect(place(text.length, text.length)).to.deep.equal({ start: 6, end: 6 });
  });

  it('takes any text, and leaves what has no signs', () => {
    const unit = fc.constantFrom(
      'π',
      '√',
      '(',
      ')',
      'x',
      '2',
      '^',
      '²',
      ' ',
      '·',
      '#',
      '\n',
      '-',
      '漢',
      '😀',
    );
    const property = fc.property(fc.string({ unit }), (typed) => {
      const { text, place } = readTyped(typed);
      for (let i = 0; i <= text.length; i++) {
        const { start, end } = place(i, Math.min(i + 1, text.length));
        expect(start).to.be.within(0, typed.length);
        expect(end).to.be.within(start, typed.length);
      }
      if (!/[π√²·]/u.test(typed)) expect(text).to.equal(typed);
    });
    fc.assert(property);
  });
});
