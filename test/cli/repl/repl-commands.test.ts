import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { showOutcome } from '../../../src/cli/repl/outcome.ts';
import { isCommandLine } from '../../../src/cli/repl/prompt-commands.ts';
import { replCommands } from '../../../src/cli/repl/repl-commands.ts';
import { runCommand } from '../../../src/cli/repl/run-command.ts';
import { Session } from '../../../src/cli/repl/session.ts';
import { plain } from '../../../src/cli/style.ts';
import { requireAddon } from '../../../src/native/loader.ts';

describe('the prompt', () => {
  let session: Session;
  let folder: string;
  beforeEach(() => {
    session = new Session();
    folder = mkdtempSync(join(tmpdir(), 'exprjit-'));
  });
  afterEach(() => {
    session[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  /** What typing these lines prints. */
  async function type(...lines: readonly string[]): Promise<string> {
    const printed: string[] = [];
    const print = (text: string) => void printed.push(text);
    const screen = { palette: plain, marks: 'braille', colours: 'none' } as const;
    const context = { session, palette: plain, screen, columns: 60, print };
    for (const line of lines) {
      if (isCommandLine(line)) await runCommand(line, context, print);
      else showOutcome(session.run(line), context);
    }
    return printed.join('\n');
  }

  it('answers a definition with its signature and the size of its code', async () => {
    requireAddon();
    expect(await type('f(x, y) = x^2 + y')).to.match(/^f\(x, y\) {2}\d+ bytes$/);
    expect(await type('let r = 2; let b = r > 1')).to.equal('r = 2\nb = true');
    expect(await type('g(x) = x; g(4)')).to.match(/^g\(x\) {2}\d+ bytes\n4$/);
  });

  it('lets dependents follow redefinitions, and kinds change', async () => {
    requireAddon();
    await type('let k = 2', 'f(x) = k*x', 'g(x) = f(x) + 1');
    expect(await type('let k = 10', 'g(1)')).to.equal('k = 10\n11');
    expect(await type('f(x) = x', 'g(1)')).to.contain('\n2');
    expect(() => session.run('f(x, y) = x')).to.throw('f');
    await type('.release g');
    expect(await type('f(x, y) = x - y', 'f(3, 1)')).to.match(/^f\(x, y\) {2}\d+ bytes\n2$/);
    expect(await type('let f = 1', 'f')).to.equal('f = 1\n1');
    expect(session.residents).to.deep.equal([]);
  });

  it('.asm shows machine code, of any level', async () => {
    requireAddon();
    expect(await type('f(x) = 2*x', '.asm f sse2')).to.match(/; \d+ bytes for sse2\nf:\n {2}0000 /);
    expect(await type('.asm x*y + z avx2')).to.match(/^; \d+ bytes for avx2, parameters x, y, z\nmain:\n/);
    expect(await type('let a = 1', '.asm a')).to.contain("error: 'a' is a value and has no code");
  });

  it('.asm --kernel shows the loop over columns', async () => {
    requireAddon();
    expect(await type('f(x) = 2*x', '.asm --kernel f sse2')).to.match(
      /; \d+ bytes for sse2, a loop on vectors\n\$kernel:\n {2}0000 /,
    );
    expect(await type('let k = 3', '.asm --kernel k*x + 1')).to.contain(
      ', a loop on vectors, parameters x\n',
    );
    expect(await type('.asm --kernel')).to.contain('usage: .asm [--kernel] <f> [level]');
  });

  it('.ir shows each pass', async () => {
    const text = await type('f(x) = x*1 + 2*3', '.ir f');
    expect(text)
      .to.match(/── lower\nfunction f\(f64\)/)
      .and.contain('── simplify');
  });

  it('.ast shows the tree', async () => {
    expect(await type('f(x) = x + 1', '.ast f')).to.contain('f(x) =\n└─ sum\n   ├─ x\n   └─ + 1');
  });

  it('.mem shows pools, blocks, spans and totals', async () => {
    requireAddon();
    expect(await type('.mem'))
      .to.contain('pool 0, granularity 64 bytes')
      .and.contain('reserved ');
    await type('f(x) = x + 1', 'g(x) = x % 3');
    const text = await type('.mem');
    expect(text)
      .to.match(/^ {4}\+[0-9a-f]{5} +64 bytes {2}f \(\d+ bytes\)$/m)
      .and.match(/ {2}g \(\d+ bytes\)$/m);
    expect(text).to.match(/^used +192 bytes|^used +\d+ bytes \(\d\.\d %\) in 2 spans$/m);
    expect(text)
      .to.match(/^fragmentation +\d+\.\d % /m)
      .and.match(/[▏▎▍]·+ /);
  });

  it('.time measures without folding, and keeps nothing', async () => {
    await type('let a = 3', 'f(x) = sin(x)');
    const { functionCount } = session.statistics;
    expect(await type('.time f(a)')).to.match(
      /^[\d.]+ (ns|µs) a call \(half of 25 samples of [\d,]+ calls: /,
    );
    expect(await type('.time b')).to.contain('error[E_UNKNOWN_NAME]');
    expect(session.statistics.functionCount).to.equal(functionCount);
  });

  it('.time takes fewer samples of what takes long', async () => {
    const slow = '.time sum(i, 1, 3e5, (i + 1e300) % (i + 0.5) + (1e300 - i) % (i + 2.5))';
    expect(await type(slow)).to.match(
      /^[\d.]+ m?s a call \((called once|one sample of 1 call|half of \d+ calls: .*)\)$/,
    );
  });

  it('.plot draws here and in files', async () => {
    await type('f(x) = x^2');
    expect((await type('.plot f -1 1')).split('\n')).to.have.length(18);
    expect(await type('.plot sin(t) / t -pi 2*pi')).to.contain('┤');
    expect(await type('.plot sqrt 0 1')).to.contain('┤');
    const file = join(folder, 'f.svg');
    expect(await type(`.plot f 0 1 ${file}`)).to.equal(`drew f(x) to ${file}`);
    expect(readFileSync(file, 'utf8')).to.contain('<svg').and.contain('f(x)');
    expect(await type(`.plot f sin 0 1 ${file}.png`)).to.equal(`drew f(x), sin(x) to ${file}.png`);
    expect(readFileSync(`${file}.png`, 'latin1')).to.match(/^.PNG/);
    expect(await type('.plot f 1')).to.contain('usage: .plot <f>… <a> <b> [file]');
    expect(await type('.plot x*y*z 0 1')).to.contain(
      'one variable is needed, or two of one formula, but x, y, z',
    );
    expect(await type('.plot f 1 0')).to.contain('a range goes up');
    expect(await type('.plot f 0 1 /no/such/place.svg')).to.contain('no such file or directory');
  });

  it('.plot draws several curves, each where the next begins', async () => {
    await type('f(x) = x^2', 'let k = 2');
    expect((await type('.plot f sin k*x -1 1')).split('\n')[0]).to.equal('1 f(x)   2 sin(x)   3 k*x');
    expect((await type('.plot sin(t) / t cos -1 1')).split('\n')[0]).to.equal('1 sin(t) / t   2 cos(x)');
    expect((await type('.plot x -x -1 1')).split('\n')[0]).to.equal('1 x   2 -x');
    expect((await type('.plot x - 1 max(x, 0) -1 1')).split('\n')[0]).to.equal('1 x - 1   2 max(x, 0)');
    expect((await type(`.plot 'x' "+ x + 1" -1 1`)).split('\n')[0]).to.equal('1 x   2 + x + 1');
    expect((await type('.plot x > 0 ? x : -x 1 -1 1')).split('\n')[0]).to.equal('1 x > 0 ? x : -x   2 1');
    expect(await type('.plot sin( 0 1')).to.contain('error[E_');
    expect(await type('.plot 1 2 3 4 5 6 7 0 1')).to.contain('7 curves are too many for one plot');
    expect(await type('.plot nan*x 0 1')).to.equal(
      'there is nothing to see: nan*x is nan or infinite at all of 120 points from 0 to 1',
    );
  });

  it('.plot draws heat maps of two variables', async () => {
    await type('g(x, y) = x*y');
    for (const line of ['.plot g 0 1', '.plot x*y -1 1 -2 2', '.plot atan2 0 1']) {
      expect((await type(line)).split('\n'), line).to.have.length(18);
    }
    const wide = (await type('.plot x*y -1 1 -200 2')).split('\n');
    expect(wide[1]).to.match(/^ +0 ┤/);
    expect(wide.at(-1)).to.match(/-1 +0 +1$/);
    const file = join(folder, 'g.png');
    expect(await type(`.plot g 0 1 ${file}`)).to.equal(`drew g(x, y) to ${file}`);
    expect(readFileSync(file, 'latin1')).to.match(/^.PNG/);
    expect(await type('.plot x x*y 0 1')).to.contain('one variable is needed, or two of one formula');
  });

  it('.table shows values', async () => {
    expect(await type('.table x^2 0 0.3 0.1')).to.equal(
      '  x  x^2\n  0  0\n0.1  0.010000000000000002\n0.2  0.04000000000000001\n0.3  0.09',
    );
    expect(await type('.table x%1000 1700000000123 1700000000126 1')).to.equal(
      ['            x  x%1000', ...[3, 4, 5, 6].map((i) => `170000000012${i}  12${i}`)].join('\n'),
    );
    const halves = (await type('.table sin 0 2*pi pi/2')).split('\n').slice(1);
    expect(halves).to.have.length(5);
    for (const line of halves) {
      const [x = '', y = ''] = line.trim().split(/ +/);
      expect(session.evaluate(`sin(${x})`), x).to.equal(Number(y));
    }
    expect(await type('.table x 0 1 0')).to.contain('the step must be a number above zero, not 0');
    expect(await type('.table x 0 1e9 1')).to.contain('at most 1000 are shown');
    expect(await type('.table x 0 1 inf')).to.contain('the step must be a number above zero, not inf');
    expect(await type('.table x 1e16 1e16+8 1')).to.contain('the step is too small: after 10000000000000000');
  });

  it('.release forgets, unless something depends on it', async () => {
    requireAddon();
    await type('f(x) = x', 'g(x) = f(x)', 'let a = 1');
    expect(await type('.release f')).to.equal('error: f is used by g\n');
    expect(await type('.release g')).to.match(/^released g, \d+ bytes$/);
    expect(await type('.release f')).to.match(/^released f, \d+ bytes$/);
    expect(await type('.release a')).to.equal('released a');
    expect(await type('.release a')).to.equal("error: nothing is defined as 'a'\n");
    expect(session.statistics.memory.usedSize).to.equal(0);
  });

  it('.reset forgets everything', async () => {
    await type('f(x) = x', 'let a = 1');
    expect(await type('.reset')).to.equal('forgot 2 definitions');
    expect(await type('a = 1').catch((error: Error) => error.message)).to.be.a('string');
    expect(session.definitions).to.deep.equal([]);
    expect(session.statistics.memory.usedSize).to.equal(0);
  });

  it('.save and .load restore functions and values', async () => {
    requireAddon();
    const file = join(folder, 'with blank.expr');
    await type('let x = 1', 'let x = x/3', 'f(a) = a +\n 1', 'let n = 0/0', 'let m = -1/0', 'let b = 1 < 2');
    expect(await type(`.save "${file}"`)).to.equal(`saved 5 definitions to ${file}`);
    const before = session.definitions;
    await type('.reset');
    expect(await type(`.load '${file}'`)).to.match(
      /^x = 0\.3333333333333333\nn = nan\nm = -inf\nb = true\nf\(a\) {2}\d+ bytes$/,
    );
    const values = ({ definitions }: Session) => definitions.map(({ name, value }) => [name, value]);
    expect(values(session)).to.have.deep.members(before.map(({ name, value }) => [name, value]));
    writeFileSync(file, '1 + 1\nlet q = (2 +\n3)\nq +* 1\nlet never = 1\n');
    expect(await type(`.load "${file}"`)).to.match(/^2\nq = 5\nerror\[E_UNEXPECTED_TOKEN\]/);
    expect(session.definitions.map(({ name }) => name))
      .to.include('q')
      .and.not.include('never');
    expect(await type('.load /no/such/file')).to.equal(
      `error: ${resolve('/no/such/file')}: no such file or directory\n`,
    );
  });

  it('.load takes definitions in any order, and tells file, line and column', async () => {
    const file = join(folder, 'program.expr');
    const load = async (...lines: readonly string[]): Promise<string> => {
      writeFileSync(file, `${lines.join('\n')}\n`);
      return (await type('.reset', `.load ${file}`)).replace(/^forgot .*\n/, '');
    };
    // Functions that stand below; a line that continues the one above; a value that replaces another.
    expect(
      await load('# a sphere', 'volume(r) = 4/3 * ball(r)', '', 'ball(r) = pi', '  * r³', 'volume(1)'),
    ).to.match(/^volume\(r\) .*\nball\(r\) .*\n4\.18879\d*$/);
    expect(await load('let k = 1', 'let j = k', 'let k = 2', 'let i = j + k', 'i')).to.equal(
      'k = 1\nj = 1\nk = 2\ni = 3\n3',
    );
    expect(await load('let a = 1', '', 'f(x) = x + b', 'g(x) = x')).to.contain(
      `--> ${file}:3:12\n  |\n3 | f(x) = x + b\n  |            ^\n`,
    );
    expect(await load('1 + 1', 'f(x) = x·', '  (x +* 2)')).to.contain(
      `--> ${file}:3:7\n  |\n3 |   (x +* 2)\n  |       ^\n`,
    );
    expect(await load('let a = 1', '.time  a + b')).to.contain(
      `--> ${file}:2:12\n  |\n2 | .time  a + b\n  |            ^\n`,
    );
    expect(await load('f(x) = x < 0 ? 0 : 1 + f(x)', '', 'f(1)')).to.contain(`error: ${file}:3: `);
    expect(await load('let a = (1 +', '2')).to.contain(`--> ${file}:`);
  });

  it('.load runs commands as well, and stops where one fails', async () => {
    const file = join(folder, 'commands.expr');
    const other = join(folder, 'other.expr');
    writeFileSync(other, '\ufefflet a = 1\r\n.exit\r\nlet b = 2');
    writeFileSync(file, `.load ${other}\na + (\n.5)\n.table a*x 0 1 1\n.release b\nlet c = 3\n`);
    expect(await type(`.load ${file}`)).to.equal(
      `a = 1\n1.5\nx  a*x\n0  0\n1  1\nerror: nothing is defined as 'b'\n\nerror: ${file}:5 failed, and what follows was not run\n`,
    );
    expect(session.definitions.map(({ name }) => name)).to.deep.equal(['a']);
    writeFileSync(file, `.load ${file}\n`);
    expect(await type(`.load ${file}`)).to.contain('files load one another without end');
    writeFileSync(file, Buffer.from('let x = 1 # \xfc', 'latin1'));
    expect(await type(`.load ${file}`)).to.contain('the text is not UTF-8');
  });

  it('.doctor says what works', async () => {
    requireAddon();
    expect(await type('.doctor'))
      .to.contain('✓ native addon')
      .and.contain('executable memory:');
  });

  it('.help lists all commands, each with its example', async () => {
    const text = await type('.help');
    for (const { name, usage, summary, example } of replCommands) {
      expect(text).to.contain(`${name} ${usage}`).and.contain(summary);
      const one = await type(`.help ${name}`);
      expect(one).to.contain(summary).and.contain(example);
    }
    expect(await type('.help plot')).to.contain('.plot <f>… <a> <b> [file]');
    expect(await type('.help me')).to.contain("there is no command 'me'");
    expect(await type('.help .exit')).to.equal('.exit\n  leave');
  });

  it('.help tells what a name stands for: built-in, or defined here', async () => {
    await type('area(x) = pi * x^2', 'let r = 2', 'r + 1');
    expect(await type('.help sin')).to.match(/^sin\(x\)\n {2}The sine/);
    expect(await type('.help atan2(y, x)')).to.match(/^atan2\(y, x\)\n/);
    expect(await type('.help sum'))
      .to.contain('sum(i, a, b, e)')
      .and.contain('(over columns)');
    expect(await type('.help pi')).to.equal('pi\n  a constant: 3.141592653589793');
    expect(await type('.help area')).to.equal('area(x)\n  gives a number\n  area(x) = pi * x^2');
    expect(await type('.help r')).to.equal('r\n  number 2');
    expect(await type('.help ans')).to.equal('ans\n  the last value: 3');
    expect(await type('.help sinn')).to.contain('did you mean sin, ');
  });

  it('.names lists what is defined, with types and sizes', async () => {
    requireAddon();
    expect(await type('.names')).to.equal('nothing is defined');
    const body = Array.from({ length: 30 }, (_, i) => `x^${i}`).join(' + ');
    await type(
      'let r = 0.5',
      'inside(x, y) = x^2 + y^2 <= r',
      `long(x) = ${body}`,
      'let t = inside(0, 0)',
      't',
    );
    const lines = (await type('.names')).split('\n');
    expect(lines[0]).to.match(/^ans {11}boolean {8,}true$/);
    expect(lines[1]).to.match(/^r {13}number {9,}0.5$/);
    expect(lines[2]).to.match(/^t {13}boolean {8,}true$/);
    expect(lines[3]).to.match(/^inside\(x, y\) {2}boolean {2} *\d+ bytes {2}x\^2 \+ y\^2 <= r$/);
    expect(lines[4]).to.match(/^long\(x\) {7}number {3} *[\d.]+ (bytes|KiB) {2}x\^0 \+ .*…$/);
    expect(lines).to.have.length(5);
    for (const line of lines) expect(line).to.have.length.at.most(60);
  });

  it('keeps the last value as ans, for what uses it too', async () => {
    expect(() => session.run('ans')).to.throw('`ans` is not defined');
    expect(await type('6 * 7', 'ans / 2', 'let a = ans', 'ans + a')).to.equal('42\n21\na = 21\n42');
    await type('f(x) = x + ans');
    expect(await type('f(1)')).to.equal('43');
    expect(await type('f(1)')).to.equal('44');
    expect(await type('1 < 2', 'ans and true', '.table ans*x 1 2 1')).to.equal(
      'true\ntrue\nx  ans*x\n1  1\n2  2',
    );
    expect(session.definitions.map(({ name }) => name)).to.deep.equal(['a', 'f']);
    expect(session.save()).to.equal('let ans = true\nlet a = 21\nf(x) = x + ans\n');
    await type('.release f');
    expect(session.save()).to.equal('let a = 21\n');
    expect(await type('.reset')).to.equal('forgot 1 definition');
    expect(() => session.run('ans')).to.throw('`ans` is not defined');
  });

  it('leaves a definition alone that is called ans', async () => {
    await type('1 + 1', 'ans', 'let ans = 7', '2 + 2');
    expect(await type('ans')).to.equal('7');
    expect(session.save()).to.equal('let ans = 7\n');
    await type('.release ans', 'ans(x) = 2*x', '3 + 3');
    expect(await type('ans(4)', '.names')).to.match(/^8\nans\(x\) .* 2\*x$/);
  });

  it('takes signs of mathematics, and points into them', async () => {
    expect(await type('let r = 2', '2·π·r²', '√(r² + 5) ≥ 3')).to.equal('r = 2\n25.132741228718345\ntrue');
    expect(await type('.time π·q')).to.contain('1 | .time π·q\n  |         ^\n');
    let message = '';
    try {
      session.run('2·π·q');
    } catch (error) {
      message = String(error);
    }
    expect(message).to.contain('1:5: `q` is not defined').and.contain('1 | 2·π·q\n  |     ^');
    expect(await type('vol(r) = 4÷3 · π · r³')).to.match(/^vol\(r\)/);
    expect(session.save()).to.contain('vol(r) = 4/3 * pi * r^3\n');
  });

  it('goes on after what it does not know', async () => {
    expect(await type('.tabel x 0 1 1')).to.equal(
      "error: there is no command '.tabel'; did you mean .table?\n",
    );
    expect(await type('.mem all')).to.equal(
      'error: .mem takes no argument\n\nusage: .mem\nfor example: .mem\n',
    );
    for (const { name, usage } of replCommands) {
      if (usage.startsWith('<')) expect(await type(name), name).to.contain(`usage: ${name} ${usage}`);
    }
    expect(await type('1 + 1')).to.equal('2');
  });

  it('tells numbers from commands', () => {
    for (const line of ['.5', '.5 + x', ' .25']) expect(isCommandLine(line), line).to.equal(false);
    for (const line of ['.asm', '  .mem', '.x']) expect(isCommandLine(line), line).to.equal(true);
  });
});
