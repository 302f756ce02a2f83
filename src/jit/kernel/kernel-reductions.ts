/** The part of a reduction that comes once per block of rows: accumulators at its start, the tree at its end. */
import { KernelFrameSlot, reductionBlock } from '../../native/kernel-frame.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { type FeatureLevel, traitsOf } from '../machine/feature-level.ts';
import type { Assembler } from '../x64/assembler.ts';
import { ptr } from '../x64/memory.ts';
import { rsp, xmm } from '../x64/register.ts';
import { type KernelRegisters, valueScratch } from './kernel-registers.ts';
import type { ReductionKind } from './kernel-spec.ts';
import type { KernelStack } from './kernel-stack.ts';
import { allocateLanes, type LaneAllocation, type Place } from './lane-allocator.ts';
import { type LaneEmitter, lonePosition } from './lane-emission.ts';
import { LaneIntegers } from './lane-integers.ts';
import type { LaneFamily } from './lane-operations.ts';
import { combine } from './lane-selection.ts';
import { reductionLanes, reductions } from './reductions.ts';

/** Registers that the steps of a tree may use. */
const treeVectors: readonly Place[] = [0, 1, 2, 3, 4, 5];
const treeMasks: readonly Place[] = [33, 34];

/** Sets all accumulators in memory to their identities. */
export function emitIdentities(
  emitter: LaneEmitter,
  kinds: readonly ReductionKind[],
  stack: KernelStack,
): void {
  kinds.forEach((kind, reduction) => {
    const lanes = new LaneIntegers(emitter.family, true);
    emitter.loadHome(lanes.float(reductions[kind].identity), 0);
    for (let lane = 0; lane < reductionLanes; lane += emitter.lanes) {
      emitter.store(0, stack.accumulator(reduction, lane));
    }
  });
}

/** Makes the code that combines accumulators in memory, and stores the partial results. */
export class ReductionTree {
  readonly #kinds: readonly ReductionKind[];
  readonly #steps: readonly LaneAllocation[];

  constructor(kinds: readonly ReductionKind[], family: LaneFamily, level: FeatureLevel) {
    this.#kinds = kinds;
    this.#steps = kinds.map((kind, reduction) => allocateStep(kind, reduction, family, level));
  }

  /** `row` stands behind the last row of the block. */
  emit(a: Assembler, emitter: LaneEmitter, stack: KernelStack, { frame, row }: KernelRegisters): void {
    const { lanes, family } = emitter;
    for (const step of this.#steps) {
      for (let width = reductionLanes / 2; width >= 1; width /= 2) {
        for (let copy = 0; copy * lanes < width; copy++) {
          emitter.emit(step, { ...lonePosition('whole'), copy, distance: width });
        }
      }
    }
    a.lea(valueScratch, ptr(row, -1));
    a.shr(valueScratch, Math.log2(reductionBlock));
    a.imul(valueScratch, valueScratch, this.#kinds.length * 8);
    a.add(valueScratch, ptr(frame, KernelFrameSlot.Partials * 8));
    const low = elementAt(xmm, 0);
    this.#kinds.forEach((_, reduction) => {
      const lane = ptr(rsp, stack.accumulator(reduction, 0));
      const partial = ptr(valueScratch, reduction * 8);
      if (family === 'sse') {
        a.movsd(low, lane);
        a.movsd(partial, low);
      } else {
        a.vmovsd(low, lane);
        a.vmovsd(partial, low);
      }
    });
  }
}

/** Lanes of the upper half into lanes of the lower. Lanes above those that count hold anything. */
function allocateStep(
  kind: ReductionKind,
  reduction: number,
  family: LaneFamily,
  level: FeatureLevel,
): LaneAllocation {
  const lanes = new LaneIntegers(family, traitsOf(level).hasRound);
  const lower = lanes.load('loadAccumulator', reduction);
  const upper = lanes.load('loadUpper', reduction);
  lanes.store('storeAccumulator', combine(lanes, kind, lower, upper), reduction);
  const program = lanes.finish();
  invariant(program.prologue.length === 0, `combining for ${kind} needs no preparation`);
  const allocation = allocateLanes(program.body, program, {
    vectors: treeVectors,
    masks: treeMasks,
    pinned: new Map(),
    foldsColumns: false,
    maySpill: false,
  });
  invariant(allocation !== undefined, `combining for ${kind} fits the registers`);
  return allocation;
}
