import { expect } from 'chai';
import { tokenize } from '../../src/lang/lexer.ts';
import { defaultLimits } from '../../src/lang/limits.ts';
import { SourceText } from '../../src/lang/source-text.ts';
import { compileError } from './evaluate.ts';

/** Kinds and images, with separators as `;`. */
function tokens(text: string): string {
  return tokenize(new SourceText(text), defaultLimits)
    .map(({ tokenType, image }) => (tokenType.name === 'Separator' ? ';' : `${tokenType.name}:${image}`))
    .join(' ');
}

function images(text: string): string {
  return tokenize(new SourceText(text), defaultLimits)
    .map(({ tokenType, image }) => (tokenType.name === 'Separator' ? ';' : image))
    .join(' ');
}

describe('lang/lexer', () => {
  it('tells words of the language from names that begin with them', () => {
    expect(tokens('if iffy then thenar else elsewhere let letter not notion and android or order')).to.equal(
      'If:if Name:iffy Then:then Name:thenar Else:else Name:elsewhere Let:let Name:letter Not:not Name:notion And:and Name:android Or:or Name:order',
    );
  });

  for (const number of '0 7 42 1_000 1.5 1. .5 1.5e3 1E+3 2e-3 1_0.0_1e1_0 0x0 0xFF 0XfF_00 0b101 0B1_0'.split(
    ' ',
  )) {
    it(`reads the number ${number}`, () => {
      expect(tokens(number)).to.equal(`Number:${number}`);
    });
  }

  it('reads operators greedily', () => {
    expect(images('a**b*c<=d<e==f!=g&&!h||i^j')).to.equal('a ** b * c <= d < e == f != g && ! h || i ^ j');
  });

  it('reads names in any script, and names in any script with digits', () => {
    expect(tokens('größe θ 変数 x1 _a ℵ0 𝑥')).to.equal(
      'Name:größe Name:θ Name:変数 Name:x1 Name:_a Name:ℵ0 Name:𝑥',
    );
  });

  it('skips comments and all kinds of blanks', () => {
    expect(images('a # b ; c\n// d\n+\t\u00a0\u3000\ufeffe // f')).to.equal('a ; + e');
  });

  describe('separators', () => {
    for (const [text, expected] of [
      ['a\nb', 'a ; b'],
      ['a;b', 'a ; b'],
      ['a\r\nb\rc\u2028d', 'a ; b ; c ; d'],
      ['\n\n;a\n;\n\nb;;\n', 'a ; b'],
      ['f(a,\n b\n)', 'f ( a , b )'],
      ['a +\n b', 'a + b'],
      ['a\n * b', 'a * b'],
      ['a\n - b', 'a ; - b'],
      ['a\n ? b\n : c', 'a ? b : c'],
      ['if a\n then b\n else c', 'if a then b else c'],
      ['let\n x =\n 3', 'let x = 3'],
      ['{\n let a = 1\n\n a\n}', '{ let a = 1 ; a }'],
      ['f({\n let a = 1\n a },\n 2)', 'f ( { let a = 1 ; a } , 2 )'],
      ['a;\n* b', 'a ; * b'],
      ['(a;b)', '( a ; b )'],
      ['a # comment\n\nb', 'a ; b'],
    ] as const) {
      it(`of ${JSON.stringify(text)}`, () => {
        expect(images(text)).to.equal(expected);
      });
    }
  });

  it('reports every unknown character with its place', () => {
    const { diagnostics } = compileError('a $ b\n€ + "c"');
    expect(diagnostics.map(({ code, line, column }) => [code, line, column])).to.deep.equal([
      ['E_UNKNOWN_CHARACTER', 1, 3],
      ['E_UNKNOWN_CHARACTER', 2, 1],
      ['E_UNKNOWN_CHARACTER', 2, 5],
      ['E_UNKNOWN_CHARACTER', 2, 7],
    ]);
  });

  it('reports characters beyond ASCII that no name can have', () => {
    for (const [text, column] of [
      ['2×3', 2],
      ['x²', 2],
      ['a−b', 2],
      ['🙂', 1],
      ['a\u200bb', 2],
      ['\ud800', 1],
      ['日本🙂', 3],
    ] as const) {
      const error = compileError(text);
      expect([error.code, error.column], text).to.deep.equal(['E_UNKNOWN_CHARACTER', column]);
    }
  });

  it('reports at most twenty characters', () => {
    expect(compileError('$ '.repeat(1000)).diagnostics).to.have.length(20);
  });

  it('refuses sources and token lists over the limits', () => {
    expect(compileError('1+1', { limits: { length: 2 } }).code).to.equal('E_LENGTH');
    expect(compileError('1+1', { limits: { tokens: 2 } })).to.include({ code: 'E_TOKENS', start: 2 });
  });
});
