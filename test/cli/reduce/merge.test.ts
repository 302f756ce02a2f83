import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { ReductionState } from '../../../src/index.ts';
import { run } from '../run-command-line.ts';

const orders = 'id,price,qty,country\n1,0.5,10,DE\n2,2,3,FR\n3,0.1,100,DE\n4,8,1,"FR"\n';
const every = ['sum', 'mean', 'min', 'max', 'count', 'any', 'all'].flatMap((kind) => [
  '--as',
  `${kind}=${kind}(x)`,
]);

/** The state of a table, as text. */
async function stateOf(args: readonly string[], table: string | Buffer): Promise<string> {
  const { code, out, err } = await run(
    ['reduce', '--state', '-', ...args],
    Readable.from([Buffer.from(table)]),
  );
  expect({ code, err: err.replace(/^note: .*\n/gm, '') }).to.deep.equal({ code: 0, err: '' });
  return out;
}

/** Lines, and a last one that makes a state of them. */
function sealed(...lines: readonly string[]): string {
  const text = lines.map((line) => `${line}\n`).join('');
  const sha256 = createHash('sha256').update(text).digest('hex');
  return `${text}${JSON.stringify({ groups: lines.length - 1, sha256 })}\n`;
}

const form = {
  exprjit: 'reduction',
  version: 1,
  by: ['k'],
  aggregates: [{ heading: 'n', kind: 'count', formula: 'true' }],
  filter: null,
  text: { encoding: 'utf-8', mark: false, delimiter: ',', newline: '\n' },
};

