import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { expect } from 'chai';
import { type Outcome, run } from '../run-command-line.ts';

interface Sale {
  readonly price: number | null;
  readonly quantity: bigint | null;
  readonly country: string | null;
  readonly year: number;
  readonly paid: boolean | null;
}

const rowsPerBatch = 50;

const sales = Array.from(
  { length: 3 * rowsPerBatch },
  (_, n): Sale => ({
    price: n % 7 === 3 ? null : (n % 10) / 4,
    quantity: n % 5 === 2 ? null : BigInt(n % 4),
    country: n % 11 === 5 ? null : (['FR', 'Côte, d\'Ivoire "CI"', 'DE', ''][n % 4] ?? ''),
    year: 2000 + (n % 3),
    paid: n % 6 === 1 ? null : n % 2 === 0,
  }),
);

const columns = {
  price: new arrow.Float64(),
  quantity: new arrow.Int64(),
  country: new arrow.Utf8(),
  year: new arrow.Int16(),
  paid: new arrow.Bool(),
  code: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8(), 1),
};

const names = arrow.vectorFromArray(['FR', 'CI', 'DE'], new arrow.Utf8());

const fields = Object.entries(columns).map(([name, type]) => new arrow.Field(name, type, true));
const schema = new arrow.Schema(fields);

const batches = [0, 1, 2].map((batch) => {
  const rows = sales.slice(batch * rowsPerBatch, (batch + 1) * rowsPerBatch);
  const children = fields.map(({ name, type }) =>
    name === 'code'
      ? arrow.makeData({
          type: columns.code,
          length: rows.length,
          data: Int8Array.from(rows, ({ year }) => year - 2000),
          dictionary: names,
        })
      : (arrow.vectorFromArray(
          rows.map((row) => row[name as keyof Sale]),
          type,
        ).data[0] as arrow.Data),
  );
  const type = new arrow.Struct(fields);
  return new arrow.RecordBatch(schema, arrow.makeData({ type, length: rows.length, nullCount: 0, children }));
});

const table = new arrow.Table(schema, batches);
const file = arrow.tableToIPC(table, 'file');
const stream = arrow.tableToIPC(table, 'stream');

const reduce = (args: readonly string[], bytes: Uint8Array = stream): Promise<Outcome> =>
  run(['reduce', ...args], Readable.from([bytes]));

const total = ({ price, quantity }: Sale): number | null =>
  price === null || quantity === null ? null : price * Number(quantity);

