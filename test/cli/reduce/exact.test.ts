import { Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { exactMeanOf, exactSumOf } from '../../support/exact-oracle.ts';
import { run } from '../run-command-line.ts';

const sumAndMean = ['reduce', '--exact', '--by', 'k', '--as', 's=sum(x)', '--as', 'm=mean(x)'];

describe('exprjit reduce --exact', () => {
  it('rounds sums and means once, where adding in order would not', async () => {
    // A half of the last place of 1, then less than that, then the half again: only all together round up.
    const cells = ['1', '1.1102230246251565e-16', '1e-40', '-1e-41', '1e100', '-1e100'];
    const table = `x\n${cells.join('\n')}\n`;
    const args = ['reduce', '--as', 'sum=sum(x)', '--as', 'mean=mean(x)'];
    expect((await run([...args, '--exact'], table)).out).to.equal(
      'sum,mean\n1.0000000000000002,0.16666666666666669\n',
    );
    expect((await run(args, table)).out).to.equal('sum,mean\n1,0.16666666666666666\n');
  });

  it('agrees with JavaScript, for any order of the rows', async () => {
    const key = fc.constantFrom('', 'a', 'b', 'é', '"b"', '"x,y"', 'a long one', '0', '00');
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: -1e3, max: 1e3, noNaN: true }),
      fc.constantFrom(2 ** 1000, -(2 ** 1000), 2 ** -1074, 0),
    );
    const property = fc.asyncProperty(
      fc.array(fc.tuple(key, number), { minLength: 1, maxLength: 60 }),
      async (rows) => {
        const args = [...sumAndMean, '--as', 'n=count(x > 0)'];
        const text = (list: typeof rows): string =>
          `k,x\n${list.map((cells) => `${cells.join()}\n`).join('')}`;
        const groups = new Map<string, number[]>();
        for (const [cell, x] of rows) {
          const meaning = cell === '"b"' ? 'b' : cell;
          groups.set(meaning, [...(groups.get(meaning) ?? []), x]);
        }
        // By bytes, of which é has a larger one than ASCII; what is in quotes is compared without them.
        const bare = (cell: string): string => cell.replaceAll('"', '');
        const expected = [...groups]
          .sort(([a], [b]) => Buffer.compare(Buffer.from(bare(a)), Buffer.from(bare(b))))
          .map(([cell, xs]) => {
            const positive = xs.filter((x) => x > 0).length;
            return `${cell},${shown(exactSumOf(xs))},${shown(exactMeanOf(xs))},${positive}\n`;
          });
        const { out } = await run(args, text(rows));
        expect(out).to.equal(`k,s,m,n\n${expected.join('')}`);
        expect((await run(args, text([...rows].reverse()))).out).to.equal(out);
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  it('writes keys in one way, whichever came first', async () => {
    const args = ['reduce', '--exact', '--by', 'k', 'count()'];
    const table = 'k;x\r\n"7";1\r\nb;1\r\n"b";1\r\n"a;1";1\r\n7;1\r\n"say ""x""";1\r\n';
    const expected = 'k;result\r\n7;2\r\n"a;1";1\r\nb;2\r\n"say ""x""";1\r\n';
    expect((await run(args, table)).out).to.equal(expected);
    expect((await run([...args, '--json'], table)).out).to.equal(
      '{"k":7,"result":2}\n{"k":"a;1","result":1}\n{"k":"b","result":2}\n{"k":"say \\"x\\"","result":1}\n',
    );
  });

  it('sorts by all columns, and takes many groups in many batches', async () => {
    const ids = new Array<number>(30_000).fill(0).map((_, index) => (index * 7919) % 10_007);
    const table = Buffer.from(`a,id,x\n${ids.map((id) => `${id % 2},${id},0.1\n`).join('')}`);
    const pieces = Readable.from([table.subarray(0, 100_000), table.subarray(100_000)]);
    const { out } = await run(['reduce', '--exact', '--by', 'a', '--by', 'id', 'sum(x)'], pieces);
    const sums = new Map<string, number>();
    for (const id of ids) sums.set(`${id % 2},${id}`, (sums.get(`${id % 2},${id}`) ?? 0) + 1);
    const tenths = ['', exactSumOf([0.1]), exactSumOf([0.1, 0.1]), exactSumOf([0.1, 0.1, 0.1])];
    const lines = [...sums].map(([cells, count]) => `${cells},${tenths[count]}\n`);
    const key = (line: string): string => line.slice(0, line.lastIndexOf(','));
    expect(out).to.equal(`a,id,result\n${lines.sort((a, b) => (key(a) < key(b) ? -1 : 1)).join('')}`);
  });

  it('has nan and infinities as rows have them, and -0 only for the least and the largest', async () => {
    const args = [...sumAndMean, '--as', 'lo=min(x)'];
    const table =
      'k,x\n1,inf\n1,1\n2,inf\n2,-inf\n3,none\n3,1\n4,-inf\n5,-0\n5,0\n6,1e308\n6,1e308\n6,-1e308\n';
    expect((await run(args, table)).out).to.equal(
      'k,s,m,lo\n1,inf,inf,1\n2,nan,nan,-inf\n3,nan,nan,nan\n4,-inf,-inf,-inf\n5,0,0,-0\n6,1e+308,3.333333333333333e+307,-1e+308\n',
    );
    expect((await run(['reduce', '--exact', '--as', 's=sum(x)', '--as', 'm=mean(x)'], 'x\n')).out).to.equal(
      's,m\n0,nan\n',
    );
  });
});

/** As results are written. */
function shown(value: number): string {
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
}
