import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Parser } from 'expr-eval';
import { Engine } from 'exprjit';
import { compile as compileWithMathjs } from 'mathjs';
import { ofAnotherShape, withOtherConstants } from './compile.sources.ts';
import { type Candidate, compare } from './support/compare.ts';
import { median, medianRatio } from './support/statistics.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

const source = 'sin(x)*cos(y)+exp(-z*z)';
const script = 'Math.sin(x)*Math.cos(y)+Math.exp(-z*z)';
const parameters = ['x', 'y', 'z'] as const;
const scope = { x: 0.5, y: 1.5, z: 2.5 };

/** Keeps what is computed, so that nothing can be left out. */
let sink = 0;

function repeat(name: string, action: (index: number) => number): Candidate {
  return {
    name,
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) sink += action(i);
    },
  };
}

function compileAndCall(engine: Engine, text: string): number {
  const f = engine.compile(text, parameters);
  const result = f(scope.x, scope.y, scope.z);
  f.release();
  return result;
}

function compileOnce(engine: Engine): void {
  const measurements = compare(
    [
      repeat('mathjs: compile', () => Object.keys(compileWithMathjs(source)).length),
      repeat('mathjs: compile + evaluate', () => compileWithMathjs(source).evaluate(scope) as number),
      repeat('exprjit: compile + call + release', () => compileAndCall(engine, source)),
      repeat('exprjit: the same with other constants each time', (index) =>
        compileAndCall(engine, withOtherConstants(index)),
      ),
      repeat('exprjit: the same with another shape each time', (index) =>
        compileAndCall(engine, ofAnotherShape(index % 3 ** 7)),
      ),
      repeat(
        'mathjs: compile with another shape each time',
        (index) => Object.keys(compileWithMathjs(ofAnotherShape(index % 3 ** 7))).length,
      ),
      // V8 caches by text, so each has a text of its own.
      repeat('new Function + call', (index) =>
        new Function(...parameters, `return ${script} // ${index}`)(scope.x, scope.y, scope.z),
      ),
      repeat('expr-eval: parse + evaluate', () => Parser.parse(source).evaluate(scope)),
    ],
    { sample: 25, warmUp: 2000 },
  );
  printTable(
    `Compiling ${source}, warm`,
    ['', 'each', 'to mathjs: compile'],
    measurements.map(({ name, nanoseconds, ratio }) => [name, formatTime(nanoseconds), formatRatio(ratio)]),
  );
}

/** Whether long sources cost more per term than short ones. */
function growth(engine: Engine): void {
  const sizes = [1_000, 10_000, 100_000];
  const sources = sizes.map((terms) =>
    Array.from({ length: terms }, (_, index) => `x*${index % 997}`).join('+'),
  );
  const times = sizes.map((): number[] => []);
  for (let round = 0; round < 5; round++) {
    sources.forEach((text, index) => {
      const repeats = Math.ceil(100_000 / (sizes[index] as number));
      const start = process.hrtime.bigint();
      for (let i = 0; i < repeats; i++) {
        const f = engine.compile(text, ['x']);
        sink += f(1);
        f.release();
      }
      const elapsed = Number(process.hrtime.bigint() - start);
      times[index]?.push(elapsed / repeats / (sizes[index] as number));
    });
  }
  const reference = times[0] as number[];
  printTable(
    'Compiling x*0+x*1+…',
    ['terms', 'per term', 'to 1,000 terms'],
    sizes.map((terms, index) => {
      const own = times[index] as number[];
      const ratios = own.map((time, round) => time / (reference[round] as number));
      return [terms.toLocaleString('en'), formatTime(median(own)), formatRatio(median(ratios))];
    }),
  );
}

/** A thousand sources in a process that has compiled one, where most of the compiler is not compiled itself. */
function fresh(): void {
  const program = fileURLToPath(new URL('compile.fresh.ts', import.meta.url));
  const rows = (['constants', 'shapes'] as const).map((kind) => {
    const [own, mathjs] = (['exprjit', 'mathjs'] as const).map(() => [] as number[]) as [number[], number[]];
    for (let round = 0; round < 7; round++) {
      for (const [way, times] of [['exprjit', own] as const, ['mathjs', mathjs] as const]) {
        const output = execFileSync(process.execPath, ['--import=tsx', program, way, kind], {
          encoding: 'utf8',
        });
        times.push(Number(output) * 1e6);
      }
    }
    return [`other ${kind}`, formatTime(median(own)), formatRatio(medianRatio(own, mathjs))];
  });
  printTable('1,000 sources in a fresh process, after the first', ['', 'all', 'to mathjs: compile'], rows);
}

/** From text to a callable and its first result. */
export function run(): void {
  using engine = new Engine({
    backend: 'native',
    limits: { length: 2_000_000, tokens: 1_000_000, nodes: 1_000_000, codeSize: 64 * 1024 * 1024 },
  });
  compileOnce(engine);
  growth(engine);
  fresh();
  if (!Number.isFinite(sink)) throw new Error('the benchmark computed nonsense');
}
