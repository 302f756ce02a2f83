import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { PNG } from 'pngjs';
import { run } from './run-command-line.ts';

describe('exprjit plot', () => {
  it('draws on the terminal', async () => {
    const { code, out, err } = await run(['plot', 'x^2', '-1', '1', '--width', '40', '--height', '8']);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines).to.have.length(8);
    expect(lines.at(-1)).to.match(/-1 +0 +1$/);
  });

  it('takes expressions as ends, and any name as the variable', async () => {
    const { out } = await run(['plot', 'sin(t)', '-pi', '2*pi', '--json']);
    const { x, y } = JSON.parse(out);
    expect(x[0]).to.equal(-Math.PI);
    expect(x.at(-1)).to.equal(2 * Math.PI);
    expect(y).to.have.length(x.length);
    expect(JSON.parse((await run(['plot', '1/x', '0', '1', '--json'])).out).y[0]).to.equal('inf');
  });

  it('writes SVG and PNG', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exprjit-'));
    try {
      const file = join(folder, 'x.svg');
      expect(await run(['plot', 'x', '0', '1', '-o', file])).to.deep.equal({ code: 0, out: '', err: '' });
      expect(await readFile(file, 'utf8')).to.match(/^<svg /);
      const png = join(folder, 'x');
      expect((await run(['plot', 'x', '0', '1', '--json', '--png', png])).code).to.equal(0);
      expect(PNG.sync.read(await readFile(png)).width).to.equal(1600);
      expect((await run(['plot', 'nan*x', '0', '1', '-o', file])).err).to.match(
        /^exprjit: there is nothing to see/,
      );
      const { code, err } = await run(['plot', 'x', '0', '1', '--out', join(folder, 'none', 'x.svg')]);
      expect(code).to.equal(1);
      expect(err).to.match(/^exprjit: .*x\.svg: no such file or directory\n$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('draws whatever the size of the numbers', async () => {
    for (const [formula, from, to] of [
      ['1e17', '0', '1'],
      ['1e-308*x', '0', '1'],
      ['x*9e307', '-1', '1'],
      ['x', '-1e308', '1e308'],
      ['x', '0', '5e-324'],
    ] as const) {
      const { code, out } = await run(['plot', formula, from, to, '--width', '40', '--height', '8']);
      expect(code).to.equal(0);
      expect(out, formula)
        .to.match(/[\u2801-\u28ff]/)
        .and.not.match(/NaN|Infinity/);
    }
  });

  it('draws several formulas, and says where there is nothing to see', async () => {
    const { out } = await run(['plot', 'sin(x)', 'cos(t)', '0', '1', '--marks', 'ascii', '--width', '40']);
    expect(out).to.match(/^\*\* sin\(x\) {3}\+\+ cos\(t\)\n/);
    const json = JSON.parse((await run(['plot', 'x', '2*x', '0', '1', '--json'])).out);
    expect(json.curves.map(({ label }: { label: string }) => label)).to.deep.equal(['x', '2*x']);
    expect(json.curves[1].y.at(-1)).to.equal(2);
    expect((await run(['plot', 'nan*x', '1/0', '0', '1'])).out).to.equal(
      'there is nothing to see: nan*x and 1/0 are nan or infinite at all of 160 points from 0 to 1\n',
    );
  });

  it('draws heat maps of two variables', async () => {
    const { out } = await run(['plot', 'sin(b)*cos(a)', '0', '10', '--width', '70', '--height', '10']);
    expect(out.split('\n')[0]).to.match(/^sin\(b\)\*cos\(a\) {2}.*a to the right, b up$/);
    expect(out).to.match(/█+.*░/);
    const args = ['plot', 'x - y', '0', '2', '-8', '0', '--json', '--marks', 'ascii', '--height', '7'];
    const { x, y, z } = JSON.parse((await run(args)).out);
    expect([y.length, z.length, z[0].length]).to.deep.equal([4, 4, x.length]);
    expect(y).to.deep.equal([-7, -5, -3, -1]);
    expect(z[1][0]).to.equal(x[0] + 5);
    const forced = { env: { FORCE_COLOR: '1', LANG: 'en_US.UTF-8' } };
    expect((await run(['plot', 'x*y', '0', '1'], '', forced)).out).to.contain('\x1b[0;38;5;');
    expect((await run(['plot', 'x*y*nan', '0', '1'])).out).to.match(
      /^there is nothing to see: x\*y\*nan is nan or infinite at all of \d+ points\n$/,
    );
  });

  it('is made of what the terminal has', async () => {
    const { out } = await run(['plot', 'x', '0', '1'], '', { env: { LANG: 'C' } });
    expect(out).to.match(/^[ -~\n]+$/);
  });

  it('fails for ranges and formulas that cannot be drawn', async () => {
    for (const [args, message] of [
      [['x', '1', '1'], 'a range goes up from one number to another, not from 1 to 1'],
      [['x', '0', 'inf'], 'a range goes up from one number to another, not from 0 to inf'],
      [['x*y*z', '0', '1'], 'one variable is needed, or two of one formula, but x, y, z are free'],
      [['x', 'x*y', '0', '1'], 'one variable is needed, or two of one formula, but x, y are free'],
      [['x*y', '0', '1', '2', '1'], 'a range goes up from one number to another, not from 2 to 1'],
      [['x +', '0', '1'], 'E_UNEXPECTED_END'],
    ] as const) {
      const { code, err } = await run(['plot', ...args]);
      expect(code).to.equal(1);
      expect(err).to.contain(message);
    }
  });
});
