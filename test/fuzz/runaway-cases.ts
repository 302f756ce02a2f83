import type { BackendChoice } from '../../src/engine/backends/backend.ts';
import { Engine } from '../../src/engine/engine.ts';
import { TrapError } from '../../src/jit/ir/trap-error.ts';

export interface RunawayCase {
  readonly source: string;
  readonly code: TrapError['code'];
  /** The functions that may be running when the limit is reached; `main` is the program itself. */
  readonly functions: readonly string[];
}

export const runawayCases: readonly RunawayCase[] = [
  { source: 'f(n) = 1 + f(n + 1)\nf(x)', code: 'E_STACK', functions: ['f'] },
  { source: 'f(n) = f(f(n))\nf(x)', code: 'E_STACK', functions: ['f'] },
  {
    source: 'even(n) = n == 0 ? 1 : odd(n - 1)/2\nodd(n) = n == 0 ? 0 : even(n - 1)/2\neven(x + 0.5)',
    code: 'E_STACK',
    functions: ['even', 'odd'],
  },
  { source: wideRecursion(), code: 'E_STACK', functions: ['wide'] },
  { source: 'f(n) = f(n + 1)\nf(x)', code: 'E_FUEL', functions: ['f'] },
  { source: 'f(n) = n < 0 ? n : f(n)\nx + f(2)', code: 'E_FUEL', functions: ['f', 'main'] },
  { source: 'sum(i, 1, 1e18, i)', code: 'E_FUEL', functions: ['main'] },
  { source: 'prod(i, 1, inf, 1)', code: 'E_FUEL', functions: ['main'] },
  { source: 'sum(i, 1, 1e9, sum(j, 1, 1e9, i*j + x))', code: 'E_FUEL', functions: ['main'] },
  { source: 'fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2)\nfib(1000)', code: 'E_FUEL', functions: ['fib'] },
];

/** Every level keeps thirty values until the next one returns. */
function wideRecursion(): string {
  const names = Array.from({ length: 30 }, (_, index) => `a${index}`);
  const next = names.map((name, index) => `${name} + ${index}`);
  return `wide(${names.join(', ')}) = wide(${next.join(', ')}) + ${names.join('*')}\nwide(${names.map(() => 'x').join(', ')})`;
}

export interface RunawayOutcome {
  readonly source: string;
  /** Undefined if the call returned or threw something else. */
  readonly code: string | undefined;
  readonly functionName: string | undefined;
  readonly other: string | undefined;
  /** What the same engine computes right after it. */
  readonly next: number;
}

/** Runs every case twice, since the first must leave the function as it was. */
export function runRunaways(backend: BackendChoice): RunawayOutcome[] {
  // Machine code may recurse a few hundred thousand times before its stack is used up.
  const fuel = backend === 'interpreter' ? 200_000 : 2_000_000;
  using engine = new Engine({ backend, limits: { fuel } });
  using next = engine.compile('down(n) = n > 0 ? 1 + down(n - 1) : 0\ndown(x)', ['x']);
  return runawayCases.flatMap(({ source }) => {
    using runaway = engine.compile(source, ['x']);
    return [1, 2].map((): RunawayOutcome => {
      try {
        const result = runaway(1);
        return {
          source,
          code: undefined,
          functionName: undefined,
          other: `returned ${result}`,
          next: next(1000),
        };
      } catch (error) {
        const trap = error instanceof TrapError ? error : undefined;
        const { code, functionName } = trap ?? {};
        return {
          source,
          code,
          functionName,
          other: trap === undefined ? String(error) : undefined,
          next: next(1000),
        };
      }
    });
  });
}
