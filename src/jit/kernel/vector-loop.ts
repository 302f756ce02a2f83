/**
 * A kernel on vectors, as IR: loops around the body of a row.
 *
 *     entry:   pointers of columns and outputs, what all rows share
 *     main:    several strands of rows, as long as so many are left
 *     single:  one vector of rows, as long as so many are left
 *     tail:    the rows that remain: one by one, or with EVEX as part of a vector
 *
 * With a reduction, rows go in blocks (`reductions.ts`). An iteration takes a row for each virtual accumulator; those that remain
 * of a block go one by one, to accumulators in memory, where they are combined at the end of the block.
 */
import { elementAt } from '../../support/element.ts';
import { IrBuilder } from '../ir/builder.ts';
import { reversePostorder } from '../ir/control-flow.ts';
import { type Block, type IrFunction, IrModule, type Value } from '../ir/function.ts';
import { op, type Type } from '../ir/opcode.ts';
import { type LaneCount, withLanes } from '../ir/type.ts';
import { type IterationPlace, KernelInputs } from './kernel-inputs.ts';
import { type KernelSpec, type ReductionKind, reductionsOf } from './kernel-spec.ts';
import { asPartOfVector, rowByRow } from './loop-tail.ts';
import { ReductionBlocks } from './reduction-blocks.ts';
import { reductionLanes } from './reductions.ts';
import type { RowBody } from './row-body.ts';
import { type Accumulators, RowEmitter } from './row-emitter.ts';

export interface LoopShape {
  readonly lanes: LaneCount;
  /** Can the rows that remain be part of a vector? */
  readonly hasMasks: boolean;
  /** Vectors of an iteration of the main loop, and how many of these are interleaved at a time. */
  readonly strands: number;
  readonly together: number;
}

/** The kernel's function: it takes the address of the kernel frame. */
export function vectorLoop(name: string, body: RowBody, spec: KernelSpec, shape: LoopShape): IrFunction {
  return new VectorLoop(name, body, spec, shape).run();
}

/** Values that a loop carries: row, number of the row in each lane, accumulators. */
interface Carried {
  readonly row: Value;
  readonly index: Value | undefined;
  readonly accumulators: Accumulators;
}

class VectorLoop {
  readonly #builder: IrBuilder;
  readonly #inputs: KernelInputs;
  readonly #emitter: RowEmitter;
  /** Does any value ask for the number of its row? */
  readonly #usesIndex: boolean;
  readonly #shape: LoopShape;
  readonly #kinds: readonly ReductionKind[];
  readonly #laneType: Type;
  readonly #exit: Block;

