import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { featureLevels, toWasm } from '../../src/index.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { run } from './run-command-line.ts';

describe('exprjit asm', () => {
  it('prints offsets, bytes and instructions', async () => {
    requireAddon();
    const { code, out, err } = await run(['asm', '--cpu', 'sse2', 'x*y + 1']);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(out).to.match(
      /^; \d+ bytes for sse2, parameters x, y\nmain:\n {2}0000 {2}[0-9a-f]+ +movsd xmm0, /,
    );
    expect(out).to.contain('mulsd').and.contain('  ; 1\n');
  });

  it('makes code for every instruction set', async () => {
    requireAddon();
    for (const cpu of featureLevels)
      expect((await run(['asm', '--cpu', cpu, 'x'])).out).to.contain(`for ${cpu}`);
  });

  it('contracts with --fast-math, and hides bytes', async () => {
    requireAddon();
    const { out } = await run(['asm', '--cpu=avx2', '--fast-math', '--no-bytes', 'x*y + z']);
    expect(out)
      .to.match(/^ {2}0000 {2}vmovsd/m)
      .and.contain('vfmadd');
  });

  it('prints JSON', async () => {
    requireAddon();
    const { out } = await run(['asm', '--json', 'x + 1']);
    const { cpu, size, parameters, lines } = JSON.parse(out);
    expect(featureLevels).to.include(cpu);
    expect(parameters).to.deep.equal(['x']);
    expect(lines[0]).to.deep.equal({ label: 'main' });
    expect(lines[1]).to.have.all.keys('offset', 'bytes', 'text');
    expect(size).to.be.above(lines[1].bytes.length / 2);
  });

  it('shows kernels, of any instruction set and type', async () => {
    requireAddon();
    const { code, out, err } = await run([
      'asm',
      '--kernel',
      'x*y + 1',
      '--level',
      'avx512',
      '--type',
      'f32',
    ]);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(out)
      .to.match(/^; \d+ bytes for avx512, a loop on vectors, parameters x, y\n\$kernel:\n {2}0000 {2}/)
      .and.contain('vcvtps2pd zmm');
    expect((await run(['asm', '--kernel', 'sum(i, 1, x, i)'])).out).to.contain(', a loop on vectors, ');
    expect((await run(['asm', '--kernel', 'f(n) = n < 1 ? 0 : 1 + f(n - 1); f(x)'])).out).to.contain(
      ', a loop row by row, ',
    );
    const { kernel, cpu, lines } = JSON.parse(
      (await run(['asm', '--kernel', '--json', '--cpu=sse2', '-x'])).out,
    );
    expect({ kernel, cpu, first: lines[0] }).to.deep.equal({
      kernel: 'vectors',
      cpu: 'sse2',
      first: { label: '$kernel' },
    });
  });

  it('refuses options that make no sense', async () => {
    for (const [args, message] of [
      [['--type', 'f32'], '--type is that of columns, and needs --kernel'],
      [
        ['--kernel', '--type', 'f16'],
        "--type must be one of f64, f32, i8, u8, i16, u16, i32, u32, not 'f16'",
      ],
      [['--level', 'mmx'], "--level must be one of sse2, sse4.1, avx2, avx512, not 'mmx'"],
      [['--level', 'sse2', '--cpu', 'sse2'], '--level is another name of --cpu'],
    ] as const) {
      const { code, err } = await run(['asm', ...args, 'x']);
      expect({ code, err }).to.deep.equal({
        code: 2,
        err: `exprjit: ${message}\nTry 'exprjit asm --help'.\n`,
      });
    }
    const { code, err } = await run(['asm', '--kernel', 'f(x) = x; g(x) = x']);
    expect({ code, err }).to.deep.equal({
      code: 1,
      err: 'error: a kernel is of one function, and the source defines f, g\n',
    });
  });

  it('is painted on a terminal', async () => {
    requireAddon();
    const { out } = await run(['asm', '-x'], '', { isTTY: true });
    expect(out).to.contain('\x1b[35mret\x1b[39m');
  });

  it('fails for what is wrong, and passes warnings on', async () => {
    const { code, out, err } = await run(['asm', 'x +']);
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(err).to.contain('E_UNEXPECTED_END');
    expect((await run(['asm', '1 < 2'])).err).to.match(/^warning\[W_CONSTANT_COMPARISON\]: /);
  });
});

