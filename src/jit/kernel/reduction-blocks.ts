/**
 * The loop over blocks of rows around a reduction, and what happens once per block (`reductions.ts`): accumulators in memory of
 * the kernel's own, to which single rows add, and the tree that combines them at the end.
 */
import { reductionBlock } from '../../native/kernel-frame.ts';
import { elementAt, slots } from '../../support/element.ts';
import type { IrBuilder } from '../ir/builder.ts';
import type { Block, Value } from '../ir/function.ts';
import { op, type Type } from '../ir/opcode.ts';
import { type LaneCount, withLanes } from '../ir/type.ts';
import { biasesFrom } from './exact-bins.ts';
import { exactPasses } from './exact-passes.ts';
import { batchRows, fewBiases, firstGuess, partialsOf } from './exact-reduction.ts';
import type { IterationPlace, KernelInputs } from './kernel-inputs.ts';
import type { ReductionKind } from './kernel-spec.ts';
import type { ReductionMemory } from './reduction-memory.ts';
import { reductionLanes, reductions } from './reductions.ts';
import { type Accumulators, combine } from './row-emitter.ts';

/** Accumulators behind some rows, and the next row. */
interface Filled {
  readonly row: Value;
  readonly accumulators: Accumulators;
}

export class ReductionBlocks {
  readonly #builder: IrBuilder;
  readonly #kinds: readonly ReductionKind[];
  readonly #lanes: 1 | LaneCount;
  readonly #memory: Value;
  readonly #layout: ReductionMemory;
  /** Vectors whose values go into bins at once; 0 if none do. */
  #guessStrands = 0;
  readonly #partials: Value;

  /** The builder stands in its entry. */
  constructor(
    builder: IrBuilder,
    inputs: KernelInputs,
    kinds: readonly ReductionKind[],
    lanes: 1 | LaneCount,
  ) {
    this.#builder = builder;
    this.#kinds = kinds;
    this.#lanes = lanes;
    this.#memory = inputs.memory;
    this.#layout = inputs.layout;
    this.#partials = inputs.word('Partials');
  }

