import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import loadWabt from 'wabt';
import { CompileError, Engine, toWasm, wasmText } from '../../src/index.ts';
import { compileWasm, instantiateWasm } from '../../src/jit/wasm/web-assembly.ts';
import { specialValues } from '../support/special-values.ts';

type Evaluate = (...args: number[]) => number;

interface Exports {
  readonly evaluate: Evaluate;
  readonly trap: () => number;
  readonly setFuel: (units: number) => void;
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly base: () => number;
  readonly map: (...args: number[]) => void;
}

function instance(bytes: Uint8Array, imports: object = {}): Exports {
  return instantiateWasm(compileWasm(bytes), imports) as unknown as Exports;
}

const formulas = [
  'x*y + 1',
  'x < y',
  'sin(x) * exp(-y) + gamma(x)',
  'x % y',
  'round(x) + bitand(x, y)',
  'sum(i, 1, 20, x / i) + y',
  'f(n) = n < 1 ? y : f(n - 1) + g(n); g(n) = n < 2 ? n : g(n - 1) * 0.5 + g(n - 2); f(isnan(x) ? 3 : clamp(x, 0, 12))',
];

describe('toWasm', () => {
  it('gives modules that compute what engines do, bit for bit', () => {
    using engine = new Engine({ backend: 'interpreter' });
    for (const source of formulas) {
      const { evaluate } = instance(toWasm(source, ['x', 'y']));
      using expected = engine.compile(source, ['x', 'y']);
      for (const x of specialValues.slice(0, 40)) {
        for (const y of [0.5, -3, Number.NaN, 1e300]) {
          if (!Object.is(evaluate(x, y), expected(x, y)))
            expect.fail(`${source} of ${x}, ${y}: ${evaluate(x, y)}`);
        }
      }
    }
  });

  it('gives modules that run without this package', () => {
    const folder = mkdtempSync(join(tmpdir(), 'exprjit-wasm-'));
    try {
      writeFileSync(join(folder, 'f.wasm'), toWasm('sqrt(x*x + y*y)', ['x', 'y']));
      const kernel = { columns: { y: 'uniform' }, type: 'f32' } as const;
      writeFileSync(join(folder, 'k.wasm'), toWasm('sin(x) + y + index', undefined, { kernel }));
      writeFileSync(
        join(folder, 'run.mjs'),
        `import { readFileSync } from 'node:fs';
        const load = async (name) => (await WebAssembly.instantiate(readFileSync(name))).instance.exports;
        const { evaluate } = await load('f.wasm');
        const { memory, base, map } = await load('k.wasm');
        const rows = 50_000;
        memory.grow(Math.ceil((base() + rows * 12) / 65_536));
        const [x, out] = [base(), base() + rows * 8];
        const xs = new Float64Array(memory.buffer, x, rows);
        xs.forEach((_, row) => { xs[row] = row / 100; });
        map(rows, x, 0.5, out);
        const results = new Float32Array(memory.buffer, out, rows);
        console.log(evaluate(3, 4), results.join());`,
      );
      const [first, list = ''] = execFileSync(process.execPath, ['run.mjs'], {
        cwd: folder,
        encoding: 'utf8',
      })
        .trim()
        .split(' ');
      expect(first).to.equal('5');
      using engine = new Engine();
      using f = engine.compile('sin(x) + y + index');
      const x = Float64Array.from({ length: 50_000 }, (_, row) => row / 100);
      expect(list).to.equal(f.map({ x, y: 0.5 }, { type: 'f32' }).join());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('has limits, says which one was met, and goes on', () => {
    const { evaluate, trap, setFuel } = instance(toWasm('f(n) = n <= 0 ? 0 : 1 + f(n - 1); f(x)', ['x']));
    expect([evaluate(1000), trap()]).to.deep.equal([1000, 0]);
    expect(() => evaluate(1e9)).to.throw('unreachable');
    expect(trap()).to.equal(1);
    setFuel(100);
    expect(() => evaluate(1000)).to.throw('unreachable');
    expect(trap()).to.equal(2);
    setFuel(1e6);
    expect([evaluate(1000), trap()]).to.deep.equal([1000, 0]);
  });

  it('has limits in kernels, whose rows run on vectors and one by one', () => {
    const { memory, base, map, trap, setFuel } = instance(
      toWasm('sum(i, 1, n, 1)', ['n'], { kernel: 'f64' }),
    );
    const rows = 37;
    const columns = new Float64Array(memory.buffer, base(), 2 * rows);
    for (let row = 0; row < rows; row++) columns[row] = row;
    map(rows, base(), base() + rows * 8);
    expect([...columns.subarray(rows)]).to.deep.equal([...columns.subarray(0, rows)]);
    setFuel(10);
    columns[5] = 1e6;
    expect(() => map(rows, base(), base() + rows * 8)).to.throw('unreachable');
    expect(trap()).to.equal(2);
  });

  it('imports functions of the host, whose exceptions pass through', () => {
    const bytes = toWasm('noise(x) * 2', ['x'], { functions: { noise: (x) => x } });
    expect(instance(bytes, { host: { noise: (x: number) => x + 1 } }).evaluate(3)).to.equal(8);
    const fail = (): never => {
      throw new SyntaxError('from the host');
    };
    expect(() => instance(bytes, { host: { noise: fail } }).evaluate(3)).to.throw(
      SyntaxError,
      'from the host',
    );
  });

  it('takes every type of columns and of results', () => {
    for (const [type, array] of Object.entries({
      f32: Float32Array,
      i8: Int8Array,
      u16: Uint16Array,
      u32: Uint32Array,
    })) {
      const { memory, base, map } = instance(
        toWasm('x * 2 + 0.5', ['x'], { kernel: { columns: { x: type as 'f32' }, type: type as 'f32' } }),
      );
      const xs = new array(memory.buffer, base(), 9);
      xs.set([1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const expected = array.from([1, 2, 3, 4, 5, 6, 7, 8, 9].map((x) => x * 2 + 0.5));
      map(9, base(), base());
      expect([...xs], type).to.deep.equal([...expected]);
    }
  });

  it('says what is wrong', () => {
    expect(() => toWasm('1 +')).to.throw(CompileError);
    expect(() => toWasm(3 as unknown as string)).to.throw(TypeError);
    expect(() => toWasm('x', ['x'], { kernal: 'f64' } as object)).to.throw(TypeError, 'kernel');
    expect(() => toWasm('x', ['x'], { kernel: 'f16' as 'f64' })).to.throw(
      RangeError,
      'kernel must be one of',
    );
    expect(() => toWasm('x', ['x'], { kernel: { columns: { z: 'f64' } } })).to.throw(
      TypeError,
      'no parameter',
    );
    expect(() => toWasm('x + x*x', ['x'], { limits: { codeSize: 20 } })).to.throw(CompileError, 'at most 20');
  });
});

describe('limits of WebAssembly', () => {
  // Each value is read twice, in another function's block than its own, so that it takes a local.
  const lets = Array.from({ length: 51_000 }, (_, i) => `let a${i} = x * ${i} + 1`);
  const sums = Array.from({ length: 51_000 }, (_, i) => `a${i}`).join(' + ');
  const source = `${lets.join('\n')}\n(x > 0 ? ${sums} : 1) + (x < 1 ? ${sums} : 2)`;
  const limits = { length: 1e8, tokens: 1e8, nodes: 1e8, codeSize: 1e9 };

  it('are errors of compilation', function () {
    this.timeout(60_000);
    using engine = new Engine({ backend: 'wasm', limits });
    expect(() => engine.compile(source, ['x'])).to.throw(CompileError, 'locals; at most 50000 are allowed');
  });
});

describe('wasmText', () => {
  it('refuses what is no module', () => {
    for (const bytes of [
      'x',
      Uint8Array.of(1, 2, 3),
      toWasm('sin(x)').subarray(0, 100),
      new Uint16Array(8),
    ]) {
      expect(() => wasmText(bytes as Uint8Array)).to.throw(TypeError);
    }
  });

  it('prints what an assembler makes the same module of', async () => {
    const wabt = await loadWabt();
    for (const source of formulas) {
      for (const kernel of [undefined, 'f64', 'u8'] as const) {
        const bytes = toWasm(source, ['x', 'y'], kernel === undefined ? {} : { kernel });
        const text = wasmText(bytes);
        const module = wabt.parseWat('module.wat', text, { simd: true, multi_value: true });
        module.validate();
        const { buffer } = module.toBinary({});
        module.destroy();
        // All but the names at its end.
        expect(
          Buffer.compare(Buffer.from(buffer), Buffer.from(bytes).subarray(0, buffer.length)),
          source,
        ).to.equal(0);
        expect(bytes.length - buffer.length).to.be.within(10, 2000);
      }
    }
  });

  it('names functions', () => {
    const text = wasmText(toWasm('sin(x)'));
    expect(text).to.match(/^\(module\n {2}\(type/);
    expect(text).to.contain('(;sin;)').and.contain('(export "evaluate" (func');
    expect(wasmText(toWasm('x + 1')).split('(').length).to.equal(wasmText(toWasm('x + 1')).split(')').length);
  });
});