describe('exprjit merge', () => {
  let folder = '';
  const file = (name: string): string => join(folder, name);
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'exprjit-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('prints what one run over all rows prints', async () => {
    const args = ['--by', 'country', '--as', 'n=count()', '--as', 'total=sum(price * qty)'];
    const rows = orders.split('\n').slice(1, -1);
    for (const [name, shard] of [
      ['a', rows.slice(2)],
      ['b', rows.slice(0, 2)],
    ] as const) {
      await writeFile(file(`${name}.csv`), `id,price,qty,country\n${shard.join('\n')}\n`);
      expect(await run(['reduce', ...args, '--state', file(name), file(`${name}.csv`)])).to.deep.equal({
        code: 0,
        out: '',
        err: '',
      });
    }
    expect(await run(['merge', file('a'), file('b')])).to.deep.equal({
      code: 0,
      out: 'country,n,total\nDE,2,15\nFR,2,14\n',
      err: '',
    });
    expect((await run(['merge', '--json', file('b'), file('a')])).out).to.equal(
      (await run(['reduce', ...args, '--exact', '--json'], orders)).out,
    );
    expect(
      (await run(['merge', file('a'), '-', '-o', file('a')], await readFile(file('b'), 'utf8'))).code,
    ).to.equal(0);
    expect(await readFile(file('a'), 'utf8')).to.equal('country,n,total\nDE,2,15\nFR,2,14\n');
  });

  it('has the same bits for any division of the rows, in any order, level by level', async () => {
    const key = fc.constantFrom('', 'a', 'é', '"a"', '"x,y"', 'longer than six', '7');
    const cell = fc.oneof(
      fc.double().map(String),
      fc.constantFrom(
        '1e100',
        '-1e100',
        '0.1',
        '-0',
        '0',
        'none',
        '',
        'inf',
        '5e-324',
        '1.7976931348623157e308',
      ),
    );
    const row = fc.tuple(key, cell, fc.integer({ min: 0, max: 6 }));
    const property = fc.asyncProperty(
      fc.array(row, { maxLength: 40 }),
      fc.boolean(),
      async (rows, isGrouped) => {
        const args = [...(isGrouped ? ['--by', 'k'] : []), ...every];
        const text = (list: typeof rows): string => `k,x\n${list.map(([k, x]) => `${k},${x}\n`).join('')}`;
        const whole = (await run(['reduce', '--exact', ...args], text(rows))).out;
        const state = await stateOf(args, text(rows));
        const shards: string[] = [];
        for (let shard = 0; shard < 7; shard++) {
          shards.push(await stateOf(args, text(rows.filter(([, , own]) => own === shard).reverse())));
        }
        expect((await run(['merge'], shards.join(''))).out).to.equal(whole);
        expect((await run(['merge'], shards.reverse().join('\n'))).out).to.equal(whole);
        const halves: string[] = [];
        for (const half of [shards.slice(0, 3), shards.slice(3)]) {
          halves.push((await run(['merge', '--state', '-'], half.join(''))).out);
        }
        expect((await run(['merge', '--state', '-'], halves.join(''))).out).to.equal(state);
        expect((await run(['merge'], state)).out).to.equal(whole);
      },
    );
    await fc.assert(property, { numRuns: 20 });
  });

  it('writes the table in the form of what was read', async () => {
    const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');
    const tables: readonly (readonly [whole: Buffer, shards: readonly Buffer[], args: readonly string[]])[] =
      [
        [utf16('k;x\r\né;1\r\n'), [utf16('k;x\r\n'), utf16('k;x\r\né;1\r\n'), utf16('k;x')], []],
        [
          Buffer.from('k|x\n\xfc|1\n', 'latin1'),
          [Buffer.from('k|x\n\xfc|1\n', 'latin1'), Buffer.from('k|x', 'latin1')],
          ['--encoding', 'latin1'],
        ],
        [
          Buffer.from('\ufeffk§x\r\xff§1\r'),
          [Buffer.from('k§x'), Buffer.from('\ufeffk§x\r\xff§1\r')],
          ['-d', '§'],
        ],
        [Buffer.from('k\tx\n\xff\t1\n', 'latin1'), [Buffer.from('k\tx\n\xff\t1\n', 'latin1')], []],
      ];
    for (const [whole, shards, options] of tables) {
      const args = ['--by', 'k', '--as', 'größe=sum(x)', ...options];
      const expected = file('expected');
      await run(['reduce', '--exact', ...args, '-o', expected], Readable.from([whole]));
      const states: string[] = [];
      for (const shard of shards) states.push(await stateOf(args, shard));
      expect(states.join('')).to.match(/^[\n -~]*$/);
      expect((await run(['merge', '-o', file('merged')], states.join(''))).err).to.equal('');
      expect(await readFile(file('merged'))).to.deep.equal(await readFile(expected));
    }
  });

  it('reads and writes states that are packed, or whose line ends have changed', async () => {
    const args = ['--by', 'country', 'max(price)'];
    const packed = file('packed.state.gz');
    await run(['reduce', ...args, '--state', packed], orders);
    const state = await stateOf(args, orders);
    expect(gunzipSync(await readFile(packed)).toString()).to.equal(state);
    const expected = 'country,result\nDE,0.5\nFR,8\n';
    expect((await run(['merge', packed])).out).to.equal(expected);
    expect((await run(['merge'], state.replaceAll('\n', '\r\n'))).out).to.equal(expected);
    expect((await run(['merge'], Readable.from([gzipSync(state), gzipSync(state)]))).out).to.equal(expected);
    const bytes = Buffer.from(state);
    const pieces = Readable.from([...bytes].map((byte) => Buffer.of(byte)));
    expect((await run(['merge'], pieces)).out).to.equal(expected);
  });

  it('merges the states of no rows', async () => {
    const args = ['--by', 'k', ...every];
    const header = 'k,sum,mean,min,max,count,any,all\n';
    expect((await run(['merge'], await stateOf(args, 'k,x\n'))).out).to.equal(header);
    const none = await stateOf(every, 'k,x\n');
    expect((await run(['merge'], none + none)).out).to.equal(
      'sum,mean,min,max,count,any,all\n0,nan,inf,-inf,0,false,true\n',
    );
  });

  it('merges tens of thousands of groups', async () => {
    const ids = new Array<number>(20_000).fill(0).map((_, index) => 10_000 + index);
    const table = (list: readonly number[]): string => `id,x\n${list.map((id) => `${id},${id}\n`).join('')}`;
    const args = ['--by', 'id', 'sum(2*x)'];
    const states =
      (await stateOf(args, table(ids.slice(0, 12_000)))) + (await stateOf(args, table(ids.slice(8000))));
    const factor = (id: number): number => (id >= 18_000 && id < 22_000 ? 4 : 2);
    expect((await run(['merge'], states)).out).to.equal(
      `id,result\n${ids.map((id) => `${id},${factor(id) * id}\n`).join('')}`,
    );
  });

  it('refuses states of another job', async () => {
    const one = await stateOf(['--by', 'country', '--as', 'n=sum(qty)'], orders);
    const others: readonly (readonly [args: readonly string[], table: string, message: string])[] = [
      [['--by', 'country', '--as', 'n=sum(price)'], orders, 'aggregates: n=sum(price), before: n=sum(qty)'],
      [['--by', 'country', '--as', 'n=mean(qty)'], orders, 'aggregates: n=mean(qty), before: n=sum(qty)'],
      [['--by', 'country', '--as', 'm=sum(qty)'], orders, 'aggregates: m=sum(qty), before: n=sum(qty)'],
      [['--as', 'n=sum(qty)'], orders, "groups: none, before: by 'country'"],
      [
        ['--by', 'country', '--as', 'n=sum(qty)', '--filter', 'id > 1'],
        orders,
        'filter: id > 1, before: none',
      ],
      [
        ['--by', 'country', '--as', 'n=sum(qty)', '--encoding', 'latin1'],
        orders,
        'encoding: latin1, before: utf-8',
      ],
      [['--by', 'country', '--as', 'n=sum(qty)'], orders.replaceAll(',', ';'), 'delimiter: ";", before: ","'],
      [
        ['--by', 'country', '--as', 'n=sum(qty)'],
        orders.replaceAll('\n', '\r\n'),
        'line ends: "\\r\\n", before: "\\n"',
      ],
    ];
    for (const [args, table, message] of others) {
      const { code, out, err } = await run(['merge'], one + (await stateOf(args, table)));
      expect({ code, out }, message).to.deep.equal({ code: 1, out: '' });
      expect(err).to.match(
        /^exprjit: standard input: line 5: this state is of another job than those before; /,
      );
      expect(err).to.contain(message);
    }
  });

  it('refuses a state that was cut off or changed anywhere', async () => {
    const state = await stateOf(['--by', 'country', '--as', 's=sum(qty)', '--as', 'n=count()'], orders);
    for (let length = 0; length < state.length - 1; length += 7) {
      const { code, out, err } = await run(['merge'], state.slice(0, length));
      expect({ code, out }, `${length} characters`).to.deep.equal({ code: 1, out: '' });
      expect(err).to.match(/^exprjit: standard input: [^\n]+\n$/);
    }
    const lines = state.split('\n');
    for (let line = 0; line < 4; line++) {
      const { code, out } = await run(['merge'], lines.filter((_, index) => index !== line).join('\n'));
      expect({ code, out }, `without line ${line}`).to.deep.equal({ code: 1, out: '' });
    }
    expect((await run(['merge'], `${lines.slice(0, 3).join('\n')}\n${state}`)).err).to.contain(
      'line 4: the state before it is cut off',
    );
    const change = fc.tuple(fc.nat(state.length - 2), fc.integer({ min: 0, max: 255 }));
    const property = fc.asyncProperty(change, async ([place, byte]) => {
      const bytes = Buffer.from(state, 'latin1');
      fc.pre(bytes[place] !== byte);
      bytes[place] = byte;
      const { code, out, err } = await run(['merge'], Readable.from([bytes]));
      expect({ code, out }).to.deep.equal({ code: 1, out: '' });
      expect(err).to.match(/^exprjit: standard input: [^\n]+\n$/);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('refuses what was made to look like a state', async () => {
    const valid = sealed(JSON.stringify(form), '[["a"],[3]]');
    expect((await run(['merge'], valid)).out).to.equal('k,n\na,3\n');
    const forms: readonly unknown[] = [
      null,
      [],
      'reduction',
      {},
      { ...form, exprjit: 'other' },
      { ...form, version: 2 },
      { ...form, version: { nested: [] } },
      { ...form, by: 'k' },
      { ...form, by: [1] },
      { ...form, aggregates: [] },
      { ...form, aggregates: {} },
      { ...form, aggregates: [null] },
      { ...form, aggregates: [{ heading: 'n', kind: 'prod', formula: 'x' }] },
      { ...form, aggregates: [{ heading: 'n', kind: '__proto__', formula: 'x' }] },
      { ...form, aggregates: [{ heading: 1, kind: 'count', formula: 'x' }] },
      { ...form, filter: 1 },
      { ...form, text: null },
      { ...form, text: { ...form.text, encoding: 'utf-7' } },
      { ...form, text: { ...form.text, mark: 1 } },
      { ...form, text: { ...form.text, delimiter: '' } },
      { ...form, text: { ...form.text, delimiter: '"' } },
      { ...form, text: { ...form.text, newline: 'x' } },
    ];
    for (const other of forms) {
      const { code, out, err } = await run(['merge'], sealed(JSON.stringify(other)));
      expect({ code, out }, JSON.stringify(other)).to.deep.equal({ code: 1, out: '' });
      expect(err).to.match(/^exprjit: standard input: line 1: /);
    }
    const groups: readonly string[] = [
      '',
      '[]',
      '[["a"]]',
      '[["a"],[]]',
      '[["a"],[1,2]]',
      '[[],[1]]',
      '[["a","b"],[1]]',
      '[[1],[1]]',
      '[["\u0100"],[1]]'.replace('\u0100', '\\u0100'),
      '[["a"],[-1]]',
      '[["a"],[1.5]]',
      '[["a"],["1"]]',
      '[["a"],[9007199254740992]]',
      '[["a"],[null]]',
      '['.repeat(100_000),
    ];
    for (const group of groups) {
      const { code, out, err } = await run(['merge'], sealed(JSON.stringify(form), group));
      expect({ code, out }, group.slice(0, 40)).to.deep.equal({ code: 1, out: '' });
      expect(err).to.match(/^exprjit: standard input: line [23]: /);
    }
    const most = sealed(JSON.stringify(form), `[["a"],[${Number.MAX_SAFE_INTEGER}]]`);
    expect((await run(['merge'], most + valid)).err).to.contain('line 5: more than 2^53 - 1 rows');
  });

  it('refuses values that are none of their aggregate', async () => {
    const base64 = (change: (bytes: Uint8Array) => void): string => {
      const bytes = new ReductionState().toBytes();
      change(bytes);
      return Buffer.from(bytes).toString('base64');
    };
    const values: readonly (readonly [kind: string, saved: unknown, message: string])[] = [
      ['sum', 0, 'no state of a sum'],
      ['mean', 'AAAA', 'no state of a mean'],
      ['sum', base64(() => {}).replace('A', '='), 'no state of a sum'],
      ['sum', base64((bytes) => bytes.set([9], 4)), 'no state of a reduction: their version is 9'],
      ['sum', base64((bytes) => bytes.set([1], 100)), 'there is a sum of no rows'],
      ['min', true, 'no state of its aggregate'],
      ['max', 'Infinity', 'no state of its aggregate'],
      ['any', 1, 'no state of its aggregate'],
      ['all', 'true', 'no state of its aggregate'],
    ];
    for (const [kind, saved, message] of values) {
      const own = { ...form, by: [], aggregates: [{ heading: 'v', kind, formula: 'x' }] };
      const { code, out, err } = await run(
        ['merge'],
        sealed(JSON.stringify(own), JSON.stringify([[], [saved]])),
      );
      expect({ code, out }, message).to.deep.equal({ code: 1, out: '' });
      expect(err).to.match(/^exprjit: standard input: line 2: /);
      expect(err).to.contain(message);
    }
    const many = base64((bytes) => bytes.set([255, 255, 255, 255, 255, 255, 31], 8));
    const own = { ...form, by: [], aggregates: [{ heading: 'v', kind: 'sum', formula: 'x' }] };
    const most = sealed(JSON.stringify(own), JSON.stringify([[], [many]]));
    expect((await run(['merge'], most)).out).to.equal('v\n0\n');
    expect((await run(['merge'], most + most)).err).to.contain('a state has at most 2^53 - 1 rows');
  });

  it('refuses files that are none, and leaves what was there', async () => {
    await writeFile(file('kept'), 'kept');
    const cases: readonly (readonly [input: string | Buffer, message: string])[] = [
      ['', 'there is no state in it'],
      ['\n\n', 'there is no state in it'],
      [orders, "line 1: this is no state that 'exprjit reduce --state' wrote"],
      ['{"a":1}\n', "line 1: this is no state that 'exprjit reduce --state' wrote"],
      [Buffer.of(0xff, 0xfe, 0x7b, 0, 0, 0xd8, 0x7b, 0), 'the text is not UTF-16LE'],
      [Buffer.alloc(3_000), 'this is no state'],
      [Buffer.alloc(5_000_000, 'x'), 'line 1 is too long for a state'],
      [gzipSync(orders).subarray(0, 30), 'packed by gzip is damaged'],
    ];
    for (const [input, message] of cases) {
      await writeFile(file('foreign'), input);
      const { code, out, err } = await run(['merge', '-o', file('kept'), file('foreign')]);
      expect({ code, out }, message).to.deep.equal({ code: 1, out: '' });
      expect(err).to.contain(`${file('foreign')}: `);
      expect(err).to.contain(message);
    }
    expect((await run(['merge', file('missing')])).err).to.contain('missing: no such file');
    expect((await run(['merge', folder])).err).to.contain('directory');
    expect(await readFile(file('kept'), 'utf8')).to.equal('kept');
  });

  it('shows nothing of a state that a terminal would obey', async () => {
    const other = { ...form, filter: `\x1b[2J\x9b${'x'.repeat(1000)}` };
    const ascii = JSON.stringify(other).replace('\x9b', '\\u009b');
    const { err } = await run(['merge'], sealed(JSON.stringify(form)) + sealed(ascii));
    expect(err).to.contain(`filter: ?[2J?${'x'.repeat(295)}…, before: none\n`);
  });

  it('ends at a signal, and writes nothing', async () => {
    const input = new PassThrough();
    const target = file('interrupted');
    const { code, out, err } = await run(['merge', '-o', target], input, {
      onStart: (signals) => setTimeout(() => signals.emit('SIGTERM'), 50),
    });
    expect({ code, out, err, exists: existsSync(target) }).to.deep.equal({
      code: 143,
      out: '',
      err: '',
      exists: false,
    });
  });

  it('says what is wrong with the command line', async () => {
    const cases: readonly (readonly [args: readonly string[], code: number, message: string])[] = [
      [['merge', '-', '-'], 2, 'standard input can be read only once'],
      [['merge', '--by', 'k'], 2, "merge has no option '--by'"],
      [
        ['merge', '--state', 'a', '--out', 'b'],
        2,
        '--state writes a state instead of the table that --out is for',
      ],
      [['reduce', '--state', 'a', '--json', 'sum(qty)'], 2, 'instead of the table that --json is for'],
      [['reduce', '--state', '-', '--as', 'p=prod(qty)'], 2, 'prod rounds at every row'],
      [['reduce', '--state', '-', 'sum(index)'], 1, "'index' and 'length' are those of one table"],
      [
        ['reduce', '--state', '-', 'sum(qty)', '--filter', 'index < length / 2'],
        1,
        "'index' and 'length' are those",
      ],
    ];
    for (const [args, status, message] of cases) {
      const { code, out, err } = await run(args, orders);
      expect({ code, out }, message).to.deep.equal({ code: status, out: '' });
      expect(err).to.contain(message);
    }
    // A column of that name is one.
    expect((await run(['reduce', '--state', '-', 'sum(index)'], 'index\n3\n')).code).to.equal(0);
  });
});
