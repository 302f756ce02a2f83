/**
 * Which values of a lane program stay in registers throughout the loop, and how often its body is repeated.
 *
 * Accumulators and the row index come first, then the invariant values that save most, as many as leave enough
 * registers for the body itself: the body is allocated again with fewer until it needs no spills. What finds no register is
 * taken from memory by the instructions that use it. A body that is too large even so spills.
 */
import { slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { checkLaneAllocation } from './lane-allocation-checker.ts';
import {
  allocateLanes,
  firstMask,
  type LaneAllocation,
  type LaneAllocationOptions,
  type Place,
} from './lane-allocator.ts';
import { laneCounts } from './lane-memory.ts';
import { type LaneFamily, laneOperation } from './lane-operations.ts';
import {
  type LaneInstruction,
  type LaneProgram,
  type LaneUses,
  type LaneValue,
  usesOf,
  withAccumulatorsInMemory,
} from './lane-program.ts';
import { reductionLanes } from './reductions.ts';

export interface KernelPlan {
  /** Runs once, and leaves what the body needs of it in the slots of `hoistedSlots`. */
  readonly prologue: LaneAllocation;
  readonly whole: LaneAllocation;
  /** The body for rows that do not fill a vector; accumulators are in memory. */
  readonly part: LaneAllocation;
  /** Invariant values to be brought to registers in front of the loop. */
  readonly pinned: ReadonlyMap<LaneValue, Place>;
  /** Where the numbers of the rows are; undefined if nobody asks. */
  readonly index: Place | undefined;
  /** By reduction: its first register; undefined where accumulators are in memory. */
  readonly accumulators: readonly Place[] | undefined;
  readonly hoistedSlots: ReadonlyMap<LaneValue, number>;
  readonly loads: ReadonlyMap<LaneValue, LaneInstruction>;
  readonly spillSlots: number;
  /** As a bit set. */
  readonly usedVectors: number;
  /** How often an iteration has the body, and how many of these are interleaved at a time. */
  readonly copies: number;
  readonly strands: number;
}

/** Copies of a body without reductions that is at most so long: enough to make the loop's own instructions cheap. */
const unrolling = [
  { copies: 4, upTo: 20 },
  { copies: 2, upTo: 40 },
] as const;

/** So many interleaved copies are tried. */
const strandCounts = [4, 2, 1] as const;

/** A body of more instructions is allocated a few times only until it fits. */
const longBody = 200;

/** Registers that are left to the body at least; it may need more. */
const leastFree = 3;

/** What it saves to have an operand in a register if it could be in memory, and if it would have to be loaded. */
const foldedBenefit = 1;
const loadedBenefit = 4;

/** Vectors that a kernel may keep on the stack: at most 64 KiB, of a stack whose end nobody checks here. */
const maxStackVectors = 1024;

/** Does the kernel need little enough of the stack? */
export function fitsStack({ hoistedSlots, spillSlots }: KernelPlan): boolean {
  return hoistedSlots.size + spillSlots <= maxStackVectors;
}

/** With `check` each allocation is proved. */
export function planKernel(program: LaneProgram, check = false): KernelPlan {
  return new Planner(program, check).run();
}

function registersOf(family: LaneFamily): { vectors: Place[]; masks: Place[] } {
  const vectors = Array.from(slots(family === 'evex' ? 32 : 16), (_, id) => id);
  // `k0` masks nothing, `k7` names the rows that exist.
  const masks = family === 'evex' ? [1, 2, 3, 4, 5, 6].map((id) => firstMask + id) : [];
  return { vectors, masks };
}

interface Attempt {
  readonly whole: LaneAllocation;
  readonly part: LaneAllocation;
  readonly pinned: ReadonlyMap<LaneValue, Place>;
  readonly index: Place | undefined;
  readonly accumulators: readonly Place[] | undefined;
  /** How many copies can be interleaved: each has registers of its own below those that are taken throughout. */
  readonly strands: number;
}

class Planner {
  readonly #program: LaneProgram;
  readonly #check: boolean;
  readonly #inMemory: LaneProgram;
  readonly #vectors: readonly Place[];
  readonly #masks: readonly Place[];
  readonly #candidates: Candidates;
  /** By code: each is allocated several times. */
  readonly #uses = new Map<readonly LaneInstruction[], LaneUses>();

  constructor(program: LaneProgram, check: boolean) {
    this.#program = program;
    this.#check = check;
    this.#inMemory = withAccumulatorsInMemory(program);
    const { vectors, masks } = registersOf(program.family);
    this.#vectors = vectors;
    this.#masks = masks;
    this.#candidates = candidatesOf(program);
  }

  run(): KernelPlan {
    const program = this.#program;
    const attempt =
      (program.accumulations.length > 0 ? this.#fit(program) : undefined) ??
      this.#fit(this.#inMemory) ??
      this.#attempt(this.#inMemory, 0, true);
    invariant(attempt !== undefined, 'with spills every body fits');
    const hoistedSlots = this.#hoistedSlots();
    const prologue = this.#prologue(hoistedSlots);
    const { whole, part } = attempt;
    const allocations = [prologue, whole, part];
    const loads = program.body.flatMap((instruction): [LaneValue, LaneInstruction][] =>
      instruction.operation.name === 'load' && instruction.result !== undefined
        ? [[instruction.result, instruction]]
        : [],
    );
    return {
      ...attempt,
      prologue,
      hoistedSlots,
      loads: new Map(loads),
      spillSlots: Math.max(...allocations.map(({ spillSlots }) => spillSlots)),
      usedVectors: this.#usedVectors(attempt, allocations),
      copies: this.#copies,
    };
  }

  get #copies(): number {
    const { accumulations, body, family } = this.#program;
    if (accumulations.length > 0) return reductionLanes / laneCounts[family];
    return unrolling.find(({ upTo }) => body.length <= upTo)?.copies ?? 1;
  }

  /** Without spills in the loop; interleaved if that only takes registers from what is as good in memory. */
  #fit(program: LaneProgram): Attempt | undefined {
    const { values, loadedCount } = this.#candidates;
    let plain: Attempt | undefined;
    const isLong = program.body.length > longBody;
    let count = Math.min(values.length, this.#unreserved(program) - leastFree);
    while (plain === undefined && count >= 0) {
      plain = this.#attempt(program, count, false);
      count -= isLong ? Math.max(count >> 1, 1) : 1;
    }
    if (plain === undefined) return undefined;
    const { whole, pinned, strands } = plain;
    for (const wanted of strandCounts) {
      if (wanted > this.#copies) continue;
      if (wanted <= strands) break;
      const lacking = (wanted - 1) * whole.temporaries.vectors;
      const room = Math.min(pinned.size, this.#unreserved(program) - whole.temporaries.vectors - lacking);
      const interleaved = room < loadedCount ? undefined : this.#attempt(program, room, false);
      if (interleaved !== undefined && interleaved.strands >= wanted) return interleaved;
    }
    return plain;
  }

  /** Registers that neither accumulators nor the index take. */
  #unreserved({ family, accumulations, index }: LaneProgram): number {
    const accumulators = (accumulations.length * reductionLanes) / laneCounts[family];
    return this.#vectors.length - accumulators - (index === undefined ? 0 : 1);
  }

  #attempt(program: LaneProgram, pinnedCount: number, maySpill: boolean): Attempt | undefined {
    const { family, accumulations, index } = program;
    const perReduction = reductionLanes / laneCounts[family];
    // From the top down, so that the temporaries have the registers with the shorter encodings.
    let top = this.#vectors.length;
    top -= accumulations.length * perReduction;
    const firstAccumulator = top;
    const accumulators = accumulations.map((_, reduction) => firstAccumulator + reduction * perReduction);
    const indexPlace = index === undefined ? undefined : --top;
    if (top - pinnedCount < leastFree) return undefined;
    const pinned = new Map(
      this.#candidates.values.slice(0, pinnedCount).map((value): [LaneValue, Place] => [value, --top]),
    );
    const held = new Map(pinned);
    if (index !== undefined && indexPlace !== undefined) held.set(index, indexPlace);
    const masks = this.#masks;
    const whole = this.#allocate(program.body, program, {
      vectors: this.#vectors.slice(0, firstAccumulator),
      masks,
      pinned: held,
      foldsColumns: true,
      maySpill,
    });
    if (whole === undefined) return undefined;
    const part = this.#allocate(this.#inMemory.body, this.#inMemory, {
      vectors: this.#vectors,
      masks,
      pinned: held,
      foldsColumns: false,
      maySpill: true,
    });
    if (part === undefined) return undefined;
    return {
      whole,
      part,
      pinned,
      index: indexPlace,
      accumulators: accumulations.length > 0 ? accumulators : undefined,
      strands: this.#strands(whole, top),
    };
  }

  /** How many sets of temporaries there are room for below `top`. */
  #strands({ temporaries, spillSlots }: LaneAllocation, top: number): number {
    const { vectors, masks } = temporaries;
    const fits = (count: number): boolean =>
      count <= this.#copies && count * vectors <= top && count * masks <= this.#masks.length;
    return spillSlots > 0 ? 1 : (strandCounts.find(fits) ?? 1);
  }

  /** What the prologue defines and the body uses, masks among it. */
  #hoistedSlots(): Map<LaneValue, number> {
    const { prologue, body } = this.#program;
    const used = new Set<LaneValue>();
    for (const { operands } of body) for (const operand of operands) used.add(operand);
    const slots = new Map<LaneValue, number>();
    for (const { result } of prologue) {
      if (result !== undefined && used.has(result)) slots.set(result, slots.size);
    }
    return slots;
  }

  #prologue(slots: ReadonlyMap<LaneValue, number>): LaneAllocation {
    const program = this.#program;
    const operation = laneOperation('storeInvariant', program.family);
    const code = program.prologue.flatMap((instruction): LaneInstruction[] => {
      const slot = instruction.result === undefined ? undefined : slots.get(instruction.result);
      if (slot === undefined) return [instruction];
      const operands = [instruction.result as LaneValue];
      return [instruction, { operation, result: undefined, operands, immediate: slot }];
    });
    const allocation = this.#allocate(
      code,
      { ...program, accumulations: [] },
      {
        vectors: this.#vectors,
        masks: this.#masks,
        pinned: new Map(),
        foldsColumns: false,
        maySpill: true,
      },
    );
    invariant(allocation !== undefined, 'with spills every prologue fits');
    return allocation;
  }

  #allocate(
    code: readonly LaneInstruction[],
    program: LaneProgram,
    options: LaneAllocationOptions,
  ): LaneAllocation | undefined {
    let uses = this.#uses.get(code);
    if (uses === undefined) {
      uses = usesOf(code, program.valueCount);
      this.#uses.set(code, uses);
    }
    const allocation = allocateLanes(code, program, options, uses);
    if (this.#check && allocation !== undefined) checkLaneAllocation(code, program, options, allocation);
    return allocation;
  }

  #usedVectors(
    { whole, pinned, index, accumulators, strands }: Attempt,
    code: readonly LaneAllocation[],
  ): number {
    let set = 0;
    const use = (first: number, count: number): void => {
      for (let id = first; id < first + count; id++) set |= 1 << id;
    };
    for (const { temporaries } of code) use(0, temporaries.vectors);
    use(0, strands * whole.temporaries.vectors);
    for (const place of pinned.values()) use(place, 1);
    if (index !== undefined) use(index, 1);
    for (const first of accumulators ?? []) use(first, reductionLanes / laneCounts[this.#program.family]);
    return set;
  }
}

/** Invariant vectors that the body uses, those first that save most. */
interface Candidates {
  readonly values: readonly LaneValue[];
  /** How many of them, from the first on, are more than operands that could be in memory as well. */
  readonly loadedCount: number;
}

function candidatesOf({ body }: LaneProgram): Candidates {
  const benefits = new Map<LaneValue, number>();
  for (const { operation, operands } of body) {
    operands.forEach((operand, index) => {
      if (!operand.isInvariant || operand.class !== 'vector') return;
      const isFolded = index === operation.fold || (operation.commutative && index < 2);
      const benefit = isFolded || index === operation.tied ? foldedBenefit : loadedBenefit;
      benefits.set(operand, (benefits.get(operand) ?? 0) + benefit);
    });
  }
  const sorted = [...benefits].sort(([, left], [, right]) => right - left);
  const loadedCount = sorted.filter(([, benefit]) => benefit >= loadedBenefit).length;
  return { values: sorted.map(([value]) => value), loadedCount };
}
