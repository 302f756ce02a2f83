/** What a case of the re-entrancy harness takes place in: an engine, formulas whose results are known, arrays with guards. */
import { Engine } from '../../src/index.ts';
import type { Random } from '../support/random.ts';
import { type Elements, GuardedArray, type Memory, memories } from './guarded-array.ts';

/** Functions and kernels as JavaScript sees them: nothing is promised about what they are given. */
export interface LooseFunction {
  (...args: readonly unknown[]): unknown;
  map(columns: unknown, options?: unknown): unknown;
  bind(columns: unknown, options?: unknown): { run(): unknown };
  mapAsync(columns: unknown, options?: unknown): Promise<unknown>;
  reduce(kind: unknown, columns: unknown, options?: unknown): unknown;
  reduceAsync(kind: unknown, columns: unknown, options?: unknown): Promise<unknown>;
  select(columns: unknown, options?: unknown): unknown;
  filter(columns: unknown, name: unknown): unknown;
  gradient(names?: unknown): LooseKernel;
  release(): void;
  readonly released: boolean;
}

export type LooseKernel = Pick<LooseFunction, 'map' | 'mapAsync' | 'release' | 'released'>;

export interface LooseEngine {
  compile(source: unknown, parameters?: unknown): LooseFunction;
  kernel(definition: unknown, parameters?: unknown): LooseKernel;
  module(source: unknown): { readonly functions: Record<string, LooseFunction>; release(): void };
  workspace(): { run(source: unknown): { value: unknown }; dispose(): void };
  statistics(): { readonly functionCount: number };
  dispose(): void;
}

/** A formula of whole numbers, so that its results are exact whatever the order and the element type. */
export interface Formula {
  readonly source: string;
  readonly parameters: readonly string[];
  readonly evaluate: (...values: number[]) => number;
}

const manyNames = ['x', 'y', ...Array.from({ length: 10 }, (_, index) => `c${index}`)];

const formulas: readonly Formula[] = [
  { source: 'x*2 + y', parameters: ['x', 'y'], evaluate: (x, y) => x * 2 + y },
  { source: 'x - 7', parameters: ['x'], evaluate: (x) => x - 7 },
  { source: 'sum(i, 1, 3, x*i) + y', parameters: ['x', 'y'], evaluate: (x, y) => 6 * x + y },
  { source: 'h(x) + y', parameters: ['x', 'y'], evaluate: (x, y) => x + y },
  {
    source: 'x > y ? h(x) : sum(i, 1, 2, y)',
    parameters: ['x', 'y'],
    evaluate: (x, y) => (x > y ? x : 2 * y),
  },
  {
    source: manyNames.join(' + '),
    parameters: manyNames,
    evaluate: (...all) => all.reduce((sum, each) => sum + each),
  },
];

export type Operation =
  | 'call'
  | 'map'
  | 'map often'
  | 'bind'
  | 'mapAsync'
  | 'reduce'
  | 'reduceAsync'
  | 'select'
  | 'filter'
  | 'kernel.map'
  | 'kernel.mapAsync'
  | 'compile'
  | 'kernel'
  | 'module'
  | 'workspace';

/** Weighs the operations. */
const operations = {
  call: 2,
  map: 6,
  'map often': 3,
  bind: 3,
  mapAsync: 4,
  reduce: 2,
  reduceAsync: 1,
  select: 1,
  filter: 2,
  'kernel.map': 4,
  'kernel.mapAsync': 3,
  compile: 1,
  kernel: 1,
  module: 1,
  workspace: 1,
} satisfies Record<Operation, number>;

/** The second output of kernels. */
export const second: Formula = { source: 'x + 1', parameters: ['x'], evaluate: (x) => x + 1 };

export class Scene {
  readonly random: Random;
  readonly operation: Operation;
  readonly formula: Formula;
  readonly engine: LooseEngine;
  readonly f: LooseFunction;
  readonly kernel: LooseKernel;
  readonly rows: number;
  /** By parameter: guarded arrays, plain arrays and numbers. */
  readonly given = new Map<string, GuardedArray | readonly number[] | number>();
  /** Those of the columns, and the outputs by name. */
  readonly inputs: GuardedArray[] = [];
  readonly outs = new Map<string, GuardedArray>();
  readonly outType: string | undefined;
  /** What the operation is given. */
  columns: Record<string, unknown> = {};
  options: Record<string, unknown> = {};
  args: unknown[] = [];
  /** Runs in each call of the host function. */
  onHostCall: () => void = () => {};
  /** What the caller's own code has thrown. */
  readonly thrown = new Set<unknown>();
  /** What was found to be wrong on the way. */
  readonly complaints: string[] = [];
  /** Whether something was done that this process cannot recover from. */
  isSpoilt = false;
  /** Runs that were started on the way. */
  readonly pending: Promise<unknown>[] = [];

