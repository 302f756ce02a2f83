import type { Backend } from '../../src/engine/backends/backend.ts';
import { chooseBackend } from '../../src/engine/backends/choose-backend.ts';
import type { Executable } from '../../src/engine/backends/executable.ts';
import { numberOrBoolean } from '../../src/engine/backends/host-call.ts';
import { CallTarget, SharedCode } from '../../src/engine/callables/shared-code.ts';
import { resolveEngineOptions } from '../../src/engine/engine-options.ts';
import { lowerProgram } from '../../src/engine/front/lower-program.ts';
import { TrapError } from '../../src/jit/ir/trap-error.ts';
import { levelsOf } from '../../src/jit/machine/feature-level.ts';
import { optimize } from '../../src/jit/opt/optimize.ts';
import { check } from '../../src/lang/checker.ts';
import { mainName } from '../../src/lang/lower.ts';
import { parse } from '../../src/lang/parser.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { elementAt } from '../../src/support/element.ts';
import { hostArity } from '../support/random-program.ts';
import { type MathFunctions, transcendentals } from '../support/reference-library.ts';

/** What host functions do, by name. */
export type Hosts = Readonly<Record<keyof typeof hostArity, (...args: number[]) => number>>;

export interface CompiledProgram {
  readonly call: (...args: number[]) => number;
  release(): void;
}

/** One way of running a program: on a backend, with or without the optimiser. */
export interface Side {
  readonly name: string;
  /** The transcendental functions as this side computes them. */
  readonly math: MathFunctions;
  /** Throws CompileError. */
  compile(source: string, parameters: readonly string[]): CompiledProgram;
  dispose(): void;
}

/** The interpreter, WebAssembly and each feature level of this CPU, each unoptimised and optimised, and kernels of all that compile. */
export function createSides(hosts: Hosts): Side[] {
  const levels = levelsOf(requireAddon().cpuInfo().features);
  return [
    ...sidesOf('interpreter', chooseBackend(resolveEngineOptions({ backend: 'interpreter' })), hosts),
    ...sidesOf('WebAssembly', chooseBackend(resolveEngineOptions({ backend: 'wasm' })), hosts),
    ...levels.flatMap((cpu) =>
      sidesOf(cpu, chooseBackend(resolveEngineOptions({ backend: 'native', cpu })), hosts),
    ),
    ...levels.map((cpu) => {
      const limits = { fuel: kernelFuel };
      return kernelSide(cpu, chooseBackend(resolveEngineOptions({ backend: 'native', cpu, limits })), hosts);
    }),
    kernelSide(
      'WebAssembly',
      chooseBackend(resolveEngineOptions({ backend: 'wasm', limits: { fuel: kernelFuel } })),
      hosts,
    ),
  ];
}

/** Units for rows that nobody asked for, which may have no end; those that were asked for take a small part of it. */
const kernelFuel = 1_000_000;

/** Enough for several vectors in a row, and some rows behind them. */
const kernelRows = 21;

/** Whole columns: the arguments stand in some rows, and in the rows around them others, with which loops take other rounds. */
function kernelSide(name: string, backend: Backend, hosts: Hosts): Side {
  const math = mathOf((source, parameters) => compileFor(backend, hosts, 0, source, parameters).call);
  const compile = (source: string, parameters: readonly string[]): CompiledProgram => {
    const executable = load(backend, hosts, 1, source, parameters);
    const kernel = executable.loadKernel({
      parameters: parameters.map(() => ({ kind: 'column', type: 'f64' })),
      outputs: [{ function: mainName, type: 'f64' }],
    });
    const run = (rows: readonly (readonly number[])[]): Float64Array => {
      const columns = parameters.map((_, at) => Float64Array.from(rows, (row) => elementAt(row, at)));
      const out = new Float64Array(rows.length);
      const task = { columns, outputs: [out], uniforms: [], length: rows.length, partials: undefined };
      kernel.run(task);
      return out;
    };
    const call = (...args: number[]): number => {
      // What hosts are called for is compared too, so there is one row only.
      if (kernel.callsHost || args.length === 0) return elementAt(run([args]), 0);
      const rows = Array.from({ length: kernelRows }, (_, row) =>
        row % 5 === 0 ? args : variation(args, row),
      );
      return sameOfRows(outcomeOf(() => run(rows)) ?? run(rows.map(() => args)));
    };
    return {
      call,
      release() {
        kernel.release();
        executable.release();
      },
    };
  };
  return { name: `${name}, kernels`, math, compile, dispose: () => backend.dispose() };
}