describe('exprjit reduce of Arrow', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exprjit-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('leaves out what is missing', async () => {
    const totals = sales.map(total).filter((value) => value !== null);
    const paid = sales.map((row) => row.paid).filter((value) => value !== null);
    const wanted = {
      sum: totals.reduce((sum, value) => sum + value, 0),
      mean: totals.reduce((sum, value) => sum + value, 0) / totals.length,
      min: Math.min(...totals),
      rows: sales.length,
      dear: totals.filter((value) => value > 2).length,
      paid: paid.filter((value) => value).length,
      all: paid.every((value) => value),
      share: sales.filter(({ price }) => price === null).length,
    };
    const aggregates = {
      sum: 'sum(price * quantity)',
      mean: 'mean(price * quantity)',
      min: 'min(price * quantity)',
      rows: 'count()',
      dear: 'count(price * quantity > 2)',
      paid: 'sum(paid)',
      all: 'all(paid)',
      share: 'count(isnull(price))',
    };
    const args = Object.entries(aggregates).flatMap(([name, formula]) => ['--as', `${name}=${formula}`]);
    const paths = { file: join(folder, 'a.file'), stream: join(folder, 'a.stream') };
    await writeFile(paths.file, file);
    await writeFile(paths.stream, stream);
    for (const outcome of [
      await run(['reduce', '--json', ...args, paths.file]),
      await run(['reduce', '--json', ...args, paths.stream]),
      await reduce(['--json', ...args], file),
      await reduce(['--json', ...args], gzipSync(stream)),
      await reduce(['--json', '--exact', '--threads', '1', ...args]),
    ]) {
      expect([outcome.code, outcome.err]).to.deep.equal([0, '']);
      expect(JSON.parse(outcome.out)).to.deep.equal(wanted);
    }
  });

  it('is of nothing where all is missing', async () => {
    const args = ['sum', 'mean', 'min', 'max', 'prod', 'count', 'any', 'all'].flatMap((kind) => [
      '--as',
      `${kind}=${kind}(price)`,
    ]);
    expect((await reduce(['--filter', 'isnull(price)', ...args])).out).to.equal(
      'sum,mean,min,max,prod,count,any,all\n0,nan,inf,-inf,1,0,false,true\n',
    );
    expect((await reduce(['--filter', 'price > 1e9', 'count()'])).out).to.equal('result\n0\n');
  });

  it('groups by texts, integers and dictionaries; what is missing is as an empty text', async () => {
    const { out, err } = await reduce([
      '--by',
      'country',
      '--by',
      'year',
      '--as',
      'n=count()',
      'sum(price * quantity)',
      '--as',
      'total',
      '--json',
    ]);
    expect(err).to.equal('');
    const groups = new Map<string, Sale[]>();
    for (const sale of sales) {
      const key = JSON.stringify([sale.country ?? '', sale.year]);
      groups.set(key, [...(groups.get(key) ?? []), sale]);
    }
    const wanted = [...groups].map(([key, rows]) => {
      const [country, year] = JSON.parse(key) as unknown[];
      return { country, year, n: rows.length, total: rows.reduce((sum, row) => sum + (total(row) ?? 0), 0) };
    });
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).to.deep.equal(wanted);
    const years = (offset: number): number => sales.filter(({ year }) => year === 2000 + offset).length;
    for (const more of [[], ['--exact']])
      expect((await reduce(['--by', 'code', 'count()', ...more], file)).out.split('\n').sort()).to.deep.equal(
        ['', `CI,${years(1)}`, `DE,${years(2)}`, `FR,${years(0)}`, 'code,result'],
      );
    expect((await reduce(['--by', 'paid', 'count()', '-d', 'tab'])).out).to.equal(
      `paid\tresult\ntrue\t${sales.filter(({ paid }) => paid === true).length}\n\t${sales.filter(({ paid }) => paid === null).length}\nfalse\t${sales.filter(({ paid }) => paid === false).length}\n`,
    );
  });

  it('gives what it gives of the same table as CSV', async () => {
    const csv = await run(['map', '--filter', 'true', '--to', 'csv'], Readable.from([stream]));
    const args = [
      '--by',
      'country',
      '--by',
      'code',
      '--as',
      'sum=sum(year * (index % 7))',
      '--as',
      'last=max(index / length)',
      '--filter',
      'year != 2001',
    ];
    expect(await reduce(args)).to.deep.equal(await run(['reduce', ...args], csv.out));
    const state = ['--by', 'country', '--state', '-', 'mean(year / 7)'];
    expect(await reduce(state)).to.deep.equal(await run(['reduce', ...state], csv.out));
  });

  it('says what is wrong', async () => {
    for (const [args, message] of [
      [['sum(country)'], 'country is a column of Apache Arrow of type Utf8, which has no numbers'],
      [
        ['--by', 'land', 'count()'],
        "there is no column 'land' to group by; there are price, quantity, country, year, paid, code",
      ],
      [['--by', 'year', '--as', 'year', 'count()'], "there is a column 'year' already; see --as"],
      [
        ['--state', '-', 'sum(index)'],
        "'index' and 'length' are those of one table, so states with them cannot be merged",
      ],
    ] as const) {
      const outcome = await reduce(args);
      expect(outcome).to.deep.equal({ code: 1, out: '', err: `exprjit: ${message}\n` });
    }
    const blobs = arrow.tableToIPC(
      new arrow.Table({ blob: arrow.vectorFromArray([new Uint8Array(3)], new arrow.Binary()) }),
    );
    expect((await reduce(['--by', 'blob', 'count()'], blobs)).err).to.equal(
      "exprjit: 'blob' is a column of type Binary, which has no text\n",
    );
  });

  it('leaves the output as it was when the input is cut off', async () => {
    const output = join(folder, 'kept.csv');
    await writeFile(output, 'kept');
    for (const bytes of [file, stream]) {
      const { code, err } = await reduce(
        ['sum(price)', '--out', output],
        bytes.subarray(0, bytes.length - 200),
      );
      expect(code).to.equal(1);
      expect(err).to.match(/^exprjit: the Arrow input cannot be read: it is cut off[^\n]*\n$/);
    }
    expect(await readFile(output, 'utf8')).to.equal('kept');
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).to.deep.equal([]);
  });
});
