import { expect } from 'chai';
import fc from 'fast-check';
import { fitText } from '../../src/cli/fit-text.ts';
import { textWidth } from '../../src/cli/text-width.ts';

describe('fitText', () => {
  it('breaks at blanks, below where the words began', () => {
    expect(fitText('short\n  an instruction and more of it', 20)).to.equal(
      'short\n  an instruction and\n    more of it',
    );
    expect(fitText('1234567890123456789012345', 20)).to.equal('12345678901234567890\n  12345');
  });

  it('leaves blanks within a line alone, and colours', () => {
    expect(fitText('a    b', 20)).to.equal('a    b');
    expect(fitText('\x1b[31maaaaaaaaaa\x1b[39m bbbbbbbbbbb', 20)).to.equal(
      '\x1b[31maaaaaaaaaa\x1b[39m\n  bbbbbbbbbbb',
    );
  });

  it('fits any text and loses nothing but blanks', () => {
    const unit = fc.constantFrom('a', ' ', '漢', '\x1b[1m', '\n', 'é');
    const property = fc.property(
      fc.string({ unit, maxLength: 80 }),
      fc.integer({ min: 4, max: 30 }),
      (text, columns) => {
        const fitted = fitText(text, columns);
        for (const line of fitted.split('\n')) expect(textWidth(line)).to.be.at.most(columns);
        expect(fitted.replace(/\s/g, '')).to.equal(text.replace(/\s/g, ''));
      },
    );
    fc.assert(property);
  });
});
