import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { expect } from 'chai';
import { runCommandLine } from '../../../src/cli/command-line.ts';
import { run, runForBytes } from '../run-command-line.ts';

const countries = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 7);
const pair = new arrow.Struct<arrow.TypeMap>([
  new arrow.Field('a', new arrow.Int8(), true),
  new arrow.Field('b', new arrow.Utf8(), true),
]);
const fields = [
  new arrow.Field('price', new arrow.Float64(), true, new Map([['unit', 'EUR']])),
  new arrow.Field('quantity', new arrow.Int64(), true),
  new arrow.Field('flag', new arrow.Bool(), true),
  new arrow.Field('item', new arrow.Utf8(), true),
  new arrow.Field('country', countries, true),
  new arrow.Field('at', new arrow.TimestampNanosecond('UTC'), true),
  new arrow.Field('day', new arrow.DateDay(), true),
  new arrow.Field('amount', new arrow.Decimal(2, 12), true),
  new arrow.Field('key', new arrow.FixedSizeBinary(3), true),
  new arrow.Field('blob', new arrow.Binary(), true),
  new arrow.Field('tags', new arrow.List(new arrow.Field('item', new arrow.Utf8(), true)), true),
  new arrow.Field(
    'point',
    new arrow.FixedSizeList(2, new arrow.Field('item', new arrow.Float32(), true)),
    true,
  ),
  new arrow.Field('pair', pair, true),
  new arrow.Field('nothing', new arrow.Null(), true),
];
const schema = new arrow.Schema(fields, new Map([['origin', 'test']]));

const names = arrow.vectorFromArray(['FR', 'DE', 'IT'], new arrow.Utf8());

interface Order {
  readonly price: number | null;
  readonly quantity: bigint | null;
  readonly flag: boolean | null;
}

const rowsPerBatch = 37;

/** Every column has values missing, in another rhythm. */
function batchOf(first: number, types = schema, count = rowsPerBatch): arrow.RecordBatch {
  const values: Readonly<Record<string, (n: number) => unknown>> = {
    price: (n) => n / 4 - 3,
    quantity: (n) => BigInt(n % 5),
    flag: (n) => n % 3 === 0,
    item: (n) => ['nut', 'bolt, "long"', '', 'ünï'][n % 4],
    day: (n) => new Date(n * 86_400_000),
    amount: (n) => Uint32Array.of(n, 0, 0, 0),
    key: (n) => Uint8Array.of(n, 1, 2),
    blob: (n) => new Uint8Array(n % 4).fill(n),
    tags: (n) => Array.from({ length: n % 3 }, (_, i) => `${n}.${i}`),
    point: (n) => [n, -n],
    pair: (n) => ({ a: n % 7, b: String(n) }),
  };
  const columns = types.fields.map(({ name, type }, column): arrow.Data => {
    const isMissing = (row: number): boolean => (first + row) % (column + 3) === 1;
    const rows = Array.from({ length: count }, (_, row) => row);
    const nullBitmap = new Uint8Array(Math.ceil(count / 8));
    for (const row of rows)
      if (!isMissing(row)) nullBitmap[row >> 3] = (nullBitmap[row >> 3] ?? 0) | (1 << (row & 7));
    const common = { length: count, nullCount: -1, nullBitmap };
    if (name === 'nothing') return arrow.makeData({ type: new arrow.Null(), length: count });
    if (name === 'country')
      return arrow.makeData({
        type: countries,
        data: Int32Array.from(rows, (row) => row % 3),
        dictionary: names,
        ...common,
      });
    if (name === 'at') {
      const data = BigInt64Array.from(
        rows,
        (row) => (BigInt(first + row) * 1_234_567_890_123_456_789n) % 2_000_000_000_000_000_000n,
      );
      return arrow.makeData({ type: new arrow.TimestampNanosecond('UTC'), data, ...common });
    }
    const cells = rows.map((row) => (isMissing(row) ? null : values[name]?.(first + row)));
    return arrow.vectorFromArray(cells, type).data[0] as arrow.Data;
  });
  const data = arrow.makeData({
    type: new arrow.Struct(types.fields),
    length: count,
    nullCount: 0,
    children: columns,
  });
  return new arrow.RecordBatch(types, data);
}

