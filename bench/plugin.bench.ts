/** Languages of others on the IR, beside what V8 makes of the same programs as JavaScript. */
import { readFileSync } from 'node:fs';
import { Engine } from 'exprjit';
import { compileIr, parseModule } from 'exprjit/ir';
import { compileBrainfuck } from '../examples/10-brainfuck/brainfuck.ts';
import { parseSteps } from '../examples/10-brainfuck/steps.ts';
import { toJavaScript } from '../examples/10-brainfuck/to-javascript.ts';
import { Session } from '../examples/11-lox-like/session.ts';
import { type CompareOptions, compare } from './support/compare.ts';
import { geometricMean } from './support/statistics.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

const backends = ['native', 'wasm'] as const;
type Backend = (typeof backends)[number];
type Work = () => unknown;

const header = ['', 'V8', ...backends, ...backends.map((backend) => `${backend} to V8`)];

/** A row of the table: the work in JavaScript and on each back end. */
function row(
  name: string,
  javaScript: Work,
  ours: Readonly<Record<Backend, Work>>,
  options?: CompareOptions,
) {
  const works: readonly (readonly [string, Work])[] = [
    ['V8', javaScript],
    ...backends.map((backend) => [backend, ours[backend]] as const),
  ];
  const measured = compare(
    works.map(([name, work]) => ({
      name,
      run: (iterations) => {
        for (let i = 0; i < iterations; i++) work();
      },
    })),
    options,
  );
  const ratios = measured.slice(1).map(({ ratio }) => ratio);
  const cells = [...measured.map(({ nanoseconds }) => formatTime(nanoseconds)), ...ratios.map(formatRatio)];
  return { cells: [name, ...cells], native: ratios[0] ?? Number.NaN };
}

function perBackend<T>(make: (engine: Engine) => T): Readonly<Record<Backend, T>> {
  const [native, wasm] = backends.map((backend) => make(new Engine({ backend, limits: { fuel: 1e12 } }))) as [
    T,
    T,
  ];
  return { native, wasm };
}

/** Those that compute, and those that mostly write: there a byte costs a call of the host. */
const computing = ['primes', 'power', 'automaton'];
const writing = ['squares', 'fibonacci', 'sierpinski'];

function brainfuckRow(name: string) {
  const source = readFileSync(
    new URL(`../examples/10-brainfuck/programs/${name}.bf`, import.meta.url),
    'latin1',
  );
  const translated = toJavaScript(parseSteps(source));
  let output = 0;
  const write = (byte: number) => {
    output = (31 * output + byte) | 0;
  };
  const javaScript = () => translated(new Uint8Array(30_000), write, () => -1);
  const ours = perBackend((engine) => {
    const program = compileBrainfuck(source, { engine });
    return () => program.run(write);
  });
  const outputs = [javaScript, ours.native, ours.wasm].map((work) => {
    output = 0;
    work();
    return output;
  });
  if (new Set(outputs).size !== 1) throw new Error(`${name}: outputs differ`);
  return row(name, javaScript, ours, { rounds: 11 });
}

interface LoxFunction {
  readonly name: string;
  /** The function and its argument; of a name the value of that function. */
  readonly call: readonly [name: string, argument: number | string];
  readonly source: string;
  /** The body of a JavaScript function that gives the same. */
  readonly script: string;
}

/** Functions of the language of example 11, and the same in JavaScript. */
const functions: readonly LoxFunction[] = [
  {
    name: 'fib(25)',
    call: ['fib', 25],
    source: 'fun fib(n) { if (n < 2) return n; return fib(n - 1) + fib(n - 2); }',
    script: 'function fib(n) { if (n < 2) return n; return fib(n - 1) + fib(n - 2); } return () => fib(25);',
  },
  {
    name: 'sum of an array of 10,000',
    // Where the array is.
    call: ['sum', 'made'],
    source: `fun made() {
        var xs = array(10000);
        for (var i = 0; i < len(xs); i = i + 1) xs[i] = sqrt(i);
        return xs;
      }
      fun sum(xs) {
        var total = 0;
        for (var i = 0; i < len(xs); i = i + 1) total = total + xs[i];
        return total;
      }`,
    script: `const made = Array.from({ length: 10000 }, (_, i) => Math.sqrt(i));
      function sum(xs) {
        let total = 0;
        for (let i = 0; i < xs.length; i = i + 1) total = total + xs[i];
        return total;
      }
      return () => sum(made);`,
  },
  {
    name: 'sieve to 10,000',
    call: ['sieve', 'made'],
    source: `fun made() { return array(10001); }
      fun sieve(flags) {
        var n = len(flags) - 1;
        for (var i = 2; i <= n; i = i + 1) flags[i] = 1;
        var count = 0;
        for (var i = 2; i <= n; i = i + 1) {
          if (flags[i]) {
            count = count + 1;
            for (var j = i + i; j <= n; j = j + i) flags[j] = 0;
          }
        }
        return count;
      }`,
    script: `const made = Array(10001).fill(0);
      function sieve(flags) {
        const n = flags.length - 1;
        for (let i = 2; i <= n; i = i + 1) flags[i] = 1;
        let count = 0;
        for (let i = 2; i <= n; i = i + 1) {
          if (flags[i]) {
            count = count + 1;
            for (let j = i + i; j <= n; j = j + i) flags[j] = 0;
          }
        }
        return count;
      }
      return () => sieve(made);`,
  },
];

