/**
 * A kernel on vectors: the loop around a lane program.
 *
 *     row = first row; values that no row changes, to registers and to the stack
 *     as long as as many rows are left as an iteration takes:   the body, several copies of it one after the other
 *     as long as a vector of rows is left:                      the body
 *     the rows that remain:                                     the body on part of a vector
 *
 * Copies are interleaved where registers allow it: the instructions of several stand in turn, so that long chains of
 * operations do not wait for each other. Otherwise they stand one after the other and need no more registers than one.
 *
 * With a reduction, an iteration takes as many rows as there are virtual accumulators (`reductions.ts`), a copy of the
 * body for each register of them, and the remaining rows of a block go one by one, to accumulators in memory.
 */
import { KernelFrameSlot, reductionBlock } from '../../native/kernel-frame.ts';
import { invariant } from '../../support/invariant.ts';
import { hasOwn } from '../../support/own.ts';
import type { Label } from '../code/label.ts';
import type { Convention } from '../machine/convention.ts';
import type { FeatureLevel } from '../machine/feature-level.ts';
import type { Assembler } from '../x64/assembler.ts';
import { ptr } from '../x64/memory.ts';
import { type Gp64, r12, r13, r14, r15, rbx, rcx, rdi, rsi } from '../x64/register.ts';
import { emitKernelEntry, emitKernelExit, savedVectorsOf } from './kernel-frame-entry.ts';
import type { KernelPlan } from './kernel-plan.ts';
import { emitIdentities, ReductionTree } from './kernel-reductions.ts';
import {
  addressScratch,
  limitRegister,
  vectorKernelRegisters as registers,
  valueScratch,
  valueScratch32,
} from './kernel-registers.ts';
import { columnTypesOf, type KernelSpec, outputTypesOf } from './kernel-spec.ts';
import { KernelStack } from './kernel-stack.ts';
import { LaneEmitter, lonePosition } from './lane-emission.ts';
import { extentMask, laneCounts } from './lane-memory.ts';
import type { LaneProgram } from './lane-program.ts';
import { reductionLanes } from './reductions.ts';

export interface VectorKernelOptions {
  readonly level: FeatureLevel;
  readonly convention: Convention;
  readonly name: string;
}

/** A program that is worth to run on vectors, and how it is to. */
export interface VectorChoice {
  readonly program: LaneProgram;
  readonly plan: KernelPlan;
}

/** Registers for addresses of columns and outputs, in this order; beyond them they are fetched where they are used. */
const pointerRegisters: readonly Gp64[] = [rcx, rsi, rdi, rbx, r12, r13, r14, r15];

export function emitVectorKernel(
  a: Assembler,
  { program, plan }: VectorChoice,
  spec: KernelSpec,
  options: VectorKernelOptions,
): void {
  new VectorKernel(a, program, plan, spec, options).run();
}

class VectorKernel {
  readonly #a: Assembler;
  readonly #program: LaneProgram;
  readonly #spec: KernelSpec;
  readonly #options: VectorKernelOptions;
  readonly #plan: KernelPlan;
  readonly #stack: KernelStack;
  readonly #emitter: LaneEmitter;
  readonly #columnPointers: readonly (Gp64 | undefined)[];
  readonly #outputPointers: readonly (Gp64 | undefined)[];
  readonly #tree: ReductionTree;
  readonly #lanes: number;

