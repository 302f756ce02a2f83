import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { run } from '../run-command-line.ts';

const orders = 'id,price,qty,country\n1,0.5,10,DE\n2,2,3,FR\n3,0.1,100,DE\n4,8,1,"FR"\n';

function inPieces(bytes: Buffer, size: number): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return Readable.from(pieces);
}

describe('exprjit reduce', () => {
  it('makes one number of all rows', async () => {
    expect(await run(['reduce', 'sum(price * qty)'], orders)).to.deep.equal({
      code: 0,
      out: 'result\n29\n',
      err: '',
    });
    expect((await run(['reduce', '--as', 'dear', 'count(price >= 2)', '-'], orders)).out).to.equal(
      'dear\n2\n',
    );
  });

  it('has every aggregate', async () => {
    const kinds = ['sum', 'mean', 'min', 'max', 'prod', 'count', 'any', 'all'];
    const args = ['reduce', ...kinds.flatMap((kind) => ['--as', `${kind}=${kind}(x)`])];
    const header = `${kinds.join()}\n`;
    expect((await run(args, 'x\n2\n3\n-4\n')).out).to.equal(
      `${header}1,0.3333333333333333,-4,3,-24,3,true,true\n`,
    );
    expect((await run(args, 'x\n0\n-0\n')).out).to.equal(`${header}0,0,-0,0,-0,0,false,false\n`);
    expect((await run(args, 'x\n1\nnone\n')).out).to.equal(`${header}nan,nan,nan,nan,nan,1,true,false\n`);
    expect((await run(args, 'x\ninf\n1\n')).out).to.equal(`${header}inf,inf,1,inf,inf,2,true,true\n`);
    expect((await run(args, 'x\n')).out).to.equal(`${header}0,nan,inf,-inf,1,0,false,true\n`);
  });

  it('makes a row of each group, in the order in which they come', async () => {
    const args = ['reduce', '--by', 'country', '--as', 'n=count()', '--as', 'total=sum(price*qty)'];
    expect((await run(args, orders)).out).to.equal('country,n,total\nDE,2,15\nFR,2,14\n');
    expect((await run([...args, '--json'], orders)).out).to.equal(
      '{"country":"DE","n":2,"total":15}\n{"country":"FR","n":2,"total":14}\n',
    );
    expect((await run([...args, '--filter', 'qty > 3'], orders)).out).to.equal('country,n,total\nDE,2,15\n');
    expect((await run(args, 'country,price,qty\n')).out).to.equal('country,n,total\n');
  });

  it('groups by cells as they are meant, and writes them as they were', async () => {
    const table = 'my key;k;x\r\n"a;1";7;1\r\n;"7";2\r\n"a;1";"7";4\r\n"";7;8\r\n"say ""x""";7.0;16\r\n';
    const args = ['reduce', '--by', 'my key', '--by', 'k', 'sum(x)'];
    expect((await run(args, table)).out).to.equal(
      'my key;k;result\r\n"a;1";7;5\r\n;7;10\r\n"say ""x""";7.0;16\r\n',
    );
    expect((await run([...args, '--json'], table)).out).to.equal(
      '{"my key":"a;1","k":7,"result":5}\n{"my key":"","k":7,"result":10}\n{"my key":"say \\"x\\"","k":7.0,"result":16}\n',
    );
    expect((await run(['reduce', '--by', 'my_key', 'count()'], table)).out).to.contain('\n"a;1";2\r\n');
  });

  it('agrees with JavaScript, whatever the pieces', async () => {
    const key = fc.constantFrom('', 'a', 'b', 'é', 'six666', 'seven77', 'and a long one', '0', '00');
    const row = fc.tuple(key, key, fc.integer({ min: -1000, max: 1000 }));
    const property = fc.asyncProperty(
      fc.array(row, { maxLength: 40 }),
      fc.integer({ min: 1, max: 50 }),
      async (rows, size) => {
        const text = `a,b,x\n${rows.map((cells) => `${cells.join()}\n`).join('')}`;
        const sums = new Map<string, number>();
        for (const [a, b, x] of rows) sums.set(`${a},${b}`, (sums.get(`${a},${b}`) ?? 0) + x);
        const expected = [...sums].map(([cells, sum]) => `${cells},${sum}\n`).join('');
        const { out } = await run(
          ['reduce', '--by', 'a', '--by', 'b', 'sum(x)'],
          inPieces(Buffer.from(text), size),
        );
        expect(out).to.equal(`a,b,result\n${expected}`);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it('adds up what rounding would lose, the same for every division into pieces', async () => {
    const cells = ['1e16', ...new Array<string>(1000).fill('1'), '-1e16'];
    const table = Buffer.from(`x\n${cells.join('\n')}\n`);
    for (const size of [7, 100, 100_000]) {
      expect((await run(['reduce', 'sum(x)'], inPieces(table, size))).out).to.equal('result\n1000\n');
    }
  });

  it('has more groups than pieces', async () => {
    const ids = new Array<number>(20_000).fill(0).map((_, index) => index);
    const table = `id,x\n${ids.map((id) => `${id},${id}\n`).join('')}`;
    const { out } = await run(['reduce', '--by', 'id', 'sum(2*x)'], table);
    expect(out).to.equal(`id,result\n${ids.map((id) => `${id},${2 * id}\n`).join('')}`);
  });

  it('keeps bytes of keys that are no text, unless they have to be read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exprjit-'));
    try {
      const table = Buffer.from('k,x\n\xfc,1\n\xf6,2\n\xfc,4\n', 'latin1');
      const out = join(folder, 'out.csv.gz');
      expect((await run(['reduce', '--by', 'k', 'sum(x)', '-o', out], inPieces(table, 3))).code).to.equal(0);
      expect(gunzipSync(await readFile(out)).toString('latin1')).to.equal('k,result\n\xfc,5\n\xf6,2\n');
      const json = ['reduce', '--by', 'k', '--json', 'sum(x)'];
      expect((await run(json, inPieces(table, 3))).err).to.contain(
        'the text is not UTF-8; if it is ISO 8859-1',
      );
      expect((await run([...json, '--encoding', 'latin1'], inPieces(table, 3))).out).to.equal(
        '{"k":"ü","result":5}\n{"k":"ö","result":2}\n',
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('knows the number of the row, and how many there are', async () => {
    expect((await run(['reduce', 'sum(index / length)'], 'x\n1\n1\n1\n1\n')).out).to.equal('result\n1.5\n');
  });

  it('says what is wrong', async () => {
    const cases: readonly (readonly [args: readonly string[], code: number, message: string])[] = [
      [[], 2, 'reduce needs an aggregate'],
      [
        ['price'],
        2,
        "'price' is no aggregate; say one of sum, mean, min, max, prod, count, any, all of a formula",
      ],
      [['sum(price) + sum(qty)'], 2, 'is no aggregate'],
      [['median(price)'], 2, 'is no aggregate'],
      [['sum()'], 2, 'sum() needs a formula'],
      [
        ['sum(qty)', 'a.csv', 'b.csv'],
        2,
        "reduce takes one file, but got 'b.csv' as well; several formulas are given as --as name=formula",
      ],
      [['--as', 'x=sum(qty)', '--as', 'x=sum(qty)'], 2, "two new columns are called 'x'"],
      [['sum(prise)'], 1, '\ncolumns: id, price, qty, country\n'],
      [['sum(price'], 2, 'is no aggregate'],
      [['sum(price +)'], 1, 'error['],
      [['sum(qty)', '--by', 'land'], 1, "no column 'land' to group by; there are id, price, qty, country"],
      [['sum(qty)', '--by', 'index'], 1, "no column 'index' to group by"],
      [['sum(qty)', '--by', 'country', '--as', 'country'], 1, "there is a column 'country' already"],
    ];
    for (const [args, status, message] of cases) {
      const { code, out, err } = await run(['reduce', ...args], orders);
      expect({ code, out }, message).to.deep.equal({ code: status, out: '' });
      expect(err).to.contain(message);
    }
    expect((await run(['reduce', 'sum(x)'], 'x\nnone\n')).err).to.equal(
      "note: 1 cell of 'x' without a number, counted as nan\n",
    );
  });
});
