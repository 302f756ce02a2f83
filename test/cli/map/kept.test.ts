/** What `exprjit map` reads comes out as it was, or not at all. */
import {
  link as hardLink,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { run } from '../run-command-line.ts';

/** As a stream that gives so many bytes at a time. */
function inPieces(bytes: Buffer, size: number): Readable {
  const count = Math.ceil(bytes.length / size);
  return Readable.from(Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size)));
}

describe('exprjit map, tables', () => {
  it('takes a blank line for a row where there is one column, and for nothing where there are more', async () => {
    expect((await run(['map', 'x'], '\nx\n1\n\n""\n2\n\n')).out).to.equal(
      'x,result\n1,1\n,nan\n"",nan\n2,2\n,nan\n',
    );
    expect((await run(['map', '--json', 'x'], 'x\n\n')).out).to.equal('{"x":"","result":"nan"}\n');
    expect((await run(['map', 'x'], '\r\nx,y\r\n\r\n1,2\r\n\r\n')).out).to.equal('x,y,result\r\n1,2,1\r\n');
  });

  const texts: readonly (readonly [input: string, output: string])[] = [
    ['y,"z"\n1,"a ""b"""\n', 'y,"z",result\n1,"a ""b""",1\n'],
    ['y,"z\nz"\r\n1,"a\r\nb"\r\n2,c\n', 'y,"z\nz",result\r\n1,"a\r\nb",1\r\n2,c,2\n'],
    ['y\r1\r2', 'y,result\r1,1\r2,2\r'],
    ['y\r\n1', 'y,result\r\n1,1\r\n'],
    ['y', 'y,result\n'],
    ['"a\rb",y\n"c\rd",3\n', '"a\rb",y,result\n"c\rd",3,3\n'],
    [' y , z\n 1 ,\tq\n', ' y , z,result\n 1 ,\tq,1\n'],
    ['y,"",""\n"3",,""\n', 'y,"","",result\n"3",,"",3\n'],
    ['y,z\n12345678901234567890,\0\n', 'y,z,result\n12345678901234567890,\0,12345678901234567000\n'],
    ['\ufeffy,z\n1e400,"ü, 😀\ufffd"\n', '\ufeffy,z,result\n1e400,"ü, 😀\ufffd",inf\n'],
  ];
  for (const [input, output] of texts) {
    it(`leaves ${JSON.stringify(input)} as it is, however it comes in`, async () => {
      expect((await run(['map', 'y'], input)).out).to.equal(output);
      for (const size of [1, 2, 3, 5]) {
        const { out } = await run(['map', 'y'], inPieces(Buffer.from(input), size));
        expect(out, `pieces of ${size}`).to.equal(output);
      }
    });
  }

  it('reads the cells that were written', async () => {
    const unit = fc.constantFrom('a', '1', ',', '"', '\n', '\r', ' ', 'é', '😀');
    const cell = fc.string({ unit, maxLength: 6 });
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const property = fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.integer({ min: 1, max: 7 }),
      async (rows, lineEnd, size) => {
        const lines = [['a', 'b'], ...rows].map((row) => row.map(quote).join() + lineEnd);
        const { out } = await run(['map', '--json', '7'], inPieces(Buffer.from(lines.join('')), size));
        const objects = out.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
        // In quotes all are texts.
        expect(objects).to.deep.equal(rows.map(([a, b]) => ({ a, b, result: 7 })));
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  const faults: readonly (readonly [input: string, message: string])[] = [
    ['a,b\n1,"2\n3"\n\n1,2,3\n', 'line 5: 3 cells, but there are 2 headings'],
    ['a\n1,2\n', 'line 2: 2 cells, but there is 1 heading'],
    ['a,b\r\n1,2\r\n1\r\n', 'line 3: 1 cell, but there are 2 headings'],
    ['a,b\n1,2\n1,5" pipe\n', 'line 3: a quote in the cell "5\\" pipe", which does not begin with one'],
    ['a,b\n1,"2"x\n', 'line 2: text after the closing quote of a cell: "x\\n"'],
    ['a,b\n1,"2\n', 'line 2: a quote is opened and not closed'],
    [`a,b\n1,"${'x'.repeat(2 ** 24)}\n`, 'line 2: a row of more than 16777216 bytes; is a quote not closed?'],
  ];
  for (const [input, message] of faults) {
    it(`says ${message}`, async () => {
      const { code, err } = await run(['map', 'a'], input);
      expect({ code, err }).to.deep.equal({ code: 1, err: `exprjit: ${message}\n` });
    });
  }

  it('refuses delimiters that cannot be told apart from the rest', async () => {
    for (const delimiter of ['"', '\n', '\r', '', ';;', 'tabs']) {
      const { code, err } = await run(['map', '-d', delimiter, 'a'], 'a\n1\n');
      expect(code, delimiter).to.equal(2);
      expect(err).to.contain('--delimiter must be one character');
    }
    expect((await run(['map', '-d', '§', 'a'], 'a§"b§"\n1§2\n')).out).to.equal('a§"b§"§result\n1§2§1\n');
    expect((await run(['map', '-d', '\\t', 'a'], 'a\tb\n1\t2\n')).out).to.equal('a\tb\tresult\n1\t2\t1\n');
    const points = await run(['map', '-d', '.', 'a/4', '--as', 'x.y'], 'a.b\n1.2\n');
    expect(points.out).to.equal('a.b."x.y"\n1.2."0.25"\n');
  });
});

describe('exprjit map, delimiters', () => {
  const guesses: readonly (readonly [headings: string, delimiter: string])[] = [
    ['x;y', ';'],
    ['x\ty', '\t'],
    ['x|y', '|'],
    ['x,y;z', ','],
    ['"x,y";z', ';'],
    ['x;y|z\tw', '\t'],
    ['x', ','],
    ['"x;""y"', ','],
  ];
  for (const [headings, delimiter] of guesses) {
    it(`takes ${JSON.stringify(delimiter)} for that of ${JSON.stringify(headings)}`, async () => {
      for (const size of [1, 2, 1000]) {
        const { out, err } = await run(['map', '7'], inPieces(Buffer.from(`\n\n${headings}\n`), size));
        expect({ out, err }).to.deep.equal({ out: `${headings}${delimiter}result\n`, err: '' });
      }
    });
  }

  it('says that it was a guess where rows do not fit', async () => {
    const { err } = await run(['map', '7'], 'a;b\n1\n');
    expect(err).to.equal(
      'exprjit: line 2: 1 cell, but there are 2 headings; by the first line ";" stands between cells, see --delimiter\n',
    );
    expect((await run(['map', '7', '-d', ','], 'a;b\n1\n')).out).to.equal('a;b,result\n1,7\n');
  });
});

describe('exprjit map, files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exprjit-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const foreign: readonly (readonly [bytes: Buffer, message: string])[] = [
    [Buffer.from('x,name\n1,a\n2,M\xfcller\n', 'latin1'), 'line 3: the text is not UTF-8'],
    [Buffer.from('x,name\n1,\xe2\x82', 'latin1'), 'line 2: the text is not UTF-8'],
    [Buffer.from('x,name\n\n1,\xed\xa0\x80\n', 'latin1'), 'line 3: the text is not UTF-8'],
    [Buffer.from('x,name\n1,\xc3\n', 'latin1'), 'line 2: the text is not UTF-8'],
  ];
  for (const [bytes, message] of foreign) {
    const name = JSON.stringify(bytes.toString('latin1'));
    it(`passes ${name} on byte for byte, and refuses it where it has to be read`, async () => {
      const file = join(folder, 'table.csv');
      await writeFile(file, bytes);
      const { code, err } = await run(['map', 'x', '--json', file, '--out', file]);
      expect({ code, err }).to.deep.equal({
        code: 1,
        err: `exprjit: ${message}; if it is ISO 8859-1, say --encoding latin1\n`,
      });
      expect((await readFile(file)).equals(bytes)).to.equal(true);
      expect(await readdir(folder)).to.deep.equal(['table.csv']);
      for (const size of [1, 2, 3, 1000]) {
        expect((await run(['map', '--json', 'x'], inPieces(bytes, size))).err).to.contain(message);
        const out = join(folder, 'out.csv');
        expect((await run(['map', '--filter', 'true', '-', '-o', out], inPieces(bytes, size))).code).to.equal(
          0,
        );
        const rows = bytes.toString('latin1').replace('\n\n', '\n');
        expect((await readFile(out, 'latin1')).trimEnd()).to.equal(rows.trimEnd());
      }
    });
  }

  it('refuses headings that are no text', async () => {
    const headings = Buffer.from('x,gr\xf6\xdfe\n1,2\n', 'latin1');
    expect((await run(['map', 'x'], inPieces(headings, 4))).err).to.contain('line 1: the text is not UTF-8');
    const args = ['map', 'größe*2', '--as', 'höhe', '--encoding', 'latin1', '-o', join(folder, 'out.csv')];
    expect(await run(args, inPieces(headings, 4))).to.deep.equal({ code: 0, out: '', err: '' });
    expect(await readFile(join(folder, 'out.csv'), 'latin1')).to.equal('x,größe,höhe\n1,2,4\n');
    const { out } = await run(['map', 'x', '--json', '--encoding', 'latin1'], inPieces(headings, 4));
    expect(out).to.equal('{"x":1,"größe":2,"result":1}\n');
    const { err } = await run(['map', 'x', '--as', '→', '--encoding', 'latin1'], inPieces(headings, 4));
    expect(err).to.equal('exprjit: latin1 cannot write ",→"\n');
  });

  it('keeps UTF-16, which it recognises by its mark', async () => {
    const text = '\ufeffx,größe\r\n1,"😀, ü"\r\n2,\u0a0d\r\n';
    const expected = '\ufeffx,größe,result\r\n1,"😀, ü",2\r\n2,\u0a0d,4\r\n';
    const little = (string: string) => Buffer.from(string, 'utf16le');
    const big = (string: string) => little(string).swap16();
    for (const encoded of [little, big]) {
      for (const size of [1, 2, 3, 7, 1000]) {
        const out = join(folder, 'out.csv');
        expect((await run(['map', 'x*2', '-o', out], inPieces(encoded(text), size))).code).to.equal(0);
        expect(await readFile(out)).to.deep.equal(encoded(expected));
        const { out: json } = await run(['map', 'x', '--json'], inPieces(encoded(text), size));
        expect(json.split('\n')[0]).to.equal('{"x":1,"größe":"😀, ü","result":1}');
      }
    }
    const unmarked = inPieces(little('x\n1\n'), 3);
    const named = await run(['map', 'x', '--encoding', 'utf-16le', '--json'], unmarked);
    expect(named.out).to.equal('{"x":1,"result":1}\n');
    for (const wrong of [little('\ufeffx\n\ud800\n'), little('\ufeffx\n1\n').subarray(0, -1)]) {
      expect(await run(['map', 'x', '-o', join(folder, 'none.csv')], inPieces(wrong, 4))).to.deep.equal({
        code: 1,
        out: '',
        err: 'exprjit: the text is not UTF-16LE, as its mark or --encoding says\n',
      });
    }
  });

  it('reads and writes what is packed', async () => {
    const table = `x,y\n${'1,"a\nb"\n'.repeat(50_000)}`;
    const packed = join(folder, 'table.csv.gz');
    const half = Math.floor(table.length / 2);
    // As two members, which is what appending makes.
    await writeFile(packed, Buffer.concat([gzipSync(table.slice(0, half)), gzipSync(table.slice(half))]));
    const out = join(folder, 'out.csv.gz');
    expect(await run(['map', 'x + 1', packed, '--out', out])).to.deep.equal({ code: 0, out: '', err: '' });
    expect(gunzipSync(await readFile(out)).toString()).to.equal(
      `x,y,result\n${'1,"a\nb",2\n'.repeat(50_000)}`,
    );
    expect((await run(['map', '1', '-'], inPieces(gzipSync('x\n1'), 1))).out).to.equal('x,result\n1,1\n');
    const damaged = gzipSync('x\n1\n2\n').subarray(0, -6);
    const { code, err } = await run(['map', 'x', '-o', out], inPieces(damaged, 5));
    expect({ code, err }).to.deep.equal({
      code: 1,
      err: 'exprjit: what is packed by gzip is damaged: unexpected end of file\n',
    });
    expect(await readdir(folder)).to.have.members(['table.csv.gz', 'out.csv.gz']);
  });

  it('replaces the file that a link leads to, with its permissions', async () => {
    const file = join(folder, 'target.csv');
    const link = join(folder, 'link.csv');
    const twin = join(folder, 'twin.csv');
    await writeFile(file, 'x\n1\n', { mode: 0o600 });
    await symlink('target.csv', link);
    await hardLink(file, twin);
    expect((await run(['map', 'x', link, '--out', link])).code).to.equal(0);
    expect(await readlink(link)).to.equal('target.csv');
    expect(await readFile(file, 'utf8')).to.equal('x,result\n1,1\n');
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    expect(await readFile(twin, 'utf8')).to.equal('x\n1\n');
  });

  it('makes the file that a link leads to', async () => {
    await symlink('not-yet.csv', join(folder, 'link.csv'));
    expect((await run(['map', 'x', '--out', join(folder, 'link.csv')], 'x\n1\n')).code).to.equal(0);
    expect(await readlink(join(folder, 'link.csv'))).to.equal('not-yet.csv');
    expect(await readFile(join(folder, 'not-yet.csv'), 'utf8')).to.equal('x,result\n1,1\n');
  });

  it('writes to what is no file without replacing it', async () => {
    expect(await run(['map', 'x', '--out', '/dev/null'], 'x\n1\n')).to.include({ code: 0, err: '' });
    expect((await stat('/dev/null')).isCharacterDevice()).to.equal(true);
    const { err } = await run(['map', 'x', '--out', folder], 'x\n1\n');
    expect(err).to.contain('illegal operation on a directory');
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it('leaves the file as it was when it is ended', async () => {
    const file = join(folder, 'table.csv');
    await writeFile(file, 'x\n1\n');
    for (const [signal, exitCode] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      const endless = new Readable({ read() {} });
      endless.push('x\n1\n');
      const { code } = await run(['map', 'x', '--out', file], endless, {
        onStart: (signals) => signals.once('newListener', () => setImmediate(() => signals.emit(signal))),
      });
      expect(code).to.equal(exitCode);
      expect(await readdir(folder)).to.deep.equal(['table.csv']);
      expect(await readFile(file, 'utf8')).to.equal('x\n1\n');
    }
  });
});