describe('exprjit ir', () => {
  it('prints the IR before and after each pass', async () => {
    const { code, out } = await run(['ir', 'x*1 + 2*3']);
    expect(code).to.equal(0);
    expect(out).to.match(/^── lower\nfunction main\(f64\): f64 \{\n/);
    expect(out.match(/^── .*$/gm)?.slice(0, 2)).to.deep.equal(['── lower', '── simplify']);
    expect(out).to.contain('fconst 6');
  });

  it('prints only what comes out, the tree and machine IR on request', async () => {
    requireAddon();
    const { out } = await run(['ir', '--last', '--ast', '--machine', 'x + 2*3']);
    expect(out.match(/^── .*$/gm)).to.deep.equal([
      '── syntax tree',
      '── optimized',
      '── selection',
      '── allocation',
    ]);
  });

  it('says of which function a pass speaks where there are several', async () => {
    const { out } = await run(['ir', 'f(n) = n < 1 ? 0 : 1 + f(n - 2); f(x)*(1 + 1)']);
    expect(out)
      .to.match(/^── simplify of main$/m)
      .and.match(/^── \S+ of f$/m);
  });

  it('prints JSON', async () => {
    requireAddon();
    const { out } = await run(['ir', '--json', 'x + 1']);
    const { parameters, ast, passes, machine } = JSON.parse(out);
    expect(parameters).to.deep.equal(['x']);
    expect(ast).to.contain('sum');
    expect(passes[0]).to.include({ pass: 'lower' });
    expect(machine[0]).to.have.all.keys('stage', 'text');
  });
});

describe('exprjit doctor', () => {
  before(requireAddon);
  it('says what works', async () => {
    const { code, out } = await run(['doctor']);
    expect(code).to.equal(0);
    expect(out)
      .to.contain(`✓ Node.js ${process.version}`)
      .and.match(
        /✓ formulas run as machine code for \w+\n {2}they are called (as V8's fast calls|by Node-API: .+)\n$/,
      );
    expect(out).to.contain('executable memory:\n').and.contain('features: ');
  });

  it('prints JSON', async () => {
    const report = JSON.parse((await run(['doctor', '--json'])).out);
    expect(report).to.include({ backend: 'native', platform: process.platform });
    expect(report.calls).to.be.oneOf(['fast', 'node-api']);
    expect(report.memory.strategies[0]).to.include.keys('strategy', 'works');
  });
});

describe('exprjit bench', () => {
  it('measures calls and compilations', async () => {
    const { code, out } = await run(['bench', '--samples', '1', '--json']);
    expect(code).to.equal(0);
    const results = JSON.parse(out);
    expect(results).to.have.length(4);
    for (const { formula, call, compile } of results) {
      expect(formula).to.be.a('string');
      for (const { exprjit, javascript } of [call, compile]) {
        expect(exprjit).to.be.above(0);
        expect(javascript).to.be.above(0);
      }
    }
  });
});

describe('exprjit wasm', () => {
  it('prints the text of a module', async () => {
    const { code, out, err } = await run(['wasm', '--text', 'x*y + 1']);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(out)
      .to.match(/^\(module\n/)
      .and.contain('(export "evaluate" (func');
    expect(out).to.contain('f64.mul').and.match(/\)\n$/);
  });

  it('writes a module, of functions and of kernels', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'exprjit-cli-wasm-'));
    try {
      const file = join(folder, 'f.wasm');
      expect(await run(['wasm', '--out', file, 'x + y'])).to.deep.equal({ code: 0, out: '', err: '' });
      expect(readFileSync(file).equals(toWasm('x + y'))).to.equal(true);
      await run(['wasm', '--kernel', '--type', 'f32', '-o', file, 'x + y']);
      expect(readFileSync(file).equals(toWasm('x + y', undefined, { kernel: 'f32' }))).to.equal(true);
      const lost = await run(['wasm', '--out', join(folder, 'no', 'f.wasm'), 'x']);
      expect(lost.code).to.equal(1);
      expect(lost.err).to.match(/^exprjit: .*f\.wasm/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what is wrong', async () => {
    expect((await run(['wasm', '1 +'])).code).to.equal(1);
    expect((await run(['wasm'])).err).to.contain('needs a formula');
    expect((await run(['wasm', 'x', 'y'])).err).to.contain("got 'y' as well");
    expect((await run(['wasm', '--type', 'f32', 'x'])).err).to.contain('needs --kernel');
    const shown = await run(['wasm', 'x'], '', { isTTY: true });
    expect(shown.code).to.equal(2);
    expect(shown.err).to.contain('--text');
  });
});
