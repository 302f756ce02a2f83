/**
 * Kernels: machine code that runs functions of a module over the rows of arrays, in one native call.
 *
 *     const { code, mayTrap, callsHost } = generateKernel(module, spec, hostTarget(addon));
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
import { type FunctionCost, fuelCosts, fuelUnit } from '../ir/cost.ts';
import { type IrFunction, IrModule } from '../ir/function.ts';
import type { FeatureLevel } from '../machine/feature-level.ts';
import {
  type FunctionFacts,
  type GenerateOptions,
  generate,
  type StandIn,
  type Target,
} from '../machine/generate.ts';
import { Assembler } from '../x64/assembler.ts';
import { fitsStack, planKernel } from './kernel-plan.ts';
import type { KernelSpec } from './kernel-spec.ts';
import { printLaneProgram } from './lane-program.ts';
import { functionNamed, selectLanes } from './lane-selection.ts';
import { emitRowKernel, type RowFunction } from './row-kernel.ts';
import { rowVectors, vectoriseRows } from './row-vectors.ts';
import { emitVectorKernel, type VectorChoice } from './vector-kernel.ts';

export interface GenerateKernelOptions extends Pick<GenerateOptions, 'code' | 'log' | 'check' | 'lap'> {
  /** Units of fuel that a row may take: what takes more runs row by row, to trap as a call does. No limit if left out. */
  readonly fuel?: number;
  /** Receives the lane program, or the machine code of functions that run row by row, as text. */
  readonly dump?: (stage: 'lanes' | 'selection' | 'allocation', text: string) => void;
}

/** What those who run a kernel need to know of it, besides its code. */
export interface GeneratedKernel {
  readonly code: CodeHolder;
  /** If so it neither traps nor looks at `Frame`. */
  readonly onVectors: boolean;
  /** Does it compute several rows at once, straight or by functions on lanes? */
  readonly severalRows: boolean;
  /** Can a row end by a trap? */
  readonly mayTrap: boolean;
  /** May it call functions of the host? If so it must stay on the thread of its environment. */
  readonly callsHost: boolean;
  /** Nanoseconds that a row takes; infinite if that is not known beforehand. */
  readonly rowCost: number;
}

/** On vectors, by a plan, or row by row. */
type KernelChoice = VectorChoice | 'rows';

/** The symbol of a kernel's entry. */
export const kernelName = '$kernel';

/** The functions have one parameter, a number, for each of the spec's. The module may be optimised or not, and stays as it is. */
export function generateKernel(
  module: IrModule,
  spec: KernelSpec,
  target: Target,
  given: GenerateKernelOptions = noOptions,
): GeneratedKernel {
  const options = settings(given);
  checkSpec(module, spec);
  const costs = fuelCosts(module);
  const functions = functionsOf(module, spec);
  const rowCost = functions.reduce((sum, fn) => sum + costs.of(fn).bound, 0);
  const isAffordable = options.fuel === undefined || rowCost <= options.fuel * fuelUnit;
  const choice = isAffordable ? chooseKernel(module, spec, target.level, options.check, options.lap) : 'rows';
  const code = options.code ?? new CodeHolder();
  const assemblerOptions = options.log === undefined ? noOptions : { log: options.log };
  const { level, convention } = target;
  if (choice === 'rows') {
    const vectorised = vectoriseRows(module, spec, target);
    const standIns = new Map(
      vectorised.map(({ function: fn, cost }, i): [IrFunction, StandIn] => {
        const index = module.functions.indexOf(elementAt(functions, i));
        return [fn, { cost, index }];
      }),
    );
    const whole = new IrModule();
    whole.functions.push(...module.functions, ...standIns.keys());
    whole.hosts.push(...module.hosts);
    const generated = generate(whole, target, { ...options, code, exports: [], standIns });
    const facts = functions.map(({ name }) => generated.of(name));
    emitRowKernel(new Assembler(code, assemblerOptions), spec, {
      level,
      convention,
      name: kernelName,
      functions: functions.map((fn, i) => rowFunction(module, fn, costs.of(fn), elementAt(facts, i))),
      vectors: rowVectors(vectorised, generated),
      check: options.check === true,
    });
    options.lap?.('emit');
    const mayTrap = facts.some((fn) => fn.mayTrap);
    const callsHost = facts.some((fn) => fn.callsHost);
    const severalRows = vectorised.length > 0;
    return { code, onVectors: false, severalRows, mayTrap, callsHost, rowCost };
  }
  options.dump?.('lanes', printLaneProgram(choice.program));
  code.reset();
  emitVectorKernel(new Assembler(code, assemblerOptions), choice, spec, {
    level,
    convention,
    name: kernelName,
  });
  options.lap?.('emit');
  return { code, onVectors: true, severalRows: true, mayTrap: false, callsHost: false, rowCost };
}

/** Does the kernel run on vectors, if its rows may take any fuel? */
export function isVectorKernel(module: IrModule, spec: KernelSpec, level: FeatureLevel): boolean {
  return chooseKernel(module, spec, level) !== 'rows';
}

/** How the kernel is to run. With `check` register allocations are proved; `lap` hears of stages that have ended. */
function chooseKernel(
  module: IrModule,
  spec: KernelSpec,
  level: FeatureLevel,
  check = false,
  lap?: GenerateOptions['lap'],
): KernelChoice {
  const program = selectLanes(module, spec, level);
  lap?.('select');
  if (program === undefined) return 'rows';
  const plan = planKernel(program, check);
  lap?.('allocate');
  return fitsStack(plan) ? { program, plan } : 'rows';
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

/** Those that compute outputs, each once. */
function functionsOf(module: IrModule, { outputs }: KernelSpec): IrFunction[] {
  return [...new Set(outputs.map((output) => output.function))].map((name) => functionNamed(module, name));
}

function rowFunction(
  module: IrModule,
  fn: IrFunction,
  { bound, entry: charge }: FunctionCost,
  { entry, usesFuel }: FunctionFacts,
): RowFunction {
  const { name, result } = fn;
  invariant(entry !== undefined, `${name} has an entry`);
  invariant(result !== 'i64', `${name} returns a number or a truth value`);
  const units = charge > 0 ? charge : Math.ceil(bound / fuelUnit);
  return {
    name,
    entry,
    index: module.functions.indexOf(fn),
    units,
    usesFuel,
    returnsBool: result === 'bool',
  };
}
