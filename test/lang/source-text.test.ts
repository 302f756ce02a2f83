import { expect } from 'chai';
import { SourceText } from '../../src/lang/source-text.ts';

describe('lang/source-text', () => {
  it('counts lines at every kind of line end', () => {
    const source = new SourceText('a\nb\r\nc\rd\u2028e\u2029f');
    expect(source.lineStarts).to.deep.equal([0, 2, 5, 7, 9, 11]);
    expect([1, 2, 3, 4, 5, 6, 7].map((line) => source.line(line))).to.deep.equal([
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
      '',
    ]);
    expect(source.position(0)).to.deep.equal({ line: 1, column: 1 });
    expect(source.position(5)).to.deep.equal({ line: 3, column: 1 });
    expect(source.position(12)).to.deep.equal({ line: 6, column: 2 });
  });

  it('counts columns in characters, not in code units', () => {
    const source = new SourceText('😀x\ud800y');
    expect(source.position(2)).to.deep.equal({ line: 1, column: 2 });
    expect(source.position(3)).to.deep.equal({ line: 1, column: 3 });
    expect(source.position(4)).to.deep.equal({ line: 1, column: 4 });
  });
});