  constructor(name: string, body: RowBody, spec: KernelSpec, shape: LoopShape) {
    this.#builder = new IrBuilder(new IrModule(), name, ['i64'], 'i64');
    this.#inputs = new KernelInputs(this.#builder, spec);
    this.#emitter = new RowEmitter(this.#builder, body, this.#inputs);
    this.#usesIndex = spec.parameters.some(
      ({ kind }, position) => kind === 'index' && this.#emitter.uses(position),
    );
    this.#shape = shape;
    this.#kinds = reductionsOf(spec);
    this.#laneType = withLanes('f64', shape.lanes);
    this.#exit = this.#builder.createBlock();
  }

  run(): IrFunction {
    const b = this.#builder;
    const row = this.#inputs.word('FirstRow');
    const end = b.emit(op.iadd, row, this.#inputs.word('RowCount'));
    if (this.#kinds.length > 0) this.#blocks(row, end);
    else this.#rows({ row, index: this.#startIndex(row), accumulators: [] }, end);
    b.moveTo(this.#exit);
    b.return(b.integer(0n));
    const { function: fn } = b;
    fn.blocks = [...reversePostorder(fn)];
    return fn;
  }

  /** All rows of a kernel without reductions; goes to the exit. */
  #rows(start: Carried, end: Value): void {
    const b = this.#builder;
    const { strands } = this.#shape;
    const most = strands > 1 ? this.#vectors(start, end, strands) : start;
    const rest = this.#vectors(most, end, 1);
    const emit = (place: IterationPlace): void => {
      this.#emitter.emit(place, []);
    };
    const { hasMasks, lanes } = this.#shape;
    if (hasMasks) asPartOfVector(b, { ...rest, lanes }, end, this.#exit, emit);
    else rowByRow(b, rest.row, end, this.#exit, emit, this.#usesIndex);
  }

  /** A loop over vectors, as long as all strands have rows; stands behind it when done, with what it carries. */
  #vectors(start: Carried, end: Value, strands: number): Carried {
    const b = this.#builder;
    const rows = strands * this.#shape.lanes;
    const types = this.#typesOf(start);
    const [loop, after] = [b.createBlock(types), b.createBlock(types)];
    const limit = b.emit(op.isub, end, b.integer(BigInt(rows)));
    b.branch(b.emit(op.ile, start.row, limit), loop, after, listOf(start), listOf(start));
    b.moveTo(loop);
    const carried = carriedFrom(loop, start);
    const place = this.#place(carried, this.#shape.lanes, strands);
    const accumulators = this.#emitter.emit(place, carried.accumulators);
    const index = carried.index && b.emit(op.fadd, carried.index, this.#number(rows));
    const next = { row: this.#rowAfter(carried.row, rows), index, accumulators };
    b.branch(b.emit(op.ile, next.row, limit), loop, after, listOf(next), listOf(next));
    b.moveTo(after);
    return carriedFrom(after, start);
  }

  #place({ row, index }: Carried, lanes: 1 | LaneCount, strands: number): IterationPlace {
    return { row, index, mask: undefined, lanes, strands, together: Math.min(this.#shape.together, strands) };
  }

  #rowAfter(row: Value, rows: number): Value {
    return this.#builder.emit(op.iadd, row, this.#builder.integer(BigInt(rows)));
  }

  /** A double in all lanes. */
  #number(value: number): Value {
    return this.#builder.append(this.#laneType, op.fconst, [], value);
  }

  #startIndex(row: Value): Value | undefined {
    return this.#usesIndex ? this.#inputs.numbersFrom(row, this.#shape.lanes) : undefined;
  }

  #typesOf({ row, index, accumulators }: Carried): Type[] {
    return listOf({ row, index, accumulators }).map(({ type }) => type);
  }

  // Reductions

  #blocks(firstRow: Value, lastRow: Value): void {
    const b = this.#builder;
    const { lanes, strands } = this.#shape;
    const blocks = new ReductionBlocks(b, this.#inputs, this.#kinds, lanes);
    const isExact = this.#kinds.includes('exact');
    if (isExact) blocks.beginGuess();
    blocks.run(firstRow, lastRow, this.#exit, (row, end) => {
      // Vectors may go to some accumulators only, and single rows go to any.
      if (strands * lanes < reductionLanes) blocks.storeAll(blocks.identities(reductionLanes / lanes));
      const index = this.#startIndex(row);
      const vectors = (accumulators: Accumulators): Carried =>
        this.#vectors({ row, index, accumulators }, end, strands);
      const singles = isExact
        ? blocks.fillGuessed(strands, vectors)
        : blocks.filled(vectors(blocks.identities(strands)));
      const after = b.createBlock();
      const emit = (place: IterationPlace): void => {
        blocks.storeAt(place, this.#emitter.emit(place, blocks.at(place)));
      };
      rowByRow(b, singles, end, after, emit, this.#usesIndex);
      b.moveTo(after);
    });
  }
}

function listOf({ row, index, accumulators }: Carried): Value[] {
  return [row, ...(index === undefined ? [] : [index]), ...accumulators.flat()];
}

/** What the parameters of a block stand for, which are those of `like`. */
function carriedFrom({ parameters }: Block, like: Carried): Carried {
  const left = [...parameters];
  const next = (): Value => elementAt(left.splice(0, 1), 0);
  const row = next();
  const index = like.index && next();
  return { row, index, accumulators: like.accumulators.map((strands) => strands.map(next)) };
}