  constructor(random: Random) {
    this.random = random;
    this.operation = random.weighted(operations);
    this.formula = random.pick(formulas);
    const backend = random.weighted({ native: 70, wasm: 20, interpreter: 10 });
    const h = (x: number): number => {
      this.onHostCall();
      return x;
    };
    this.engine = new Engine({
      backend,
      functions: { h },
      cache: random.pick([0, 10]),
    }) as unknown as LooseEngine;
    this.f = this.engine.compile(this.formula.source, [...this.formula.parameters]);
    const outputs = { p: this.formula.source, q: second.source };
    this.kernel = this.engine.kernel({ outputs }, [...this.formula.parameters]);
    this.rows = random.pick(
      backend === 'native' ? [1, 7, 100, 1030, 1030, 2000, 5000, 140_000] : [1, 7, 100],
    );
    const sameMemory = random.chance(0.5) ? random.pick(memories) : undefined;
    for (const [position, name] of this.formula.parameters.entries())
      this.#giveColumn(name, position, sameMemory);
    this.columns = Object.fromEntries([...this.given].map(([name, value]) => [name, handedOut(value)]));
    this.args = this.formula.parameters.map((_, position) => initial(position)(0));
    this.outType = this.#giveOptions();
  }

  get isAsync(): boolean {
    return this.operation.endsWith('Async');
  }

  /** Whether the operation takes columns. */
  get takesColumns(): boolean {
    return !['call', 'compile', 'kernel', 'module', 'workspace'].includes(this.operation);
  }

  get isKernel(): boolean {
    return this.operation.startsWith('kernel.');
  }

  get guarded(): GuardedArray[] {
    return [...this.inputs, ...this.outs.values()];
  }

  /** Runs the operation once, the way that the scene is set. */
  run(): unknown {
    const { f, kernel, engine, columns, options, formula } = this;
    switch (this.operation) {
      case 'call':
        return f(...this.args);
      case 'map':
      case 'mapAsync':
        return f[this.operation](columns, options);
      case 'map often':
        // Until the arrays are known to the addon, where they can be.
        for (let i = 0; i < 20; i++) f.map(columns, options);
        return f.map(columns, options);
      case 'bind': {
        const bound = f.bind(columns, options);
        for (let i = 0; i < 3; i++) bound.run();
        return bound.run();
      }
      case 'reduce':
      case 'reduceAsync':
        return f[this.operation]('sum', columns, options);
      case 'select':
        return f.select(columns, options);
      case 'filter':
        return f.filter(columns, this.filtered);
      case 'kernel.map':
        return kernel.map(columns, options);
      case 'kernel.mapAsync':
        return kernel.mapAsync(columns, options);
      case 'compile':
        return engine.compile(formula.source, this.args);
      case 'kernel':
        return engine.kernel(options, this.args);
      case 'module':
        return engine.module('let k = h(3)\nf(x) = h(x) + k').functions['f']?.(2);
      case 'workspace':
        return engine.workspace().run('let k = h(3)\nf(x) = h(x) + k\nf(2)').value;
    }
  }

  /** The column that `filter` takes elements of. */
  get filtered(): string {
    const name = [...this.given].find(([, value]) => value instanceof GuardedArray)?.[0];
    return name ?? 'x';
  }

  #giveColumn(name: string, position: number, memory: Memory | undefined): void {
    const { random, rows } = this;
    const content = initial(position);
    const kind = position === 0 ? 'array' : random.weighted({ array: 8, plain: 1, number: 1 });
    if (kind === 'number') this.given.set(name, content(0));
    else if (kind === 'plain' && rows < 10_000)
      this.given.set(
        name,
        Array.from({ length: rows }, (_, row) => content(row)),
      );
    else {
      const elements = random.pick<Elements>(['f64', 'f64', 'f32', 'i32', 'i16']);
      const column = new GuardedArray(elements, rows, memory ?? random.pick(memories)).fill(content);
      this.given.set(name, column);
      this.inputs.push(column);
    }
  }

  #giveOptions(): string | undefined {
    const { random } = this;
    if (this.operation === 'compile' || this.operation === 'kernel') {
      this.args = [...this.formula.parameters];
      this.options = { outputs: { p: this.formula.source, q: second.source } };
      return undefined;
    }
    const mapping = this.operation.includes('map') || this.operation === 'bind';
    if (this.isAsync && random.chance(0.5)) this.options['threads'] = random.integer(1, 4);
    if (random.chance(0.1)) this.options['length'] = this.rows;
    if (!mapping) return undefined;
    if (random.chance(0.35)) {
      const type = random.pick(['f64', 'f32', 'i32']);
      this.options['type'] = type;
      return type;
    }
    const names = this.isKernel ? ['p', 'q'] : ['out'];
    for (const name of names) {
      if (random.chance(0.2)) continue;
      const length = this.rows + (random.chance(0.3) ? random.integer(1, 9) : 0);
      this.outs.set(
        name,
        new GuardedArray(random.pick(['f64', 'f64', 'f32', 'i32']), length, random.pick(memories)),
      );
    }
    const arrays = [...this.outs].map(([name, { array }]) => [name, array] as const);
    if (this.isKernel) this.options['out'] = Object.fromEntries(arrays);
    else if (arrays[0] !== undefined) this.options['out'] = arrays[0][1];
    return undefined;
  }
}

/** What the elements of a column are, by its position; whole numbers below 60. */
const initial = (position: number) => (row: number) => ((row * 7 + position * 3) % 50) + 1;

/** What they are after they were changed. */
export const changed = (position: number) => (row: number) => initial(position)(row) + 60;

function handedOut(value: GuardedArray | readonly number[] | number): unknown {
  if (typeof value === 'number') return value;
  return value instanceof GuardedArray ? value.array : [...value];
}
