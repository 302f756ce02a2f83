/**
 * How a kernel runs on vectors: how many strands of rows an iteration has, and which constants are in registers throughout.
 *
 * Strands hide how long operations take, and make the loop's own instructions cheap; they cost registers. A short body gets four,
 * a longer one two, as far as the registers go round without spills.
 */

import { DominatorTree } from '../ir/dominators.ts';
import type { IrFunction, IrModule } from '../ir/function.ts';
import { findLoops } from '../ir/loops.ts';
import { op } from '../ir/opcode.ts';
import { hoistInvariants } from '../opt/hoist-invariants.ts';
import { keepConstants } from '../opt/keep-constants.ts';
import { legalise } from '../opt/legalise/legalise.ts';
import { numberValues } from '../opt/number-values.ts';
import { removeDeadCode } from '../opt/remove-dead-code.ts';
import { laneSize } from '../opt/vectorise/lane-size.ts';
import { pressure } from '../opt/vectorise/pressure.ts';
import type { VectorTarget } from '../opt/vectorise/vectorise.ts';
import { type KernelSpec, reductionsOf } from './kernel-spec.ts';
import { reductionLanes } from './reductions.ts';
import { type RowBody, rowBody } from './row-body.ts';
import { vectorLoop } from './vector-loop.ts';

/** Strands of a body that is at most so long, in instructions. */
const strandsOf = [
  { strands: 4, upTo: 16 },
  { strands: 2, upTo: 32 },
] as const;

/** Exact sums have several accumulators for each strand, and more would not find registers. */
const exactStrands = 2;

/** The kernel as a function of the address of its frame, in operations that the target has; undefined if it has to go row by row. */
export function vectorKernel(
  name: string,
  module: IrModule,
  spec: KernelSpec,
  target: VectorTarget,
): IrFunction | undefined {
  const { lanes, hasMasks, registers } = target;
  const body = rowBody(module, spec, target.hasFma);
  if (body === undefined) return undefined;
  // Pairs of doubles are loaded into two and four lanes.
  if (lanes === 8 && body.instructions.some((value) => value.op === op.element)) return undefined;
  const make = (strands: number, together: number): IrFunction => {
    const loop = vectorLoop(name, body, spec, { lanes, hasMasks, strands, together });
    const legal = legalise(loop, target);
    // What is written here repeats nothing; expansions do.
    if (legal === loop) return loop;
    numberValues(legal);
    hoistInvariants(legal);
    removeDeadCode(legal);
    return legal;
  };
  // With a reduction an iteration takes a row for each accumulator, however many strands find registers side by side.
  const kinds = reductionsOf(spec);
  const rounds = kinds.includes('exact') ? exactStrands : kinds.length > 0 ? reductionLanes / lanes : 1;
  for (let together = wantedStrands(body, rounds); ; together /= 2) {
    const kernel = make(Math.max(rounds, together), together);
    const nest = findLoops(new DominatorTree(kernel));
    const free = registers - pressure(kernel, nest, hasMasks);
    if (free < 0 && together > 1) continue;
    keepConstants(kernel, nest, free);
    return kernel;
  }
}

/** Strands that the body is worth, if there are registers for them. */
function wantedStrands({ instructions, varying }: RowBody, rounds: number): number {
  const length = instructions.reduce((sum, value) => sum + (varying.has(value) ? laneSize(value) : 0), 0);
  const wanted = strandsOf.find(({ upTo }) => length <= upTo)?.strands ?? 1;
  return rounds > 1 ? Math.min(rounds, wanted) : wanted;
}
