import { expect } from 'chai';
import { drawProgram } from '../../src/lang/ast-tree.ts';
import { parse } from '../../src/lang/parser.ts';

describe('drawProgram', () => {
  const cases: readonly (readonly [source: string, lines: readonly string[]])[] = [
    ['1', ['1']],
    ['-x^2', ['unary -', '└─ power', '   ├─ x', '   └─ ^ 2']],
    ['a - b*c + d', ['sum', '├─ a', '├─ - product', '│  ├─ b', '│  └─ * c', '└─ + d']],
    ['a < 1 && b || !c', ['or', '├─ and', '│  ├─ comparison', '│  │  ├─ a', '│  │  └─ < 1', '│  └─ && b']],
    ['x ? f(1, 2) : { let y = 3; y }', ['conditional', '├─ if x', '├─ then call f', '│  ├─ 1', '│  └─ 2']],
    ['let k = 2\nf(x, y) = k', ['let k', '└─ 2', 'f(x, y) =', '└─ k']],
  ];
  for (const [source, lines] of cases) {
    it(source.replace('\n', '; '), () => {
      expect(drawProgram(parse(source)).split('\n').slice(0, lines.length)).to.deep.equal(lines);
    });
  }

  it('draws what is nested as deeply and as broad as can be', () => {
    expect(drawProgram(parse(`${'-'.repeat(200)}x`)).split('\n')).to.have.length(201);
    expect(drawProgram(parse(`1${'+1'.repeat(9999)}`)).split('\n')).to.have.length(10_001);
  });
});
