/** How a kernel calls its functions: row by row, and on vectors of rows those that have a form on lanes. */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { type FuelCosts, fuelUnit, type StandIn } from '../ir/cost.ts';
import { type IrFunction, IrModule } from '../ir/function.ts';
import { legalise } from '../opt/legalise/legalise.ts';
import { numberValues } from '../opt/number-values.ts';
import { removeDeadCode } from '../opt/remove-dead-code.ts';
import { type Vectorised, type VectorTarget, vectorise } from '../opt/vectorise/vectorise.ts';
import { functionsOf, isSequential, isVarying, type KernelSpec, reductionsOf } from './kernel-spec.ts';
import { reductionLanes } from './reductions.ts';
import { type LaneFunctions, type RowFunction, rowLoop } from './row-loop.ts';

export interface RowKernel {
  /** The functions of the module, those on lanes, and the kernel. */
  readonly module: IrModule;
  readonly kernel: IrFunction;
  readonly standIns: ReadonlyMap<IrFunction, StandIn>;
}

/** Words of stack for arguments and results, of a stack whose end nobody checks here. */
const mostWords = 2048;

/** So many vectors side by side are tried. */
const triedStrands: readonly number[] = [4, 2, 1];

/** What a kernel of calls is made for. */
export interface RowTarget extends VectorTarget {
  /** Does code spend fuel? */
  readonly fuel: boolean;
}

/** The kernel and all that it calls; `costs` are those of the module, which stays as it is. */
export function rowKernel(
  name: string,
  module: IrModule,
  spec: KernelSpec,
  target: RowTarget,
  costs: FuelCosts,
): RowKernel {
  const functions = functionsOf(module, spec);
  const vectorised = vectoriseRows(module, spec, target);
  const rowFunctions = functions.map((fn): RowFunction => {
    const { bound, entry } = costs.of(fn);
    invariant(fn.result !== 'i64', `${fn.name} returns a number or a truth value`);
    return {
      name: fn.name,
      result: fn.result,
      index: module.functions.indexOf(fn),
      units: entry > 0 ? entry : Math.ceil(bound / fuelUnit),
      usesFuel: target.fuel && entry > 0,
    };
  });
  const kernel = legalise(rowLoop(name, spec, rowFunctions, laneFunctions(vectorised)), target);
  numberValues(kernel);
  removeDeadCode(kernel);
  const standIns = new Map(
    vectorised.map(({ function: fn, cost }, i): [IrFunction, StandIn] => {
      const index = module.functions.indexOf(elementAt(functions, i));
      return [fn, { cost, index }];
    }),
  );
  const whole = new IrModule();
  whole.functions.push(...module.functions, ...standIns.keys(), kernel);
  whole.hosts.push(...module.hosts);
  return { module: whole, kernel, standIns };
}

function laneFunctions(vectorised: readonly Vectorised[]): LaneFunctions | undefined {
  const first = vectorised.at(0);
  if (first === undefined) return undefined;
  const functions = vectorised.map(({ function: { name }, cost }) => ({ name, usesFuel: cost.entry > 0 }));
  return { ...first.width, functions };
}

/** The functions of the outputs on vectors, all of one width; none if one of them has operations without lanes. */
export function vectoriseRows(module: IrModule, spec: KernelSpec, target: RowTarget): Vectorised[] {
  const varies = spec.parameters.map(({ kind }) => isVarying(kind));
  // Without fuel nothing would end what does not end.
  if (!target.fuel || !varies.includes(true) || isSequential(spec)) return [];
  const { lanes } = target;
  const vectors = varies.filter((isVector) => isVector).length + 1;
  const reduces = reductionsOf(spec).length > 0;
  let strandCounts = triedStrands.filter(
    (strands) =>
      vectors * strands * lanes + varies.length <= mostWords &&
      !(reduces && strands * lanes > reductionLanes),
  );
  if (strandCounts.length === 0) return [];
  for (;;) {
    const found: Vectorised[] = [];
    for (const fn of functionsOf(module, spec)) {
      const vectorised = vectorise(module, fn, varies, target, strandCounts);
      if (vectorised === undefined) return [];
      found.push(vectorised);
    }
    const least = Math.min(...found.map(({ width }) => width.strands));
    if (found.every(({ width }) => width.strands === least)) return found;
    strandCounts = [least];
  }
}
