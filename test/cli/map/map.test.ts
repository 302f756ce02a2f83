import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { run } from '../run-command-line.ts';

const orders = 'item,price,qty\nnut,0.5,10\n"bolt, long",2,3\nnail,0.1,100\n';

describe('exprjit map', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exprjit-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('adds a column', async () => {
    expect(await run(['map', 'price * qty'], orders)).to.deep.equal({
      code: 0,
      out: 'item,price,qty,result\nnut,0.5,10,5\n"bolt, long",2,3,6\nnail,0.1,100,10\n',
      err: '',
    });
  });

  it('refuses formulas that look at other rows', async () => {
    for (const formula of ['price - mean(price)', 'qty[index - 1]', 'prev(0) + qty']) {
      const { code, err } = await run(['map', formula], orders);
      expect([code, err]).to.deep.equal([
        1,
        'exprjit: a formula looks at other rows, and of a file it sees one at a time\n',
      ]);
    }
  });

  it('names it, filters rows, and reads files', async () => {
    const file = join(folder, 'orders.csv');
    await writeFile(file, `\ufeff${orders}`);
    const { out } = await run(['map', '--as', 'total', '--filter', 'qty >= 10', 'price * qty', file]);
    expect(out).to.equal('\ufeffitem,price,qty,total\nnut,0.5,10,5\nnail,0.1,100,10\n');
  });

  it('writes JSON lines', async () => {
    const { out } = await run(['map', '--json', 'price < 1'], orders);
    expect(
      out
        .split('\n')
        .slice(0, 2)
        .map((line) => JSON.parse(line)),
    ).to.deep.equal([
      { item: 'nut', price: 0.5, qty: 10, result: true },
      { item: 'bolt, long', price: 2, qty: 3, result: false },
    ]);
    expect((await run(['map', '--json', '1/x'], 'x\n0\n')).out).to.equal('{"x":0,"result":"inf"}\n');
  });

  it('writes cells that are numbers of JSON as numbers, as they stand', async () => {
    const numbers = ['0', '-0', '10.50', '1e5', '1E-5', '-1.5e+400', '123456789012345678901234567890'];
    const texts = [
      '',
      '-',
      '+1',
      '01',
      '-01',
      '1.',
      '.5',
      '1e',
      '1e+',
      '1.e5',
      '0x10',
      ' 1',
      '1 ',
      'e5',
      'true',
    ];
    const cells = [...numbers, ...texts, '"1"', '"a\tb\\c"', 'd\x7f\0', 'ü'];
    const { out } = await run(
      ['map', '--json', '--filter', 'true', '-'],
      `x,y\n${cells.map((cell) => `${cell},\n`).join('')}`,
    );
    const expected = [
      ...numbers,
      ...[...texts, '1', 'a\tb\\c', 'd\x7f\0', 'ü'].map((text) => JSON.stringify(text)),
    ];
    expect(out).to.equal(expected.map((cell) => `{"x":${cell},"y":""}\n`).join(''));
  });

  it('computes several columns, each by those before it', async () => {
    const args = ['map', '--as', 'total=price * qty', '--as', 'dear=total >= 6', '--as', 'both=total + dear'];
    expect(await run(args, orders)).to.deep.equal({
      code: 0,
      out: 'item,price,qty,total,dear,both\nnut,0.5,10,5,false,5\n"bolt, long",2,3,6,true,7\nnail,0.1,100,10,true,11\n',
      err: '',
    });
    const file = join(folder, 'several.csv');
    await writeFile(file, orders);
    expect((await run([...args, file, '--json', '--filter', 'qty == 3'])).out).to.equal(
      '{"item":"bolt, long","price":2,"qty":3,"total":6,"dear":true,"both":7}\n',
    );
    expect((await run(['map', '--as', 'a=qty', '--as', 'b', 'a + 1'], orders)).out).to.contain(
      'nut,0.5,10,10,11',
    );
    expect((await run(['map', '--as', 'same=qty==3'], orders)).out).to.contain('"bolt, long",2,3,true');
  });

  it('computes what JavaScript does, in however many pieces rows come', async () => {
    const number = fc.oneof(
      fc.integer({ min: -1e6, max: 1e6 }).map((cents) => String(cents / 100)),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.constantFrom('', 'none', ' 7 ', '"0.5"', '0x1f', '.5', '1.', '+3', '00012', '123456789012345678'),
    );
    const meant = (cell: string): number => {
      const text = cell.replaceAll('"', '').trim();
      return text === '' ? Number.NaN : Number(text);
    };
    const written = (value: number): string =>
      Number.isFinite(value)
        ? Object.is(value, -0)
          ? '-0'
          : String(value)
        : ({ Infinity: 'inf', '-Infinity': '-inf' }[String(value)] ?? 'nan');
    const property = fc.asyncProperty(
      fc.array(fc.tuple(number, number), { maxLength: 30 }),
      fc.constantFrom('\n', '\r\n'),
      fc.integer({ min: 1, max: 100 }),
      async (rows, lineEnd, size) => {
        const table = Buffer.from(['a,b', ...rows.map((row) => row.join()), ''].join(lineEnd));
        const pieces: Buffer[] = [];
        for (let at = 0; at < table.length; at += size) pieces.push(table.subarray(at, at + size));
        const expected = rows
          .filter(([, b]) => !(meant(b) < 0))
          .map(([a, b]) => `${a},${b},${written(meant(a) * meant(b))},${written(meant(a) / 3 + 1)}`);
        const args = ['map', '--filter', '!(b < 0)', '--as', 'p=a*b', '--as', 'q=a/3 + 1'];
        const { out } = await run(args, Readable.from(pieces));
        expect(out).to.equal(['a,b,p,q', ...expected, ''].join(lineEnd));
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  it('filters alone', async () => {
    const expected = 'item,price,qty\n"bolt, long",2,3\nnail,0.1,100\n';
    const file = join(folder, 'filtered');
    await writeFile(file, orders);
    expect((await run(['map', '--filter', 'price*qty > 5', file])).out).to.equal(expected);
    expect((await run(['map', '--filter', 'price*qty > 5', '-'], orders)).out).to.equal(expected);
    expect((await run(['map', '--filter', 'price*qty > 5'], orders)).out).to.equal(expected);
    expect((await run(['map', '--filter', 'qty > 50', 'price'], orders)).out).to.contain('nail,0.1,100,0.1');
    const missing = await run(['map', '--filter', 'qty > 50', join(folder, 'none.csv')]);
    expect(missing.err).to.contain('no such file');
  });

  it('knows the number of the row, and how many there are', async () => {
    const rows = 'a,b\n1,1\n\n2,2\n3,3\n';
    const expected = 'a,b,result\n2,2,1.3333333333333333\n3,3,2.3333333333333335\n';
    const args = ['map', '--filter', 'index > 0', 'index + 1/length'];
    const file = join(folder, 'counted.csv');
    await writeFile(file, rows);
    expect((await run([...args, file])).out).to.equal(expected);
    expect((await run(args, rows)).out).to.equal(expected);
    expect((await run(['map', 'index + length'], 'index,length\n5,7\n')).out).to.equal(
      'index,length,result\n5,7,12\n',
    );
    const many = `n\n${'0\n'.repeat(100_000)}`;
    const { out } = await run(['map', '--filter', 'index == length - 1', 'index'], many);
    expect(out).to.equal('n,result\n0,99999\n');
  });

  it('computes on as many threads as it is told', async () => {
    for (const threads of ['1', '3']) {
      expect((await run(['map', '--threads', threads, 'n + 1'], 'n\n1\n')).out).to.equal('n,result\n1,2\n');
    }
    for (const threads of ['0', '65', 'x']) {
      expect((await run(['map', '--threads', threads, 'n'], 'n\n')).code).to.equal(2);
    }
  });

  it('says what its arguments lack', async () => {
    const cases: readonly (readonly [args: readonly string[], message: string])[] = [
      [[], 'map needs a formula'],
      [['--as', 'x'], 'map needs a formula'],
      [['--as', 'x', '--as', 'y', 'a'], '--as y has no formula; say --as y=…'],
      [['--as', '=1'], '--as =1 has no name before the ='],
      [['--as', 'x=1', '--as', 'x=2'], "two new columns are called 'x'"],
      [
        ['--as', 'x=1', 'a.csv', 'b.csv'],
        "map takes one file, but got 'b.csv' as well; several formulas are given as --as name=formula",
      ],
      [['1', '--encoding', 'ebcdic'], '--encoding must be one of utf-8, latin1, utf-16le, utf-16be'],
    ];
    for (const [args, message] of cases) {
      const { code, err } = await run(['map', ...args], 'a\n');
      expect(code, message).to.equal(2);
      expect(err).to.contain(message);
    }
  });

  it('takes other delimiters', async () => {
    expect((await run(['map', '-d', 'tab', 'a + b'], 'a\tb\n1\t2\n')).out).to.equal(
      'a\tb\tresult\n1\t2\t3\n',
    );
    expect((await run(['map', '-d', ';', 'a + b', '-'], 'a;b\n1;2\n')).out).to.equal('a;b;result\n1;2;3\n');
    const file = join(folder, 'tabs.tsv');
    await writeFile(file, 'a, or so\tb\n1\t2\n');
    expect((await run(['map', 'b', file])).out).to.equal('a, or so\tb\tresult\n1\t2\t2\n');
    expect((await run(['map', '1', file, '-d', ','])).err).to.contain(
      'line 2: 1 cell, but there are 2 headings',
    );
  });

  it('writes to a file, also to the one that it reads, and only when all went well', async () => {
    const file = join(folder, 'in-place.csv');
    await writeFile(file, 'x\n1\n2\n');
    expect(await run(['map', 'x + 1', file, '--out', file])).to.deep.equal({ code: 0, out: '', err: '' });
    expect(await readFile(file, 'utf8')).to.equal('x,result\n1,2\n2,3\n');
    expect((await run(['map', 'y', file, '--as', 'z', '--out', file])).code).to.equal(1);
    expect(await readFile(file, 'utf8')).to.equal('x,result\n1,2\n2,3\n');
    expect(await readdir(folder)).to.satisfy((names: string[]) =>
      names.every((name) => !name.includes('partial')),
    );
  });

  it('streams more than a batch', async () => {
    const count = 10_000;
    const table = `n\n${Array.from({ length: count }, (_, i) => i).join('\n')}\n`;
    const { out } = await run(['map', '--filter', 'n % 2 == 0', 'n*2'], table);
    const lines = out.trimEnd().split('\n');
    expect(lines).to.have.length(count / 2 + 1);
    expect(lines.at(-1)).to.equal('9998,19996');
  });

  it('counts cells that are no numbers', async () => {
    const { out, err } = await run(['map', 'a + b'], 'a,b\n1,\nx,2\ntrue,1\n,1\n');
    expect(out).to.equal('a,b,result\n1,,nan\nx,2,nan\ntrue,1,2\n,1,nan\n');
    expect(err).to.equal(
      "note: 2 cells of 'a' without a number, counted as nan\nnote: 1 cell of 'b' without a number, counted as nan\n",
    );
  });

  it('says what is wrong', async () => {
    const cases: readonly (readonly [args: readonly string[], input: string, message: string])[] = [
      [['prise * qty'], orders, 'did you mean `price`?'],
      [['prise * qty'], orders, '\ncolumns: item, price, qty\n'],
      [['price *'], orders, 'E_UNEXPECTED_END'],
      [['price'], '', 'the table is empty'],
      [['price', '--as', 'qty'], orders, "there is a column 'qty' already"],
      [['a'], 'a,b\n1\n', 'line 2: 1 cell, but there are 2 headings'],
      [['a', 'b+1'], '', 'b+1: no such file or directory; several formulas are given as --as name=formula'],
      [['a', join('no', 'such.csv')], '', `${join('no', 'such.csv')}: no such file or directory`],
      [['f(n) = 1 + f(n); f(a)'], 'a\n1\n', 'error'],
    ];
    for (const [args, input, message] of cases) {
      const { code, err } = await run(['map', ...args], input);
      expect(code, message).to.equal(1);
      expect(err).to.contain(message);
    }
  });

  it('shows how far it is on a terminal', async () => {
    const { err } = await run(['map', 'x'], 'x\n1\n', { isTTY: true });
    expect(err).to.equal('\r0 rows, 4 bytes\x1b[K\r\x1b[K');
  });

  it('ends with 130 at Ctrl-C, and leaves nothing behind', async () => {
    const endless = new PassThrough();
    endless.write('x\n1\n');
    const out = join(folder, 'interrupted.csv');
    const { code } = await run(['map', 'x', '--out', out], endless, {
      onStart: (signals) => signals.once('newListener', () => setImmediate(() => signals.emit('SIGINT'))),
    });
    expect(code).to.equal(130);
    expect(await readdir(folder)).to.not.include('interrupted.csv');
  });
});