/** Other arguments, by number. */
function variation(args: readonly number[], row: number): number[] {
  return args.map((value) => (row % 2 === 0 ? value + row : row % 3 === 0 ? -value : value / row));
}

/** Undefined where a row of arguments that nobody asked for never ends. */
function outcomeOf(run: () => Float64Array): Float64Array | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof TrapError) return undefined;
    throw error;
  }
}

/** The result of the rows that have the arguments; fails if it is not one. */
function sameOfRows(results: Float64Array): number {
  const asked = results.filter((_, row) => row % 5 === 0);
  const first = elementAt(asked, 0);
  const other = asked.find((result) => !Object.is(result, first));
  if (other !== undefined) throw new Error(`rows with the same arguments give ${first} and ${other}`);
  return first;
}

function sidesOf(name: string, backend: Backend, hosts: Hosts): Side[] {
  const compile = (level: 0 | 1, source: string, parameters: readonly string[]) =>
    compileFor(backend, hosts, level, source, parameters);
  const math = mathOf((source, parameters) => compile(0, source, parameters).call);
  return [
    { name: `${name}, unoptimised`, math, compile: compile.bind(undefined, 0), dispose() {} },
    {
      name: `${name}, optimised`,
      math,
      compile: compile.bind(undefined, 1),
      dispose: () => backend.dispose(),
    },
  ];
}

/** The pipeline of the engine, with a choice that users do not have: the level of optimisation. */
function compileFor(
  backend: Backend,
  hosts: Hosts,
  level: 0 | 1,
  source: string,
  parameters: readonly string[],
): CompiledProgram {
  const executable = load(backend, hosts, level, source, parameters);
  const fn = elementAt(executable.functions, 0);
  const target = new CallTarget(fn, new SharedCode(executable), new Set());
  return { call: fn.callable(target), release: () => target.release() };
}

function load(
  backend: Backend,
  hosts: Hosts,
  level: 0 | 1,
  source: string,
  parameters: readonly string[],
): Executable {
  const declared = Object.entries(hostArity).map(([name, arity]) => ({ name, arity }));
  const checked = check(parse(source), { parameters, hosts: declared });
  const ir = lowerProgram(checked);
  // To verify after every pass takes longer than all else, and the IR is the same for every backend.
  const verify = backend.name === 'interpreter';
  optimize(ir, { level, fma: backend.hasFma, roots: [mainName], verify });
  const resultType = checked.result?.type === 'bool' ? 'boolean' : 'number';
  return backend.load({
    source,
    ir,
    tooLarge: () => new Error('the code is too large'),
    exports: [{ name: mainName, irName: mainName, parameters, resultType }],
    hosts: ir.hosts.map(({ name }) => ({
      name,
      run: hosts[name as keyof Hosts],
      toNumber: numberOrBoolean,
    })),
    log: undefined,
  });
}

/** Each function compiled alone, and for each number of arguments that it is called with. */
function mathOf(
  compile: (source: string, parameters: readonly string[]) => (...args: number[]) => number,
): MathFunctions {
  const alone = (name: string, count: number) => {
    const parameters = Array.from({ length: count }, (_, index) => `x${index}`);
    return compile(`${name}(${parameters.join(', ')})`, parameters);
  };
  const functions = Object.entries(transcendentals).map(([name, count]) => {
    const byCount = new Map([[count as number, alone(name, count)]]);
    return [
      name,
      (...args: number[]) => {
        const known = byCount.get(args.length) ?? alone(name, args.length);
        byCount.set(args.length, known);
        return known(...args);
      },
    ];
  });
  return Object.fromEntries(functions) as MathFunctions;
}
