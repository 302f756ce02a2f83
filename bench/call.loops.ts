/** Functions that spend their time in their own recursion, beside the same functions in JavaScript. */
import type { Engine } from 'exprjit';
import { compare } from './support/compare.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

interface Loop {
  readonly name: string;
  readonly source: string;
  /** The body of a JavaScript function of no arguments. */
  readonly script: string;
}

const loops: readonly Loop[] = [
  {
    name: 'fib(25), naive recursion',
    source: 'fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2); fib(25)',
    script: 'function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); } return () => fib(25);',
  },
  {
    name: 'a point of the Mandelbrot set, tail recursion',
    source: `step(x, y, a, b, n) = n == 0 || x*x + y*y > 4 ? n : step(x*x - y*y + a, 2*x*y + b, a, b, n - 1)
      step(0, 0, -0.5, 0.5, 10000)`,
    script: `function step(x, y, a, b, n) {
        for (;;) {
          if (n === 0 || x*x + y*y > 4) return n;
          const next = x*x - y*y + a;
          y = 2*x*y + b;
          x = next;
          n -= 1;
        }
      }
      return () => step(0, 0, -0.5, 0.5, 10000);`,
  },
];

export function benchmarkLoops(engine: Engine): void {
  const rows = loops.map(({ name, source, script }) => {
    const ours = engine.compile(source, []);
    const theirs = new Function(script)() as () => number;
    const [v8, own] = compare([
      { name: 'V8', run: (count) => repeat(theirs, count) },
      { name: 'exprjit', run: (count) => repeat(ours, count) },
    ]);
    return [
      name,
      formatTime(v8?.nanoseconds ?? 0),
      formatTime(own?.nanoseconds ?? 0),
      formatRatio(own?.ratio ?? 0),
    ];
  });
  printTable('Recursion and loops', ['', 'V8', 'exprjit', 'to V8'], rows);
}

function repeat(f: () => number, count: number): void {
  for (let i = 0; i < count; i++) f();
}
