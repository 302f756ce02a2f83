/**
 * Kernels: machine code that runs functions of a module over the rows of arrays, in one native call.
 *
 *     const code = generateKernel(module, spec, hostTarget(addon));
 *     const kernel = runtime.add(code);       // symbol kernelName: `void kernel(kernel frame *)`
 *
 * Functions without loops and calls run on vectors, a row in each lane, and their conditionals become selections
 * (`vector-kernel.ts`). Those with loops are called for several vectors at a time, and what has no lanes row by row
 * (`row-kernel.ts`). Either way the results are those of the scalar functions, bit for bit.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { noOptions, settings } from '../../support/settings.ts';
import { CodeHolder } from '../code/code-holder.ts';
import { reachableFrom } from '../ir/call-graph.ts';
import { fuelCosts, fuelUnit } from '../ir/cost.ts';
import { IrModule } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import type { FeatureLevel } from '../machine/feature-level.ts';
import { type GenerateOptions, generate, type Target } from '../machine/generate.ts';
import { Assembler } from '../x64/assembler.ts';
import { fitsStack, planKernel } from './kernel-plan.ts';
import type { KernelSpec } from './kernel-spec.ts';
import { printLaneProgram } from './lane-program.ts';
import { functionNamed, selectLanes } from './lane-selection.ts';
import { emitRowKernel, type RowFunction } from './row-kernel.ts';
import { rowVectors, vectoriseRows } from './row-vectors.ts';
import { emitVectorKernel, type VectorChoice } from './vector-kernel.ts';

export interface GenerateKernelOptions extends Pick<GenerateOptions, 'code' | 'log' | 'check'> {
  /** Receives the lane program, or the machine code of functions that run row by row, as text. */
  readonly dump?: (stage: 'lanes' | 'selection' | 'allocation', text: string) => void;
}

/** On vectors, by a plan, or row by row. */
export type KernelChoice = VectorChoice | 'rows';

/** The symbol of a kernel's entry. */
export const kernelName = '$kernel';

/**
 * The functions have one parameter, a number, for each of the spec's. The module may be optimised or not.
 * `choice` is what {@link chooseKernel} says for the module.
 */
export function generateKernel(
  module: IrModule,
  spec: KernelSpec,
  target: Target,
  given: GenerateKernelOptions = noOptions,
  choice = chooseKernel(module, spec, target.level, settings(given).check),
): CodeHolder {
  const options = settings(given);
  checkSpec(module, spec);
  const code = options.code ?? new CodeHolder();
  const assemblerOptions = options.log === undefined ? noOptions : { log: options.log };
  const { level, convention } = target;
  if (choice === 'rows') {
    const vectorised = vectoriseRows(module, spec, target);
    const costs = new Map(vectorised.map(({ function: fn, cost }) => [fn, cost]));
    const whole = new IrModule();
    whole.functions.push(...module.functions, ...costs.keys());
    whole.hosts.push(...module.hosts);
    generate(whole, target, { ...options, code, exports: [], costs });
    const functions = rowFunctions(module, spec, code);
    emitRowKernel(new Assembler(code, assemblerOptions), spec, {
      level,
      convention,
      name: kernelName,
      functions,
      vectors: rowVectors(vectorised, code),
    });
    return code;
  }
  options.dump?.('lanes', printLaneProgram(choice.program));
  code.reset();
  emitVectorKernel(new Assembler(code, assemblerOptions), choice, spec, {
    level,
    convention,
    name: kernelName,
  });
  return code;
}

/** Does the kernel run on vectors? If so it neither traps nor looks at `Frame`. */
export function isVectorKernel(module: IrModule, spec: KernelSpec, level: FeatureLevel): boolean {
  return chooseKernel(module, spec, level) !== 'rows';
}

/** How the kernel is to run. With `check` register allocations are proved. */
export function chooseKernel(
  module: IrModule,
  spec: KernelSpec,
  level: FeatureLevel,
  check = false,
): KernelChoice {
  const program = selectLanes(module, spec, level);
  if (program === undefined) return 'rows';
  const plan = planKernel(program, check);
  return fitsStack(plan) ? { program, plan } : 'rows';
}

/** May the kernel call functions of the host? If so it must stay on the thread of its environment. */
export function kernelCallsHost(module: IrModule, spec: KernelSpec): boolean {
  const roots = spec.outputs.map((output) => output.function);
  return [...reachableFrom(module, roots)].some(({ blocks }) =>
    blocks.some(({ instructions }) => instructions.some((value) => value.op === op.callhost)),
  );
}

function checkSpec(module: IrModule, { parameters, outputs }: KernelSpec): void {
  invariant(outputs.length > 0, 'a kernel has outputs');
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

function rowFunctions(module: IrModule, { outputs }: KernelSpec, code: CodeHolder): RowFunction[] {
  const costs = fuelCosts(module);
  return [...new Set(outputs.map((output) => output.function))].map((name) => {
    const fn = functionNamed(module, name);
    const entry = code.symbols.get(name);
    invariant(entry !== undefined, `${name} has an entry`);
    invariant(fn.result !== 'i64', `${name} returns a number or a truth value`);
    const { bound, entry: charge } = costs.of(fn);
    const units = charge > 0 ? charge : Math.ceil(bound / fuelUnit);
    const index = module.functions.indexOf(fn);
    return { name, entry, index, units, usesFuel: charge > 0, returnsBool: fn.result === 'bool' };
  });
}
