/** Functions with loops on vectors of rows: what a kernel calls as long as so many rows are left. */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { Label } from '../code/label.ts';
import type { IrModule } from '../ir/function.ts';
import { traitsOf } from '../machine/feature-level.ts';
import type { GeneratedCode, Target } from '../machine/generate.ts';
import { type LaneFrame, laneFrame } from '../machine/lane-frame.ts';
import { type Vectorised, vectorise } from '../opt/vectorise/vectorise.ts';
import { isVarying, type KernelSpec } from './kernel-spec.ts';
import { functionNamed } from './lane-selection.ts';

/** The functions of a kernel on vectors of rows. */
export interface RowVectors {
  /** Vectors side by side. */
  readonly strands: number;
  /** Where the functions have their arguments and leave their results. */
  readonly frame: LaneFrame;
  readonly functions: readonly LaneFunction[];
}

/** One of these functions. */
export interface LaneFunction {
  readonly entry: Label;
  /** It may end without results: for want of fuel or stack, or because it is to stop. */
  readonly mayTrap: boolean;
  readonly usesFuel: boolean;
}

/** Words of stack for arguments and results, of a stack whose end nobody checks here. */
const mostWords = 2048;

/** Registers that vectors may have: the last two are for moves. */
const vectorRegisters = 14;

/** So many vectors side by side are tried. */
const triedStrands: readonly number[] = [4, 2, 1];

/** The functions of the outputs on vectors, all of one width; none if one of them has operations without lanes. */
export function vectoriseRows(
  module: IrModule,
  { parameters, outputs }: KernelSpec,
  target: Target,
): Vectorised[] {
  const names = [...new Set(outputs.map((output) => output.function))];
  const varies = parameters.map(({ kind }) => isVarying(kind));
  const functions = names.map((name) => functionNamed(module, name));
  // Without fuel nothing would end what does not end.
  if (!target.fuel || !varies.includes(true)) return [];
  const traits = traitsOf(target.level);
  const lanes = traits.hasVex ? 4 : 2;
  const vectorTarget = { ...traits, lanes, registers: vectorRegisters } as const;
  const vectors = varies.filter((isVector) => isVector).length + 1;
  let strandCounts = triedStrands.filter((strands) => vectors * strands * lanes + varies.length <= mostWords);
  if (strandCounts.length === 0) return [];
  for (;;) {
    const found: Vectorised[] = [];
    for (const fn of functions) {
      const vectorised = vectorise(module, fn, varies, vectorTarget, strandCounts);
      if (vectorised === undefined) return [];
      found.push(vectorised);
    }
    const least = Math.min(...found.map(({ width }) => width.strands));
    if (found.every(({ width }) => width.strands === least)) return found;
    strandCounts = [least];
  }
}

/** `vectorised` as what `generated` holds; undefined if there is nothing. */
export function rowVectors(
  vectorised: readonly Vectorised[],
  generated: GeneratedCode,
): RowVectors | undefined {
  const first = vectorised.at(0);
  if (first === undefined) return undefined;
  const { strands } = first.width;
  const types = elementAt(first.function.blocks, 0).parameters.map(({ type }) => type);
  const functions = vectorised.map(({ function: { name } }): LaneFunction => {
    const { entry, mayTrap, usesFuel } = generated.of(name);
    invariant(entry !== undefined, `${name} has an entry`);
    return { entry, mayTrap, usesFuel };
  });
  return { strands, frame: laneFrame(types, strands), functions };
}