function loxRow({ name, call: [callee, given], source, script }: LoxFunction) {
  const javaScript = new Function(script)() as () => number;
  const ours = perBackend((engine) => {
    const session = new Session({ compile: { engine } });
    session.run(source);
    const argument = typeof given === 'string' ? session.call(given) : given;
    return () => session.call(callee, argument);
  });
  if (ours.native() !== javaScript() || ours.wasm() !== javaScript())
    throw new Error(`${name}: results differ`);
  return row(name, javaScript, ours);
}

/** A generator of random numbers, xorshift of 32 bits, whose numbers are added up. */
const tightLoop = {
  ir: `function main(i64, i64): i64 {
    b0(v0: i64, v1: i64):
      v2 = iconst 0
      jump b1(v0, v1, v2)
    b1(v3: i64, v4: i64, v5: i64):
      v6 = iconst 13
      v7 = ishl32 v3, v6
      v8 = ixor v3, v7
      v9 = iconst 17
      v10 = ishr32 v8, v9
      v11 = ixor v8, v10
      v12 = iconst 5
      v13 = ishl32 v11, v12
      v14 = ixor v11, v13
      v15 = isext32 v14
      v16 = iadd32 v5, v15
      v17 = iconst 1
      v18 = isub32 v4, v17
      v19 = ine v18, v2
      branch v19, b1(v15, v18, v16), b2
    b2():
      return v16
    }`,
  script: `return (x, n) => {
    let sum = 0;
    do {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      sum = (sum + x) | 0;
      n = (n - 1) | 0;
    } while (n !== 0);
    return sum;
  };`,
} as const;

function tightLoopRow() {
  const javaScript = new Function(tightLoop.script)() as (x: number, n: number) => number;
  const ours = perBackend((engine) => {
    const { functions } = compileIr(parseModule(tightLoop.ir), {
      engine,
      exports: { main: { parameters: ['i32', 'i32'], result: 'i32' } },
    });
    return () => functions.main(1, 10_000);
  });
  const expected = javaScript(1, 10_000);
  if (ours.native() !== expected || ours.wasm() !== expected)
    throw new Error('the tight loop: results differ');
  return row('10,000 rounds of xorshift, i32', () => javaScript(1, 10_000), ours);
}

/** V8 compiles when a function is called, so its share is to translate and to parse. */
function compileRow(name: string) {
  const source = readFileSync(
    new URL(`../examples/10-brainfuck/programs/${name}.bf`, import.meta.url),
    'latin1',
  );
  const ours = perBackend((engine) => () => compileBrainfuck(source, { engine })[Symbol.dispose]());
  return row(`compile ${name}`, () => toJavaScript(parseSteps(source)), ours, { rounds: 11, warmUp: 1000 });
}

export function run(): void {
  const brainfuck = computing.map(brainfuckRow);
  printTable('Brainfuck, beside an optimising translation to JavaScript', header, cellsOf(brainfuck));
  printTable('Brainfuck programs that mostly write', header, cellsOf(writing.map(brainfuckRow)));
  printTable('A Lox-like language, beside the same in JavaScript', header, cellsOf(functions.map(loxRow)));
  printTable('Integers', header, cellsOf([tightLoopRow()]));
  const compiled = ['hello', 'primes', 'fibonacci'].map(compileRow);
  printTable('Compile time, beside new Function without a call', header, cellsOf(compiled));
  const mean = geometricMean(brainfuck.map(({ native }) => native));
  console.log(
    `\nBrainfuck that computes takes ${formatRatio(mean)} the time of its translation (geometric mean)`,
  );
}

function cellsOf(rows: readonly { readonly cells: readonly string[] }[]) {
  return rows.map(({ cells }) => cells);
}
