import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runNode } from '../support/run-node.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** What a user may write, with what must not compile among it. */
const program = `
import { compile, CompileError, type CompiledFunction, Engine, TrapError } from 'exprjit';
import { Assembler, CodeHolder, JitRuntime, xmm0, xmm1 } from 'exprjit/jit';
import { JitAllocator, JitAllocatorOptions, type Span, VirtMem } from 'exprjit/mem';

const f = compile('x^2 + 2*y', ['x', 'y']);
const typed: (x: number, y: number) => number = f;
const result: number = typed(3, f(1, 2));
// @ts-expect-error one argument is missing
f(1);
// @ts-expect-error one argument is too much
f(1, 2, 3);
// @ts-expect-error not a number
f(1, 'a');
const free: CompiledFunction = compile('x + y');
const many: number = free(1, 2, 3);

const engine = new Engine({ functions: { h: (x) => x }, constants: { k: 1 }, limits: { fuel: 10 }, cache: 5 });
const yes: boolean = engine.compilePredicate('a > b', ['a', 'b'])(2, 1);
const names: readonly string[] = ['p', 'q'];
const g: (...args: number[]) => number = engine.compile('p + q', names);
const mistakes = [
  // @ts-expect-error no such option
  () => new Engine({ cach: 5 }),
  // @ts-expect-error no such backend
  () => new Engine({ backend: 'wasm' }),
];
const value: number | boolean = engine.workspace().evaluate('1 + 1');
try {
  g(1);
} catch (error) {
  if (error instanceof CompileError) console.log(error.render(), error.line, error.code);
  if (error instanceof TrapError) console.log(error.functionName);
}

const holder = new CodeHolder();
const a = new Assembler(holder);
a.bind(holder.newLabel('add'));
a.addsd(xmm0, xmm1);
a.ret();
const runtime = new JitRuntime();
const sum: number = runtime.callable(runtime.add(holder), 'add', 2)(1, 2);

const allocator = new JitAllocator({ options: JitAllocatorOptions.UseDualMapping });
const span: Span = allocator.alloc(100);
allocator.release(span.rx);
console.log(JSON.stringify({ mistakes: mistakes.length, result, many, yes, value, sum, pageSize: VirtMem.info().pageSize > 0 }));
`;

describe('the package, from outside', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-consumer-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'exprjit'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'main.ts'), program);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  const expected = { mistakes: 2, result: 19, many: 3, yes: true, value: 2, sum: 3, pageSize: true };

  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    it(`has types that compile with module resolution ${resolution}, without Node's`, async () => {
      const compilerOptions = {
        module,
        moduleResolution: resolution,
        target: 'es2022',
        lib: ['es2022', 'dom'],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        outDir: resolution,
      };
      const config = join(folder, `tsconfig.${resolution}.json`);
      writeFileSync(config, JSON.stringify({ compilerOptions, files: ['main.ts'] }));
      const { status, stdout } = await runNode([tsc, '-p', config]);
      expect(stdout).to.equal('');
      expect(status).to.equal(0);
      const run = await runNode([join(folder, resolution, 'main.js')]);
      expect(run.stderr.slice(0, 500)).to.equal('');
      expect(JSON.parse(run.stdout)).to.deep.equal(expected);
    });
  }

  it('can be required', async () => {
    writeFileSync(
      join(folder, 'main.cjs'),
      `const { compile } = require('exprjit');
       require('exprjit/jit');
       require('exprjit/mem');
       console.log(compile('x + 1', ['x'])(1));`,
    );
    const run = await runNode(['--no-warnings', join(folder, 'main.cjs')]);
    expect(run).to.deep.equal({ status: 0, stdout: '2\n', stderr: '' });
  });

  it('shows nothing but its doors', async () => {
    writeFileSync(
      join(folder, 'inside.mjs'),
      `const results = await Promise.allSettled([
         import('exprjit/dist/index.js'), import('exprjit/src/native/loader.ts'), import('exprjit/package.json', { with: { type: 'json' } }),
       ]);
       console.log(results.map(({ status }) => status).join());`,
    );
    const run = await runNode(['--no-warnings', join(folder, 'inside.mjs')]);
    expect(run.stdout).to.equal('rejected,rejected,fulfilled\n');
  });
});
