import { expect } from 'chai';
import { EOF, type TokenType } from 'chevrotain';
import { Grammar } from '../../src/lang/grammar.ts';
import type { Lookahead } from '../../src/lang/lookahead.ts';
import { vocabulary } from '../../src/lang/tokens.ts';

/** What chevrotain keeps of how a grammar decides. */
interface Analysed {
  readonly lookAheadFuncsCache: ReadonlyMap<number, Lookahead>;
}

/** How a grammar decides at each place for each token, with some gates open and some closed. */
function decisions(grammar: Grammar): Map<number, unknown[]> {
  const { lookAheadFuncsCache } = grammar as unknown as Analysed;
  const decide = (lookahead: Lookahead, tokenType: TokenType) => {
    const token = { image: '', startOffset: 0, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx ?? 0 };
    const parser = { LA: () => token, LA_FAST: () => token };
    return [true, false].map((isOpen) =>
      lookahead.call(
        parser,
        Array.from({ length: 8 }, (_, index) => ({ ALT() {}, GATE: () => index > 0 || isOpen })),
      ),
    );
  };
  return new Map(
    [...lookAheadFuncsCache]
      .sort(([a], [b]) => a - b)
      .map(([key, lookahead]) => [key, [...vocabulary, EOF].map((type) => decide(lookahead, type))]),
  );
}

describe('lang/lookahead', () => {
  it('is what chevrotain finds out of the grammar', () => {
    const found = decisions(new Grammar({ analyse: true }));
    expect(found.size).to.equal(13);
    expect(decisions(new Grammar({ analyse: false }))).to.deep.equal(found);
  });
});