  constructor(
    a: Assembler,
    program: LaneProgram,
    plan: KernelPlan,
    spec: KernelSpec,
    options: VectorKernelOptions,
  ) {
    this.#a = a;
    this.#program = program;
    this.#spec = spec;
    this.#options = options;
    this.#plan = plan;
    const { family, accumulations } = program;
    this.#lanes = laneCounts[family];
    const columns = columnTypesOf(spec);
    const outputs = outputTypesOf(spec);
    this.#columnPointers = columns.map((_, column) => pointerRegisters.at(column));
    this.#outputPointers = outputs.map((_, output) => pointerRegisters.at(columns.length + output));
    this.#stack = new KernelStack({
      outgoing: 0,
      words: 0,
      laneResults: 0,
      reductions: accumulations.length,
      hoisted: this.#plan.hoistedSlots.size,
      spills: this.#plan.spillSlots,
      vectorSize: this.#lanes * 8,
      savedVectors: savedVectorsOf(options.convention, this.#plan.usedVectors).length,
    });
    this.#emitter = new LaneEmitter(a, {
      family,
      registers,
      columns,
      outputs,
      columnPointers: this.#columnPointers,
      outputPointers: this.#outputPointers,
      stack: this.#stack,
      hoistedSlots: this.#plan.hoistedSlots,
      accumulators: this.#plan.accumulators ?? [],
      loads: this.#plan.loads,
      rows: undefined,
    });
    this.#tree = new ReductionTree(
      accumulations.map(({ kind }) => kind),
      family,
      options.level,
    );
  }

  run(): void {
    const a = this.#a;
    const entry = {
      convention: this.#options.convention,
      stack: this.#stack,
      general: [...this.#columnPointers, ...this.#outputPointers].flatMap((pointer) => pointer ?? []),
      vectors: this.#plan.usedVectors,
      hasVex: this.#program.family !== 'sse',
    };
    const exit = a.code.newLabel();
    a.align(32);
    a.bind(a.code.newLabel(this.#options.name));
    emitKernelEntry(a, registers.frame, entry);
    a.mov(registers.row, ptr(registers.frame, KernelFrameSlot.FirstRow * 8));
    this.#prepare();
    if (this.#spec.outputs.some((output) => hasOwn(output, 'reduce'))) this.#reduction(exit);
    else this.#map(exit);
    a.bind(exit);
    emitKernelExit(a, entry);
  }

  #prepare(): void {
    const a = this.#a;
    const { prologue, pinned, index } = this.#plan;
    this.#fetchPointers(this.#columnPointers, KernelFrameSlot.Columns);
    this.#fetchPointers(this.#outputPointers, KernelFrameSlot.Outputs);
    this.#emitter.emit(prologue, lonePosition('whole'));
    for (const [value, place] of pinned) this.#emitter.loadHome(value, place);
    if (index !== undefined) this.#emitter.startIndex(index);
    if (this.#program.accumulations.length > 0 && this.#program.family === 'evex') {
      a.mov(valueScratch32, 1);
      a.kmovw(extentMask, valueScratch32);
    }
  }

  #fetchPointers(pointers: readonly (Gp64 | undefined)[], slot: number): void {
    const a = this.#a;
    if (pointers.length === 0) return;
    a.mov(addressScratch, ptr(registers.frame, slot * 8));
    pointers.forEach((pointer, position) => {
      if (pointer !== undefined) a.mov(pointer, ptr(addressScratch, position * 8));
    });
  }

  #map(exit: Label): void {
    const a = this.#a;
    const { row, end, frame } = registers;
    const { copies } = this.#plan;
    a.mov(end, ptr(frame, KernelFrameSlot.RowCount * 8));
    a.add(end, row);
    if (copies > 1) this.#loop(copies);
    this.#loop(1);
    if (this.#program.family === 'evex') {
      // The mask of the first n lanes, for n from 0 to 7.
      const masks = a.code.int64(0x7f3f_1f0f_0703_0100n);
      a.mov(limitRegister, end);
      a.sub(limitRegister, row);
      a.je(exit);
      a.lea(valueScratch, ptr(masks));
      a.kmovb(extentMask, ptr(valueScratch, limitRegister, 1));
      this.#emitter.emit(this.#plan.part, lonePosition('part'));
    } else {
      a.cmp(row, end);
      a.jge(exit);
      const next = a.code.newLabel();
      a.bind(next);
      this.#singleRow(next);
    }
  }

  /** As long as `copies` vectors of rows are left, the body as often. */
  #loop(copies: number): void {
    const a = this.#a;
    const { row, end } = registers;
    const rows = copies * this.#lanes;
    const [next, done] = [a.code.newLabel(), a.code.newLabel()];
    a.lea(limitRegister, ptr(end, -rows));
    a.cmp(row, limitRegister);
    a.jg(done);
    a.align(32);
    a.bind(next);
    const { whole, strands } = this.#plan;
    for (let copy = 0; copy < copies; copy += strands) {
      this.#emitter.emitInterleaved(whole, copy, Math.min(strands, copies));
    }
    this.#advance(rows);
    a.cmp(row, limitRegister);
    a.jle(next);
    a.bind(done);
  }

  /** The body for one row, and back to `next` while there are more. */
  #singleRow(next: Label): void {
    const a = this.#a;
    this.#emitter.emit(this.#plan.part, lonePosition('part'));
    this.#advance(1);
    a.cmp(registers.row, registers.end);
    a.jl(next);
  }

  #advance(rows: number): void {
    const { index } = this.#plan;
    this.#a.add(registers.row, rows);
    if (index !== undefined) this.#emitter.advanceIndex(index, rows);
  }

  #reduction(exit: Label): void {
    const a = this.#a;
    const { row, end, frame } = registers;
    const { accumulators, copies } = this.#plan;
    invariant(copies * this.#lanes === reductionLanes, 'an iteration takes a row for each accumulator');
    const kinds = this.#program.accumulations.map(({ kind }) => kind);
    const [block, next, done] = [a.code.newLabel(), a.code.newLabel(), a.code.newLabel()];
    a.bind(block);
    a.mov(end, ptr(frame, KernelFrameSlot.FirstRow * 8));
    a.add(end, ptr(frame, KernelFrameSlot.RowCount * 8));
    a.cmp(row, end);
    a.jge(exit);
    a.lea(valueScratch, ptr(row, reductionBlock));
    a.cmp(valueScratch, end);
    a.cmovl(end, valueScratch);
    emitIdentities(this.#emitter, kinds, this.#stack);
    this.#moveAccumulators(accumulators, 'load');
    this.#loop(copies);
    this.#moveAccumulators(accumulators, 'store');
    a.cmp(row, end);
    a.jge(done);
    a.bind(next);
    this.#singleRow(next);
    a.bind(done);
    this.#tree.emit(a, this.#emitter, this.#stack, registers);
    a.jmp(block);
  }

  /** Accumulators between memory and their registers, if they have any. */
  #moveAccumulators(accumulators: readonly number[] | undefined, direction: 'load' | 'store'): void {
    accumulators?.forEach((first, reduction) => {
      for (let copy = 0; copy < reductionLanes / this.#lanes; copy++) {
        const offset = this.#stack.accumulator(reduction, copy * this.#lanes);
        if (direction === 'load') this.#emitter.load(first + copy, offset);
        else this.#emitter.store(first + copy, offset);
      }
    });
  }
}