  /** `rows` computes the rows of one block, and leaves its accumulators in memory; when all are done, it goes on at `exit`. */
  run(firstRow: Value, lastRow: Value, exit: Block, rows: (row: Value, end: Value) => void): void {
    const b = this.#builder;
    const [head, block] = [b.createBlock(['i64']), b.createBlock()];
    b.jump(head, firstRow);
    b.moveTo(head);
    const row = elementAt(head.parameters, 0);
    b.branch(b.emit(op.ilt, row, lastRow), block, exit);
    b.moveTo(block);
    const blockEnd = b.emit(op.iadd, row, b.integer(BigInt(rowsOf(this.#kinds))));
    const end = b.select(b.emit(op.ilt, blockEnd, lastRow), blockEnd, lastRow);
    rows(row, end);
    const last = b.emit(op.isub, end, b.integer(1n));
    const number = b.emit(op.ishr, last, b.integer(BigInt(Math.log2(reductionBlock))));
    const count = this.#kinds.reduce((sum, kind) => sum + partialsOf(kind), 0);
    let first = b.emit(op.imul, number, b.integer(BigInt(count)));
    this.#kinds.forEach((kind, reduction) => {
      const combined = this.#combined(kind, reduction);
      if (kind !== 'exact') b.store('f64', this.#partials, first, combined);
      else this.#exact(row, end, combined, first);
      first = b.emit(op.iadd, first, b.integer(BigInt(partialsOf(kind))));
    });
    b.jump(head, end);
  }

  #exact(row: Value, end: Value, greatest: Value, first: Value): void {
    const b = this.#builder;
    const inBlock = b.emit(op.iand, row, b.integer(BigInt(reductionBlock - 1)));
    const strands = this.#guessStrands;
    exactPasses(b, {
      lanes: this.#lanes,
      memory: this.#memory,
      values: this.#layout.values,
      scratch: 0,
      rows: b.emit(op.isub, end, row),
      greatest,
      partials: this.#partials,
      first,
      isFirst: b.emit(op.ieq, inBlock, b.integer(0n)),
      guess: strands === 0 ? undefined : { ...this.#layout, strands },
    });
  }

  /** What accumulators are before the first row, in so many strands. */
  identities(strands: number): Accumulators {
    const type = withLanes('f64', this.#lanes);
    return this.#kinds.map((kind) =>
      Array.from(slots(strands), () => this.#builder.append(type, op.fconst, [], identityOf(kind))),
    );
  }

  /** For an exact sum: any guess to begin with. The builder stands in its entry. */
  beginGuess(): void {
    const b = this.#builder;
    const { field, wide } = this.#layout;
    b.store('i64', this.#memory, b.integer(BigInt(field)), b.integer(BigInt(firstGuess)));
    b.store('i64', this.#memory, b.integer(BigInt(wide)), b.integer(1n));
  }

  /**
   * For an exact sum: `rows` takes accumulators as {@link identities} gives them, with those of a guess behind them, through the rows of a
   * batch, in one loop if all are to be filled, and in another if the first few are. Stands behind both, with the row where they end.
   */
  fillGuessed(strands: number, rows: (accumulators: Accumulators) => Filled): Value {
    const b = this.#builder;
    this.#guessStrands = strands;
    const [few, all, after] = [b.createBlock(), b.createBlock(), b.createBlock(['i64'])];
    const field = b.load('i64', 'i64', this.#memory, b.integer(BigInt(this.#layout.field)));
    const start = biasesFrom(b, field).map((bias) => {
      const value = this.#lanes === 1 ? bias : b.splat(bias, this.#lanes);
      return Array.from(slots(strands), () => value);
    });
    const wide = b.load('i64', 'i64', this.#memory, b.integer(BigInt(this.#layout.wide)));
    b.branch(b.emit(op.ieq, wide, b.integer(0n)), few, all);
    for (const [block, filled] of [[few, fewBiases] as const, [all, start.length] as const]) {
      b.moveTo(block);
      const empty = [...this.identities(strands), ...this.identities(strands)];
      const { row, accumulators } = rows([...empty, ...start.slice(0, filled)]);
      b.jump(after, this.filled({ row, accumulators: [...accumulators, ...start.slice(filled)] }));
    }
    b.moveTo(after);
    return elementAt(after.parameters, 0);
  }

  /** Stores what rows have made of accumulators; gives the row where they end. */
  filled({ row, accumulators }: Filled): Value {
    this.storeAll(accumulators);
    return row;
  }

  /** All accumulators to memory. */
  storeAll(accumulators: Accumulators): void {
    accumulators.forEach((strands, reduction) => {
      strands.forEach((value, strand) => {
        this.#builder.store('f64', this.#memory, this.#slot(reduction, strand * this.#lanes), value);
      });
    });
  }

  /** Those of the rows at a place, which are as many as there are accumulators at the most. */
  at(place: IterationPlace): Accumulators {
    const type = withLanes('f64', place.lanes);
    return this.#kinds.map((_, reduction) =>
      Array.from(slots(place.strands), (__, strand) =>
        this.#builder.load(type, 'f64', this.#memory, this.#slotOf(place, reduction, strand)),
      ),
    );
  }

  storeAt(place: IterationPlace, accumulators: Accumulators): void {
    accumulators.forEach((strands, reduction) => {
      strands.forEach((value, strand) => {
        this.#builder.store('f64', this.#memory, this.#slotOf(place, reduction, strand), value);
      });
    });
  }

  /** The upper half of the accumulators into the lower, until one is left. */
  #combined(kind: ReductionKind, reduction: number): Value {
    const b = this.#builder;
    const load = (type: Type, lane: number): Value =>
      b.load(type, 'f64', this.#memory, this.#slot(reduction, lane));
    for (let width = reductionLanes / 2; width > 1; width /= 2) {
      const step = width >= this.#lanes ? this.#lanes : 1;
      const type = withLanes('f64', step);
      for (let lane = 0; lane < width; lane += step) {
        const both = combine(b, kind, load(type, lane), load(type, lane + width));
        b.store('f64', this.#memory, this.#slot(reduction, lane), both);
      }
    }
    return combine(b, kind, load('f64', 0), load('f64', 1));
  }

  #slot(reduction: number, lane: number): Value {
    return this.#builder.integer(BigInt(reduction * reductionLanes + lane));
  }

  #slotOf({ row, lanes }: IterationPlace, reduction: number, strand: number): Value {
    const b = this.#builder;
    const lane = b.emit(op.iand, row, b.integer(BigInt(reductionLanes - 1)));
    return b.emit(op.iadd, lane, this.#slot(reduction, strand * lanes));
  }
}

/** How many go together. */
function rowsOf(kinds: readonly ReductionKind[]): number {
  return kinds.includes('exact') ? batchRows : reductionBlock;
}

/** The greatest magnitude of nothing is 0. */
function identityOf(kind: ReductionKind): number {
  return kind === 'exact' ? 0 : reductions[kind].identity;
}
