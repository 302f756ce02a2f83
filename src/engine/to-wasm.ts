import type { IrModule } from '../jit/ir/function.ts';
import { generateWasmKernel } from '../jit/kernel/generate-wasm-kernel.ts';
import {
  type ColumnType,
  columnTypes,
  type KernelParameter,
  type KernelSpec,
  type OutputType,
} from '../jit/kernel/kernel-spec.ts';
import { type GeneratedModule, generateModule } from '../jit/wasm/generate-module.ts';
import { printWasm } from '../jit/wasm/print-module.ts';
import { mainName } from '../lang/lower.ts';
import { readParameters, requireSource } from '../lang/source-input.ts';
import type { CheckedProgram } from '../lang/typed-ast.ts';
import { requireBytes } from '../support/byte-array.ts';
import { cutText } from '../support/cut-text.ts';
import { describeValue } from '../support/describe-value.ts';
import { knownNames, optionNames, readOptions, requireOneOf } from '../support/options.ts';
import { settings } from '../support/settings.ts';
import { outputTypes } from './backends/column-types.ts';
import { withinLimits } from './backends/within-limits.ts';
import { type EngineOptions, resolveEngineOptions } from './engine-options.ts';
import { compileToIr } from './front/compile-to-ir.ts';
import { requireResult, tooLarge } from './pipeline.ts';

/** What a module computes, and from what. */
export interface WasmOptions
  extends Pick<EngineOptions, 'constants' | 'dialect' | 'fastMath' | 'functions' | 'limits'> {
  /**
   * Makes a function over whole columns: of this type, or of those that are named. Parameters called `index` and `length` are the
   * number of the row and how many there are.
   */
  readonly kernel?: ColumnType | WasmKernelOptions;
}

/** What the columns of a kernel are, and its results. */
export interface WasmKernelOptions {
  /** By parameter: the type of its elements, or that it is one number for all rows; `f64` for those left out. */
  readonly columns?: Readonly<Record<string, ColumnType | 'uniform'>>;
  /** Type of the results; `f64` if left out. */
  readonly type?: OutputType;
}

const wasmOptions = optionNames<WasmOptions>({
  constants: true,
  fastMath: true,
  functions: true,
  limits: true,
  dialect: true,
  kernel: true,
});
const kernelOptions = optionNames<WasmKernelOptions>({ columns: true, type: true });

/**
 * The bytes of a WebAssembly module that computes `source` wherever WebAssembly runs, without this package: in browsers, on servers
 * at the edge, in other languages. It has the math library with it; functions of the host are imports `"host" NAME`.
 *
 * The module exports `evaluate(x, y, …)`, or with `kernel` `map(rows, x, y, …, out)` and `memory`: `docs/wasm.md` says what they take.
 *
 * @throws CompileError if the source is wrong or beyond a limit; TypeError or RangeError for an impossible option.
 *
 * @example
 * const { instance } = await WebAssembly.instantiate(toWasm('x^2 + y', ['x', 'y']));
 * instance.exports.evaluate(3, 4); // 13
 */
export function toWasm(
  source: string,
  parameters?: readonly string[],
  options?: WasmOptions,
): Uint8Array<ArrayBuffer> {
  requireSource(source);
  const { kernel, ...given } = readOptions<WasmOptions>(options, wasmOptions);
  const { hosts, constants, limits, dialect, fastMath, fuel, codeSize } = resolveEngineOptions(given);
  const names = readParameters(parameters);
  const environment = settings({ parameters: names, constants, hosts, limits, dialect });
  const { checked, ir } = compileToIr(source, environment, { fastMath, fma: false }, (program) => {
    requireResult(program);
    return [{ irName: mainName }];
  });
  const refuse = tooLarge(checked.program);
  const { bytes } = withinLimits({ tooLarge: refuse }, () =>
    kernel === undefined ? functionModule(ir) : kernelModule(ir, kernelSpec(checked, kernel), fuel),
  );
  if (bytes.length > codeSize) throw refuse(bytes.length, codeSize);
  return bytes;
}

function functionModule(ir: IrModule): GeneratedModule {
  const entry = { kind: 'function', name: mainName } as const;
  return generateModule(ir, { exports: [], links: 'inside', entry });
}

/** Rows that take more than `fuel` go one by one. */
function kernelModule(ir: IrModule, spec: KernelSpec, fuel: number | undefined): GeneratedModule {
  return generateWasmKernel(ir, spec, { links: 'inside', ...(fuel === undefined ? {} : { fuel }) }).module;
}

/**
 * A module that {@link toWasm} made as text: WAT, as assemblers read it.
 *
 * @throws TypeError for what is no such module.
 */
export function wasmText(bytes: Uint8Array): string {
  requireBytes(bytes);
  try {
    return printWasm(bytes);
  } catch (cause) {
    throw new TypeError('the bytes are not those of a module that toWasm made', { cause });
  }
}

function kernelSpec({ parameters }: CheckedProgram, kernel: NonNullable<WasmOptions['kernel']>): KernelSpec {
  const names = parameters.map(({ name }) => name);
  if (typeof kernel === 'string') {
    requireOneOf('kernel', kernel, columnTypes);
    return specOf(names, {}, kernel, 'f64');
  }
  const { columns = {}, type = 'f64' } = readOptions<WasmKernelOptions>(kernel, kernelOptions, 'kernel');
  requireOneOf('kernel.type', type, outputTypes);
  if (typeof columns !== 'object' || columns === null) {
    throw new TypeError(`kernel.columns must be an object, not ${describeValue(columns)}`);
  }
  for (const [name, columnType] of Object.entries(columns)) {
    if (!names.includes(name)) {
      throw new TypeError(
        `kernel.columns: no parameter is called ${cutText(name)}; ${knownNames(name, names)}`,
      );
    }
    requireOneOf(`kernel.columns.${cutText(name)}`, columnType, [...columnTypes, 'uniform']);
  }
  return specOf(names, columns, 'f64', type);
}

function specOf(
  names: readonly string[],
  columns: Readonly<Record<string, ColumnType | 'uniform'>>,
  otherwise: ColumnType,
  type: OutputType,
): KernelSpec {
  const parameters = names.map((name): KernelParameter => {
    const own = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (own === undefined && (name === 'index' || name === 'length')) return { kind: name };
    return own === 'uniform' ? { kind: 'uniform' } : { kind: 'column', type: own ?? otherwise };
  });
  return { parameters, outputs: [{ function: mainName, type }] };
}