const batches = [0, 1, 2].map((index) => batchOf(index * rowsPerBatch));
const orders = new arrow.Table(schema, batches);
const bytesOf = { file: arrow.tableToIPC(orders, 'file'), stream: arrow.tableToIPC(orders, 'stream') };
const kinds = ['file', 'stream'] as const;

/** With all digits of timestamps, which values have not. */
function rowsOf(table: arrow.Table): unknown[] {
  return table.batches.flatMap((batch) =>
    Array.from({ length: batch.numRows }, (_, row) =>
      Object.fromEntries(
        batch.schema.fields.map(({ name }, column) => {
          const value: unknown = batch.getChildAt(column)?.get(row);
          const raw = (batch.data.children[column] as arrow.Data).values as BigInt64Array;
          if (name === 'at' && value !== null) return [name, raw[row]];
          return [name, value instanceof Object && 'toJSON' in value ? JSON.stringify(value) : value];
        }),
      ),
    ),
  );
}

const given = rowsOf(orders) as Order[];

const isFile = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, 8)).equals(Buffer.from('ARROW1\0\0'));

describe('exprjit map of Arrow', () => {
  let folder: string;
  const paths = { file: '', stream: '' };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exprjit-'));
    for (const kind of kinds) {
      // What it is called says nothing.
      paths[kind] = join(folder, `${kind}.bin`);
      await writeFile(paths[kind], bytesOf[kind]);
    }
  });
  after(() => rm(folder, { recursive: true }));

  const expected = given.map((row, index) => {
    const { price, quantity } = row;
    const total = price === null || quantity === null ? null : price * Number(quantity);
    const dear = total === null ? null : total > 3;
    return { ...row, total, dear, share: (total ?? -1) + index / given.length };
  });
  const formulas = ['total=price * quantity', 'dear=total > 3', 'share=coalesce(total, -1) + index / length'];
  const args = ['map', ...formulas.flatMap((formula) => ['--as', formula])];

  for (const kind of kinds) {
    it(`adds columns to a ${kind}, from a path and from a pipe, packed or not`, async () => {
      const outcomes = [
        await runForBytes([...args, paths[kind]]),
        await runForBytes(args, Readable.from([bytesOf[kind]])),
        await runForBytes(args, Readable.from(gzipSync(bytesOf[kind]))),
        await runForBytes(args, Readable.from([...bytesOf[kind]].map((byte) => Uint8Array.of(byte)))),
      ];
      for (const { code, out, err } of outcomes) {
        expect([code, err]).to.deep.equal([0, '']);
        expect(isFile(out)).to.equal(kind === 'file');
        const table = arrow.tableFromIPC(out);
        expect(rowsOf(table)).to.deep.equal(expected);
        expect(table.batches).to.have.lengthOf(batches.length);
        expect(table.schema.fields.map(({ type }) => String(type))).to.deep.equal([
          ...fields.map(({ type }) => String(type)),
          'Float64',
          'Bool',
          'Float64',
        ]);
        expect(table.schema.metadata).to.deep.equal(schema.metadata);
        expect(table.schema.fields[0]?.metadata).to.deep.equal(fields[0]?.metadata);
      }
    });

    it(`leaves rows out of a ${kind}, also all of a batch`, async () => {
      const { out } = await runForBytes([...args, '--filter', 'flag and index > 40', paths[kind]]);
      const table = arrow.tableFromIPC(out);
      expect(rowsOf(table)).to.deep.equal(expected.filter(({ flag }, index) => flag === true && index > 40));
      expect(table.batches).to.have.lengthOf(2);
      const none = arrow.tableFromIPC(
        (await runForBytes(['map', '--filter', 'price > 1e9', paths[kind]])).out,
      );
      expect([none.numRows, none.numCols]).to.deep.equal([0, fields.length]);
    });

    it(`takes a ${kind} without batches`, async () => {
      const writer =
        kind === 'file' ? new arrow.RecordBatchFileWriter() : new arrow.RecordBatchStreamWriter();
      writer.reset(undefined, schema);
      const { code, out } = await runForBytes(args, Readable.from([writer.finish().toUint8Array(true)]));
      expect(code).to.equal(0);
      const table = arrow.tableFromIPC(out);
      expect([table.numRows, table.numCols]).to.deep.equal([0, fields.length + 3]);
    });
  }

  it('writes what --to or the name of the output says', async () => {
    for (const [more, name, wanted] of [
      [['--to', 'arrow'], 'a.arrows', true],
      [['--to', 'arrows'], 'b', false],
      [[], 'c.feather', true],
      [[], 'd.arrows', false],
    ] as const) {
      for (const kind of kinds) {
        const out = join(folder, name);
        expect((await run([...args, ...more, '--out', out, paths[kind]])).code).to.equal(0);
        const bytes = await readFile(out);
        expect(isFile(bytes)).to.equal(wanted);
        expect(rowsOf(arrow.tableFromIPC(bytes))).to.deep.equal(expected);
      }
    }
  });

  const plain = new arrow.Schema(fields.slice(0, 7));
  const plainBytes = arrow.tableToIPC(new arrow.Table(plain, [batchOf(0, plain, 4)]), 'stream');

  it('writes CSV, with empty cells for what is missing', async () => {
    const { out, err } = await run(['map', '--to', 'csv', 'price > -3'], Readable.from([plainBytes]));
    expect(err).to.equal('');
    expect(out).to.equal(
      [
        'price,quantity,flag,item,country,at,day,result',
        '-3,0,true,nut,FR,1970-01-01T00:00:00.000000000Z,1970-01-01,false',
        ',,,,,,,',
        '-2.5,2,false,,IT,1984-11-12T19:29:40.246913578Z,1970-01-03,true',
        '-2.25,3,true,ünï,FR,2023-12-27T19:01:10.370370367Z,1970-01-04,true',
        '',
      ].join('\n'),
    );
    const tabs = await run(['map', '--to', 'csv', '--delimiter', 'tab', '1'], Readable.from([plainBytes]));
    expect(tabs.out).to.match(/^price\tquantity\t/);
    const toFile = async (name: string): Promise<string> => {
      await run(['map', 'price > -3', '--out', join(folder, name)], Readable.from([plainBytes]));
      return readFile(join(folder, name), 'utf8');
    };
    expect(await toFile('by-name.csv')).to.equal(out);
    expect(await toFile('by-name.TSV')).to.equal(out.replaceAll(',', '\t'));
  });

  it('writes JSON', async () => {
    const { out } = await run(['map', '--json', 'price / 0'], Readable.from([plainBytes]));
    const lines = out.split('\n');
    expect(lines.pop()).to.equal('');
    expect(lines[1]).to.equal(
      '{"price":null,"quantity":null,"flag":null,"item":null,"country":null,"at":null,"day":null,"result":null}',
    );
    expect(JSON.parse(lines[3] ?? '')).to.deep.equal({
      price: -2.25,
      quantity: 3,
      flag: true,
      item: 'ünï',
      country: 'FR',
      at: '2023-12-27T19:01:10.370370367Z',
      day: '1970-01-04',
      result: '-inf',
    });
    for (const name of ['by-name.json', 'by-name.ndjson']) {
      for (const [input, wanted] of [
        [plainBytes, out],
        [Buffer.from('x\n1\n'), '{"x":1,"result":"inf"}\n'],
      ] as const) {
        const formula = input === plainBytes ? 'price / 0' : 'x / 0';
        await run(['map', formula, '--out', join(folder, name)], Readable.from([input]));
        expect(await readFile(join(folder, name), 'utf8')).to.equal(wanted);
      }
    }
  });

  it('keeps dictionaries that grow, and those that a stream replaces', async () => {
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 3);
    const words = new arrow.Schema([new arrow.Field('word', type, true)]);
    const wordsOf = (dictionary: arrow.Vector<arrow.Utf8>, ...data: number[]): arrow.RecordBatch => {
      const column = arrow.makeData({ type, data: Int32Array.from(data), dictionary });
      const whole = { type: new arrow.Struct(words.fields), length: data.length, nullCount: 0 };
      return new arrow.RecordBatch(words, arrow.makeData({ ...whole, children: [column] }));
    };
    const ab = arrow.vectorFromArray(['a', 'b'], new arrow.Utf8());
    const cd = arrow.vectorFromArray(['c', 'd'], new arrow.Utf8());
    const read = (bytes: Uint8Array): unknown[] =>
      [...arrow.RecordBatchReader.from(bytes)].flatMap((batch) => [...(batch.getChildAt(0) ?? [])]);
    const grown = arrow.RecordBatchStreamWriter.writeAll([
      wordsOf(ab, 0, 1),
      wordsOf(ab.concat(cd), 1, 2, 3),
    ]).toUint8Array(true);
    for (const to of ['arrow', 'arrows']) {
      const { out, err } = await runForBytes(['map', '1', '--to', to], Readable.from([grown]));
      expect(err).to.equal('');
      expect(read(out)).to.deep.equal(['a', 'b', 'b', 'c', 'd']);
    }
    const replaced = arrow.RecordBatchStreamWriter.writeAll([
      wordsOf(ab, 0, 1),
      wordsOf(cd, 0, 1),
    ]).toUint8Array(true);
    expect(read((await runForBytes(['map', '1'], Readable.from([replaced]))).out)).to.deep.equal([
      'a',
      'b',
      'c',
      'd',
    ]);
    const { code, err } = await run(['map', '1', '--to', 'arrow'], Readable.from([replaced]));
    expect([code, err]).to.deep.equal([
      1,
      'exprjit: a dictionary is replaced from one batch to the next, which a file cannot have; write a stream, --to arrows\n',
    ]);
  });

  it('gives a batch before the next has come', async () => {
    const input = new PassThrough();
    const [first] = batches;
    const bytes = arrow.RecordBatchStreamWriter.writeAll(first === undefined ? [] : [first]).toUint8Array(
      true,
    );
    // Without the mark of the end.
    input.write(bytes.subarray(0, -8));
    const stdout = new PassThrough();
    const written = new Promise<Uint8Array>((resolve) => stdout.once('data', resolve));
    const terminal = { stdin: input, stdout, stderr: new PassThrough() };
    const done = runCommandLine(['map', 'price'], terminal);
    const rows = rowsOf(arrow.tableFromIPC(await written));
    expect(rows).to.deep.equal(given.slice(0, rowsPerBatch).map((row) => ({ ...row, result: row.price })));
    input.end();
    expect(await done).to.equal(0);
  });

  it('says what is wrong with columns', async () => {
    for (const [formula, message] of [
      ['item + 1', 'exprjit: item is a column of Apache Arrow of type Utf8, which has no numbers\n'],
      [
        'amount',
        'exprjit: amount is a column of Apache Arrow of type Decimal[12e+2], which has no numbers\n',
      ],
      [
        'country',
        'exprjit: country is a column of Apache Arrow of type Dictionary<Int32, Utf8>, which has no numbers\n',
      ],
    ]) {
      for (const kind of kinds) {
        const { code, out, err } = await run(['map', formula ?? '', paths[kind]]);
        expect([code, out, err]).to.deep.equal([1, '', message]);
      }
    }
    const unknown = await run(['map', 'pice', paths.file]);
    expect(unknown.code).to.equal(1);
    expect(unknown.err)
      .to.contain('`pice` is not defined')
      .and.contain('columns: price, quantity, flag, item');
    expect((await run(['map', '--as', 'item', 'price', paths.file])).err).to.equal(
      "exprjit: there is a column 'item' already; see --as\n",
    );
    expect((await run(['map', '--json', '1', paths.file])).err).to.equal(
      "exprjit: 'amount' is a column of type Decimal[12e+2], which has no text\n",
    );
  });

  it('refuses what makes no sense', async () => {
    const file = join(folder, 'some.csv');
    await writeFile(file, 'x\n1\n');
    for (const [more, code, message] of [
      [['1', '--to', 'parquet', file], 2, "--to must be one of csv, json, arrow, arrows, not 'parquet'"],
      [['1', '--to', 'csv', '--json', file], 2, '--json and --to csv are two formats'],
    ] as const) {
      const outcome = await run(['map', ...more]);
      expect(outcome.code).to.equal(code);
      expect(outcome.err.split('\n')[0]).to.equal(`exprjit: ${message}`);
    }
    for (const more of [[paths.file], ['--to', 'arrow', paths.stream], ['--to', 'arrows', file]]) {
      const { code, out, err } = await run(['map', '1', ...more], '', { isTTY: true });
      expect([code, out]).to.deep.equal([1, '']);
      expect(err).to.contain('exprjit: Arrow is no text for a terminal; say --out, or --to csv\n');
    }
  });

  it('makes Arrow of CSV: its cells are texts as they stand, and new columns numbers and truth values', async () => {
    const text = 'price;zip;"na;me"\n1.50;01234;"x ""y"";"\n;99999;ünï\n3;;n/a\n';
    const csvArgs = ['map', '--as', 'double=price * 2', '--as', 'dear=double > 4', '--to'];
    const wanted = [
      { price: '1.50', zip: '01234', 'na;me': 'x "y";', double: 3, dear: false },
      { price: '', zip: '99999', 'na;me': 'ünï', double: Number.NaN, dear: false },
      { price: '3', zip: '', 'na;me': 'n/a', double: 6, dear: true },
    ];
    const inputs: [Uint8Array, ...string[]][] = [
      [Buffer.from(text)],
      [gzipSync(text)],
      [Buffer.from(text, 'latin1'), '--encoding', 'latin1'],
      [Buffer.from(`\ufeff${text}`, 'utf16le')],
    ];
    for (const to of ['arrow', 'arrows']) {
      for (const [input, ...more] of inputs) {
        const { code, out, err } = await runForBytes([...csvArgs, to, ...more], Readable.from([input]));
        expect([code, err]).to.deep.equal([0, "note: 1 cell of 'price' without a number, counted as nan\n"]);
        expect(isFile(out)).to.equal(to === 'arrow');
        const table = arrow.tableFromIPC(out);
        expect(rowsOf(table)).to.deep.equal(wanted);
        expect(table.schema.fields.map(({ type }) => String(type))).to.deep.equal([
          'Utf8',
          'Utf8',
          'Utf8',
          'Float64',
          'Bool',
        ]);
      }
    }
    const output = join(folder, 'from-csv.arrow');
    const filtered = await run(['map', '--filter', 'price > 2', 'zip', '--out', output], text);
    expect(filtered.code).to.equal(0);
    expect(
      arrow
        .tableFromIPC(await readFile(output))
        .get(0)
        ?.toJSON(),
    ).to.deep.equal({
      price: '3',
      zip: '',
      'na;me': 'n/a',
      result: Number.NaN,
    });
    const empty = arrow.tableFromIPC((await runForBytes([...csvArgs, 'arrows'], 'price\n')).out);
    expect([empty.numRows, empty.numCols]).to.deep.equal([0, 3]);
  });

  it('makes Arrow of CSV batch by batch', async () => {
    const count = 100_000;
    const text = `n,text\n${Array.from({ length: count }, (_, n) => `${n},row ${n}\n`).join('')}`;
    const { out } = await runForBytes(
      ['map', 'n + index', '--to', 'arrow'],
      Readable.from([text.slice(0, 5e5), text.slice(5e5)].map((part) => Buffer.from(part))),
    );
    const table = arrow.tableFromIPC(out);
    expect(table.batches.length).to.be.greaterThan(1);
    expect(table.numRows).to.equal(count);
    for (const n of [0, 1, 4095, 54_321, count - 1])
      expect(table.get(n)?.toJSON()).to.deep.equal({ n: String(n), text: `row ${n}`, result: 2 * n });
  });

  it('says which line of CSV is no text, and which headings are alike', async () => {
    const latin = Readable.from([Buffer.from('a,b\n1,x\n2,\xfc\n', 'latin1')]);
    expect((await run(['map', 'a', '--to', 'arrow'], latin)).err).to.equal(
      'exprjit: line 3: the text is not UTF-8; if it is ISO 8859-1, say --encoding latin1\n',
    );
    expect((await run(['map', '1', '--to', 'arrow'], 'a,a\n')).err).to.equal(
      "exprjit: columns 1 and 2 have the same heading 'a'\n",
    );
  });

  it('says that it is compressed', async () => {
    const encode = (bytes: Uint8Array): Uint8Array =>
      Buffer.concat([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), bytes]);
    arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { encode });
    for (const kind of kinds) {
      const bytes = arrow.tableToIPC(orders, kind, arrow.CompressionType.ZSTD);
      const { code, out, err } = await run(args, Readable.from([bytes]));
      expect([code, out, err]).to.deep.equal([
        1,
        '',
        'exprjit: the Arrow input cannot be read: it is compressed (LZ4 or ZSTD), for which apache-arrow has no codec; write it without compression\n',
      ]);
    }
  });

  for (const kind of kinds) {
    it(`says that a ${kind} is cut off, and leaves the output as it was`, async () => {
      const bytes = bytesOf[kind];
      const input = join(folder, 'cut');
      const output = join(folder, 'kept');
      await writeFile(output, 'kept');
      for (let length = 8; length < bytes.length; length += 100) {
        await writeFile(input, bytes.subarray(0, length));
        const { code, err } = await run(['map', 'price + index', '--out', output, input]);
        expect([length, code]).to.deep.equal([length, 1]);
        expect(err, `${length}`).to.match(/^exprjit: the Arrow input cannot be read: it is cut off[^\n]*\n$/);
        const piped = await run(['map', 'price + length'], Readable.from([bytes.subarray(0, length)]));
        expect([piped.code, piped.out, piped.err]).to.deep.equal([1, '', err]);
      }
      expect(await readFile(output, 'utf8')).to.equal('kept');
      expect((await readdir(folder)).filter((name) => name.startsWith('.exprjit'))).to.deep.equal([]);
    });

    it(`gives one line for a damaged ${kind}, or what Arrow gives`, async () => {
      const bytes = bytesOf[kind];
      let failures = 0;
      for (let at = 8; at < bytes.length; at += 61) {
        const damaged = Uint8Array.from(bytes);
        damaged[at] = (damaged[at] as number) ^ 0xff;
        const { code, out, err } = await runForBytes(['map', 'price + quantity'], Readable.from([damaged]));
        if (code === 0) arrow.tableFromIPC(out);
        else {
          failures++;
          expect(code).to.equal(1);
          expect(err, `byte ${at}`).to.match(/^(exprjit: [^\n]+\n$|error\[)/);
        }
      }
      expect(failures).to.be.greaterThan(10);
    });
  }

  it('takes views of texts, and refuses those of bytes that are not there', async () => {
    const long = 'longer than twelve bytes';
    const texts = arrow.vectorFromArray(['short', long, null, `${long}, too`], new arrow.Utf8View());
    const bytes = Buffer.from(arrow.tableToIPC(new arrow.Table({ texts }), 'stream'));
    const { out } = await runForBytes(['map', '--filter', 'index > 0', 'index'], Readable.from([bytes]));
    expect(
      arrow
        .tableFromIPC(out)
        .toArray()
        .map((row) => row.toJSON()),
    ).to.deep.equal([
      { texts: long, result: 1 },
      { texts: null, result: 2 },
      { texts: `${long}, too`, result: 3 },
    ]);
    const view = bytes.indexOf(Buffer.from([long.length, 0, 0, 0, ...Buffer.from(long.slice(0, 4))]));
    for (const [at, value] of [
      [0, -1],
      [0, 1000],
      [8, 1],
      [8, -1],
      [12, 1000],
      [12, -1],
    ] as const) {
      const damaged = Buffer.from(bytes);
      damaged.writeInt32LE(value, view + at);
      const { code, err } = await run(['map', '--to', 'csv', '1'], Readable.from([damaged]));
      expect([code, err]).to.deep.equal([
        1,
        "exprjit: the Arrow input cannot be read: a batch has not all of 'texts'\n",
      ]);
    }
  });

  it('refuses indices that a dictionary does not have', async () => {
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), 4);
    for (const index of [3, -1]) {
      const data = arrow.makeData({ type, data: Int32Array.of(0, index), dictionary: names });
      const bytes = arrow.tableToIPC(new arrow.Table({ word: new arrow.Vector([data]) }), 'stream');
      const { code, err } = await run(['map', '1'], Readable.from([bytes]));
      expect([code, err]).to.deep.equal([
        1,
        "exprjit: the Arrow input cannot be read: a batch has not all of 'word'\n",
      ]);
    }
  });

  it('believes no number of rows that its bytes cannot be', async () => {
    const types = new arrow.Schema(fields.filter(({ name }) => name === 'price' || name === 'nothing'));
    const table = new arrow.Table(types, [batchOf(0, types)]);
    const bytes = Buffer.from(arrow.tableToIPC(table, 'stream'));
    const places = Array.from({ length: bytes.length / 4 - 1 }, (_, index) => index * 4);
    const found = places.filter((at) => bytes.readBigInt64LE(at) === BigInt(rowsPerBatch));
    expect(found).to.have.lengthOf(4);
    // The batch and its columns; behind them is how many values of the last are missing.
    const counts = found.slice(0, 3);
    for (const at of counts) {
      const messages = await Promise.all(
        [2n ** 33n, 2n ** 62n, -1n].map(async (count) => {
          const damaged = Buffer.from(bytes);
          damaged.writeBigInt64LE(count, at);
          return (await run(['map', '1'], Readable.from([damaged]))).err;
        }),
      );
      expect(new Set(messages)).to.deep.equal(
        new Set(['exprjit: the Arrow input cannot be read: a batch has more rows than bytes for them\n']),
      );
    }
    for (const at of counts) {
      const other = Buffer.from(bytes);
      other.writeBigInt64LE(BigInt(rowsPerBatch) + 1n, at);
      expect((await run(['map', '1'], Readable.from([other]))).err).to.equal(
        'exprjit: the Arrow input cannot be read: a column has not as many rows as its batch\n',
      );
    }
  });

  it('is there without the library until Arrow comes, and then says which to install', async () => {
    const alone = join(folder, 'alone');
    await cp(join(import.meta.dirname, '../../../dist'), join(alone, 'dist'), { recursive: true });
    const command = (input: string) =>
      promisify(execFile)(process.execPath, [join(alone, 'dist/cli.cjs'), 'map', '1', input]);
    await writeFile(join(alone, 'some.csv'), 'x\n2\n');
    expect((await command(join(alone, 'some.csv'))).stdout).to.equal('x,result\n2,1\n');
    const { stderr } = await command(paths.file).catch((error: { stderr: string }) => error);
    expect(stderr).to.equal('exprjit: Arrow takes the package apache-arrow: npm install apache-arrow\n');
  });
});
