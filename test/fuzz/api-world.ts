/** What a sequence of calls has made so far, whose later calls use it, released or not. */
import { Engine } from '../../src/index.ts';
import {
  Assembler,
  CodeHolder,
  type JitCode,
  JitRuntime,
  type NumericFunction,
} from '../../src/jit/index.ts';
import { JitAllocator, type Span } from '../../src/mem/index.ts';
import type { Random } from '../support/random.ts';
import type { LooseEngine, LooseFunction, LooseKernel } from './reentrancy-scene.ts';

export interface OwnMapping {
  readonly rx: number;
  readonly rw: number;
  readonly size: number;
  readonly isDual: boolean;
}

export type LooseWorkspace = Readonly<Record<string, (...args: unknown[]) => unknown>>;

export class World {
  readonly engines: LooseEngine[] = [];
  readonly functions: LooseFunction[] = [];
  readonly kernels: LooseKernel[] = [];
  readonly bound: { run(): unknown }[] = [];
  readonly workspaces: LooseWorkspace[] = [];
  readonly allocators: JitAllocator[] = [];
  readonly spans: Span[] = [];
  readonly runtimes: JitRuntime[] = [];
  readonly holders: CodeHolder[] = [];
  readonly assemblers: Assembler[] = [];
  readonly codes: JitCode[] = [];
  readonly entries: NumericFunction[] = [];
  readonly mappings: OwnMapping[] = [];
  /** Runs in other threads. */
  readonly pending: Promise<unknown>[] = [];
  /** What host functions have thrown. */
  readonly thrown = new Set<unknown>();

  newEngine(options: object): LooseEngine {
    const functions = {
      h: (x: number) => x,
      throws: (x: number) => {
        const error = new Error(`thrown by a host function at ${x}`);
        this.thrown.add(error);
        throw error;
      },
      releases: (x: number) => {
        for (const each of this.functions.slice(-3)) each.release();
        return x;
      },
      disposes: (x: number) => {
        this.engines.at(-1)?.dispose();
        return x;
      },
      again: (x: number) => Number(this.functions.findLast(({ released }) => !released)?.(x)),
    };
    const engine = new Engine({
      functions,
      constants: { k: 2 },
      limits: { fuel: 20_000 },
      ...options,
    }) as unknown as LooseEngine;
    this.engines.push(engine);
    return engine;
  }

  /** The youngest are the likeliest; a new one where there is none. */
  pick<T>(random: Random, list: readonly T[], otherwise: () => T): T {
    if (list.length === 0 || random.chance(0.02)) return otherwise();
    return random.chance(0.6) ? (list.at(-1) as T) : random.pick(list);
  }

  engine(random: Random): LooseEngine {
    return this.pick(random, this.engines, () => this.newEngine({}));
  }

  allocator(random: Random): JitAllocator {
    return this.pick(random, this.allocators, () => {
      const allocator = new JitAllocator();
      this.allocators.push(allocator);
      return allocator;
    });
  }

  runtime(random: Random): JitRuntime {
    return this.pick(random, this.runtimes, () => {
      const runtime = new JitRuntime();
      this.runtimes.push(runtime);
      return runtime;
    });
  }

  holder(random: Random): CodeHolder {
    return this.pick(random, this.holders, () => {
      const holder = new CodeHolder();
      this.holders.push(holder);
      return holder;
    });
  }

  assembler(random: Random): Assembler {
    return this.pick(random, this.assemblers, () => {
      const assembler = new Assembler(this.holder(random));
      this.assemblers.push(assembler);
      return assembler;
    });
  }

  /** Throws what makes the world inconsistent. */
  verify(): void {
    for (const allocator of this.allocators) allocator.verify();
    for (const runtime of this.runtimes) runtime.allocator.verify();
  }
}
