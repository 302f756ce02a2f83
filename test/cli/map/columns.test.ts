import { expect } from 'chai';
import { numberOf } from '../../../src/cli/map/cells.ts';
import { ColumnNames, nameOf } from '../../../src/cli/map/columns.ts';
import { run } from '../run-command-line.ts';

describe('ColumnNames', () => {
  it('makes names of headings', () => {
    const headings = [' a ', 'Temp Max (°C)', '2024', 'let', 'x', 'größe', '', '-', '__proto__'];
    expect(headings.map(nameOf)).to.deep.equal([
      ...['a', 'Temp_Max_C_', '_2024', 'let_', 'x', 'größe', '_', '_', '__proto__'],
    ]);
  });

  it('finds the heading that is the name before one that becomes it', () => {
    const names = new ColumnNames(['temp max', 'temp_max', '2024', '_2024', 'let_', 'let', ' x', 'x', 'y ']);
    const found = ['temp_max', '_2024', 'let_', 'x', 'y', 'z', 'constructor'].map((name) => names.find(name));
    expect(found).to.deep.equal([1, 3, 4, 7, 8, undefined, undefined]);
  });

  it('says what a name could mean when it is used', () => {
    const names = new ColumnNames(['temp max', 'x', 'temp-max']);
    expect(names.find('x')).to.equal(1);
    expect(() => names.find('temp_max')).to.throw("'temp max' (column 1) or 'temp-max' (column 3)");
  });
});

describe('exprjit map, columns', () => {
  it('computes with the column that a name means', async () => {
    const table = 'temp max,temp_max\n1,2\n';
    expect((await run(['map', 'temp_max'], table)).out).to.equal('temp max,temp_max,result\n1,2,2\n');
    const ambiguous = 'temp max,temp-max\n1,2\n';
    expect(await run(['map', 'temp_max'], ambiguous)).to.deep.equal({
      code: 1,
      out: '',
      err: "exprjit: 'temp_max' could be 'temp max' (column 1) or 'temp-max' (column 2); give one of them another heading\n",
    });
    expect((await run(['map', '1'], ambiguous)).code).to.equal(0);
  });

  it('lets columns hide constants, functions and what objects have of themselves', async () => {
    const table = '__proto__,constructor,2024,max,pi\n1,2,3,4,5\n';
    for (const [formula, result] of [
      ['__proto__ + constructor + _2024', '6'],
      ['max + pi', '9'],
      ['max(pi, 1) + pi', '10'],
      ['let max = 1; max', '1'],
    ] as const) {
      expect((await run(['map', formula], table)).out, formula).to.match(new RegExp(`,5,${result}\\n$`));
    }
  });

  it('refuses headings that occur twice', async () => {
    const { code, err } = await run(['map', 'b'], 'a,b,a\n1,2,3\n');
    expect({ code, err }).to.deep.equal({
      code: 1,
      err: "exprjit: columns 1 and 3 have the same heading 'a'\n",
    });
    // Spreadsheets write empty headings, which nothing can mean.
    const empty = 'a,,\n1,,\n';
    expect((await run(['map', 'a'], empty)).out).to.equal('a,,,result\n1,,,1\n');
    expect((await run(['map', '_'], empty)).err).to.contain("'_' could be '' (column 2) or '' (column 3)");
    expect((await run(['map', '--json', 'a'], empty)).err).to.contain(
      "columns 2 and 3 have the same heading ''",
    );
  });
});

describe('numberOf', () => {
  it('reads numbers as JavaScript does, and words of the language', () => {
    const cells = ['1', ' 2.5 ', '-1e3', '0x10', 'true', 'False', 'inf', '-INF', '1e400', '-0'];
    expect(cells.map(numberOf)).to.deep.equal([
      ...[1, 2.5, -1000, 16, 1, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      ...[Number.POSITIVE_INFINITY, -0],
    ]);
    expect(numberOf('9007199254740993')).to.equal(9007199254740992);
  });

  it('takes everything else for nan', () => {
    for (const cell of ['', '  ', 'abc', '1,5', '1 000', '1_000', 'nan', '--1', '1e', '٣']) {
      expect(numberOf(cell), cell).to.deep.equal(Number.NaN);
    }
  });
});
