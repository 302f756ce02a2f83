import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { hasOwn } from '../../support/own.ts';
import type { IrFunction, IrModule } from '../ir/function.ts';

/**
 * What a kernel takes and gives: a signature over the functions of a module, from which `generateKernel` makes a loop.
 *
 *     { parameters: [{ kind: 'column', type: 'f64' }, { kind: 'uniform' }],
 *       outputs: [{ function: 'main', type: 'f32' }] }                            // out[i] = main(x[i], y)
 *
 * Several outputs come from functions with the same parameters; what they have in common is computed once.
 */

/** Element types of columns. */
export const columnTypes = Object.freeze(['f64', 'f32', 'i8', 'u8', 'i16', 'u16', 'i32', 'u32'] as const);
/** One of {@link columnTypes}: an element is read as a double. */
export type ColumnType = (typeof columnTypes)[number];

/**
 * Element types of outputs: those of columns, converted as JavaScript does when it stores into a typed array; `u8c`
 * clamps like `Uint8ClampedArray`; `mask` is a byte, 1 where the result is true (not 0 and not NaN), else 0.
 */
export type OutputType = ColumnType | 'u8c' | 'mask';

/**
 * `index` is the number of the row, `length` how many there are in the whole run. `elements` is where a column of doubles is, for `element`; behind it
 * there is room for another element. `carried` is what an output was in the row before, and in
 * the first row of a run a uniform; such rows go one after the other.
 */
export type KernelParameter =
  | { readonly kind: 'column'; readonly type: ColumnType }
  | { readonly kind: 'uniform' }
  | { readonly kind: 'index' }
  | { readonly kind: 'length' }
  | { readonly kind: 'elements' }
  | { readonly kind: 'carried'; readonly output: number };

/** Does the parameter differ from row to row? */
export function isVarying(kind: KernelParameter['kind']): boolean {
  return kind === 'column' || kind === 'index' || kind === 'carried';
}

/** Is it numbered among the columns? */
export function isColumn(kind: KernelParameter['kind']): boolean {
  return kind === 'column' || kind === 'elements';
}

/** Is it numbered among the uniforms? */
export function isUniform(kind: KernelParameter['kind']): boolean {
  return kind === 'uniform' || kind === 'carried';
}

/** Has the kernel to take its rows in order? */
export function isSequential({ parameters }: KernelSpec): boolean {
  return parameters.some(({ kind }) => kind === 'carried');
}

/** See `reductions.ts`. */
export type FoldKind = 'sum' | 'prod' | 'min' | 'max' | 'count' | 'any' | 'all';

/** `exact` is the sum without rounding, as several doubles; see `exact-reduction.ts`. A kernel with that has no other. */
export type ReductionKind = FoldKind | 'exact';

export type KernelOutput =
  | { readonly function: string; readonly type: OutputType }
  | { readonly function: string; readonly reduce: ReductionKind };

export interface KernelSpec {
  /** One for each parameter of the functions. Columns and uniforms are numbered on their own, in this order. */
  readonly parameters: readonly KernelParameter[];
  /** Arrays and reductions are numbered on their own, in this order. */
  readonly outputs: readonly KernelOutput[];
}

/** A function of a module. */
export function functionNamed(module: IrModule, name: string): IrFunction {
  const fn = module.functions.find((candidate) => candidate.name === name);
  invariant(fn !== undefined, `the module has no function ${name}`);
  return fn;
}

/** Fails an invariant unless the functions take what the kernel has. */
export function checkSpec(module: IrModule, spec: KernelSpec): void {
  const { parameters, outputs } = spec;
  invariant(outputs.length > 0, 'a kernel has outputs');
  const kinds = reductionsOf(spec);
  invariant(!kinds.includes('exact') || kinds.length === 1, 'an exact sum is the only reduction of a kernel');
  for (const output of outputs) {
    const types = elementAt(functionNamed(module, output.function).blocks, 0).parameters.map(
      ({ type }) => type,
    );
    invariant(
      types.length === parameters.length && types.every((type) => type === 'f64'),
      `${output.function} takes ${types.length} parameters, and the kernel has ${parameters.length} numbers`,
    );
  }
}

/** Those that compute outputs, each once. */
export function functionsOf(module: IrModule, { outputs }: KernelSpec): IrFunction[] {
  return [...new Set(outputs.map((output) => output.function))].map((name) => functionNamed(module, name));
}

/** By column. */
export function columnTypesOf({ parameters }: KernelSpec): ColumnType[] {
  return parameters.flatMap((parameter) => {
    if (parameter.kind === 'elements') return ['f64' as const];
    return parameter.kind === 'column' ? [parameter.type] : [];
  });
}

/** The places of columns, or of uniforms, among all parameters. */
export function placesOf({ parameters }: KernelSpec, kind: 'column' | 'uniform'): number[] {
  const isOfSort = kind === 'uniform' ? isUniform : isColumn;
  return parameters.flatMap((parameter, place) => (isOfSort(parameter.kind) ? place : []));
}

/** For each column whether its elements are taken from any row. */
export function wholeColumnsOf({ parameters }: KernelSpec): boolean[] {
  return parameters.flatMap(({ kind }) => (isColumn(kind) ? [kind === 'elements'] : []));
}

/** For each uniform the output whose result in the row before it is; undefined for those that are the same in all rows. */
export function carriedOutputsOf({ parameters }: KernelSpec): (number | undefined)[] {
  return parameters.flatMap((parameter) => {
    if (parameter.kind === 'carried') return [parameter.output];
    return parameter.kind === 'uniform' ? [undefined] : [];
  });
}

/** By output that is a reduction. */
export function reductionsOf({ outputs }: KernelSpec): ReductionKind[] {
  return outputs.flatMap((output) => (hasOwn(output, 'reduce') ? [output.reduce] : []));
}

/** By output that is an array. */
export function outputTypesOf({ outputs }: KernelSpec): OutputType[] {
  return outputs.flatMap((output) => (hasOwn(output, 'type') ? [output.type] : []));
}
