/** The end of a batch of rows for the reduction `exact`, as IR: what stands in `exact-reduction.ts` in TypeScript. */
import { elementAt, slots } from '../../support/element.ts';
import type { IrBuilder } from '../ir/builder.ts';
import type { Block, Value } from '../ir/function.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';
import { type LaneCount, withLanes } from '../ir/type.ts';
import { type Bins, biasesFrom, binsFrom, fillBins, neededFor, topOf } from './exact-bins.ts';
import {
  binsPerPass,
  exactPartials,
  firstBin,
  guessSlack,
  hugeBias,
  hugeMagnitude,
  hugeShift,
  mostGuessed,
  wideBatches,
} from './exact-reduction.ts';

/** Vectors that a pass takes side by side: chains of additions wait for each other. */
const strands = 2;

/** A batch, and where its block's partial results are. */
export interface ExactBatch {
  readonly lanes: 1 | LaneCount;
  /** Memory of the kernel's: the values, as many as there are rows, in words from `values` on, and room for a vector at `scratch`. */
  readonly memory: Value;
  readonly values: number;
  readonly scratch: number;
  readonly rows: Value;
  /** The greatest magnitude of the values, NaN aside. */
  readonly greatest: Value;
  /** Where the partial results go: an array, and the number of its element. */
  readonly partials: Value;
  readonly first: Value;
  /** Is this the first batch of its block? */
  readonly isFirst: Value;
  /** Undefined where the values were only kept. */
  readonly guess: ExactGuess | undefined;
}

/** Accumulators that were filled while values were computed, under biases for the values of batches before. */
export interface ExactGuess {
  /** Where the exponent of the uppermost bias is, a word of the memory; it takes a better one. */
  readonly field: number;
  /** Where the number of batches is that still fill all accumulators, not the first few. */
  readonly wide: number;
  /** So many vectors went into the bins side by side. */
  readonly strands: number;
  /** Where the bits are that were left of any value, and, for each bin, accumulators: words of the memory. */
  readonly left: number;
  readonly bins: readonly number[];
}

/** The greatest magnitude, with this value too; NaN counts for nothing. */
function moreOf(b: IrBuilder, value: Value, greatest: Value): Value {
  return b.emit(op.fmore, b.emit(op.fabs, value), greatest);
}

/** Stores the partial results; stands behind all that when done. */
export function exactPasses(builder: IrBuilder, batch: ExactBatch): void {
  new ExactPasses(builder, batch).run();
}

/** What a loop over the values carries, besides the number of the value. */
type Carried = readonly Value[];

class ExactPasses {
  readonly #builder: IrBuilder;
  readonly #batch: ExactBatch;
  readonly #type: Type;
  readonly #after: Block;

  constructor(builder: IrBuilder, batch: ExactBatch) {
    this.#builder = builder;
    this.#batch = batch;
    this.#type = withLanes('f64', batch.lanes);
    this.#after = builder.createBlock();
  }

  run(): void {
    const b = this.#builder;
    const { greatest } = this.#batch;
    this.#beginBlock();
    this.#takeGuess();
    this.#complete();
    const [finite, special, huge] = [b.createBlock(), b.createBlock(), b.createBlock()];
    const pass = b.createBlock(['f64']);
    const infinity = b.append('f64', op.fconst, [], Number.POSITIVE_INFINITY);
    b.branch(b.emit(op.flt, greatest, infinity), finite, special);

    b.moveTo(special);
    this.#addSpecials();
    b.jump(this.#after);

    b.moveTo(finite);
    const least = b.append('f64', op.fconst, [], hugeMagnitude);
    b.branch(b.emit(op.flt, greatest, least), pass, huge, [greatest]);

    b.moveTo(huge);
    b.jump(pass, this.#takeHuge());

    b.moveTo(pass);
    const left = this.#pass(elementAt(pass.parameters, 0));
    b.branch(b.emit(op.flt, b.append('f64', op.fconst, [], 0), left), pass, this.#after, [left]);
    b.moveTo(this.#after);
  }

  /** Zeros for the partial results of a block that begins. */
  #beginBlock(): void {
    const b = this.#builder;
    const { lanes, partials, first, isFirst } = this.#batch;
    const zero = this.#number(0);
    const [begin, within] = [b.createBlock(), b.createBlock()];
    b.branch(isFirst, begin, within);
    b.moveTo(begin);
    for (let place = 0; place < exactPartials; place += lanes) {
      b.store('f64', partials, b.emit(op.iadd, first, b.integer(BigInt(place))), zero);
    }
    b.jump(within);
    b.moveTo(within);
  }

  /** If biases were guessed right, the batch is summed; stands where they were not. */
  #takeGuess(): void {
    const { guess, greatest, memory, rows, lanes } = this.#batch;
    if (guess === undefined) return;
    const b = this.#builder;
    const [whole, high, taken] = [b.createBlock(), b.createBlock(), b.createBlock()];
    const [short, missed] = [b.createBlock(), b.createBlock()];
    const [fieldWord, wideWord] = [b.integer(BigInt(guess.field)), b.integer(BigInt(guess.wide))];
    const field = b.load('i64', 'i64', memory, fieldWord);
    const needed = neededFor(b, greatest);
    const better = b.emit(op.iadd, needed, b.integer(BigInt(guessSlack)));
    // Single rows went nowhere but to the values.
    const over = b.emit(op.iand, rows, b.integer(BigInt(guess.strands * lanes - 1)));
    b.branch(b.emit(op.ieq, over, b.integer(0n)), whole, missed);
    b.moveTo(whole);
    b.branch(b.emit(op.ile, needed, field), high, missed);
    b.moveTo(high);
    const left = this.#combined(this.#guessed(guess, guess.left), op.fbitor);
    b.branch(b.emit(op.feq, left, b.append('f64', op.fconst, [], 0)), taken, short);

    b.moveTo(taken);
    for (const [number, bias] of biasesFrom(b, field).entries()) {
      this.#putSum(this.#beyond(bias, this.#guessed(guess, elementAt(guess.bins, number))));
    }
    // Few accumulators are tried with what fits the values of late, not those of long ago.
    const wide = b.load('i64', 'i64', memory, wideWord);
    const isLast = b.emit(op.ieq, wide, b.integer(1n));
    b.store('i64', memory, fieldWord, b.select(isLast, better, field));
    const fewer = b.emit(op.isub, wide, b.integer(1n));
    b.store('i64', memory, wideWord, b.select(b.emit(op.ilt, fewer, b.integer(0n)), wide, fewer));
    b.jump(this.#after);

    b.moveTo(short);
    b.store('i64', memory, wideWord, b.integer(BigInt(wideBatches)));
    b.jump(missed);
    b.moveTo(missed);
    const isTooGreat = b.emit(op.ilt, b.integer(BigInt(mostGuessed)), better);
    b.store('i64', memory, fieldWord, b.select(isTooGreat, b.integer(0n), better));
  }

  /** An accumulator of each strand. */
  #guessed(guess: ExactGuess, word: number): Value[] {
    const { lanes, memory } = this.#batch;
    const b = this.#builder;
    return Array.from(slots(guess.strands), (_, strand) =>
      b.load(this.#type, 'f64', memory, b.integer(BigInt(word + strand * lanes))),
    );
  }

  /** Zeros behind the values, up to whole vectors. */
  #complete(): void {
    const b = this.#builder;
    const { memory, rows } = this.#batch;
    const zero = this.#number(0);
    for (let strand = 0; strand < strands; strand++)
      b.store('f64', memory, this.#valueAt(rows, strand), zero);
  }

  /** What is not finite, without the rest, which could overflow to the other infinity. */
  #addSpecials(): void {
    const b = this.#builder;
    const infinity = this.#number(Number.POSITIVE_INFINITY);
    const zero = this.#number(0);
    const sums = this.#loop(this.#each(zero), (row, sums) =>
      sums.map((sum, strand) => {
        const value = this.#value(row, strand);
        const isBelow = b.emit(op.flt, b.emit(op.fabs, value), infinity);
        return b.emit(op.fadd, sum, b.select(isBelow, zero, value));
      }),
    );
    this.#put(b.integer(0n), this.#combined(sums, op.fadd));
  }

  /** Relieves values of their uppermost bits; gives the greatest magnitude of what is left. */
  #takeHuge(): Value {
    const b = this.#builder;
    const bias = this.#number(hugeBias);
    // What is taken may be 2^1024, so it goes in halves.
    const [down, up] = [this.#number(2 ** -hugeShift), this.#number(2 ** (hugeShift - 1))];
    const zero = this.#number(0);
    const carried = this.#loop([...this.#each(zero), ...this.#each(zero)], (row, before) => {
      const sums: Value[] = [];
      const magnitudes: Value[] = [];
      for (let strand = 0; strand < strands; strand++) {
        const value = this.#value(row, strand);
        const taken = b.emit(op.fsub, b.emit(op.fadd, bias, b.emit(op.fmul, value, down)), bias);
        sums.push(b.emit(op.fadd, elementAt(before, strand), taken));
        const half = b.emit(op.fmul, taken, up);
        const left = b.emit(op.fsub, b.emit(op.fsub, value, half), half);
        magnitudes.push(this.#leave(row, strand, left, elementAt(before, strands + strand)));
      }
      return [...sums, ...magnitudes];
    });
    this.#add(b.integer(0n), this.#combined(carried.slice(0, strands), op.fadd));
    return this.#combined(carried.slice(strands), op.fmore);
  }

  /** One pass; gives the greatest magnitude of what is left. */
  #pass(greatest: Value): Value {
    const b = this.#builder;
    const bins = binsFrom(b, topOf(b, greatest));
    const start = bins.biases.flatMap((bias) => this.#each(this.#lanesOf(bias)));
    const carried = this.#loop([...start, ...this.#each(this.#number(0))], (row, before) => {
      const accumulators = before.slice(0, start.length);
      const magnitudes: Value[] = [];
      for (let strand = 0; strand < strands; strand++) {
        const left = fillBins(
          b,
          binsPerPass,
          this.#value(row, strand),
          (number) => elementAt(accumulators, number * strands + strand),
          (number, next) => {
            accumulators[number * strands + strand] = next;
          },
        );
        magnitudes.push(this.#leave(row, strand, left, elementAt(before, start.length + strand)));
      }
      return [...accumulators, ...magnitudes];
    });
    for (let number = 0; number < binsPerPass; number++) {
      this.#putBin(bins, number, carried.slice(number * strands, (number + 1) * strands));
    }
    return this.#combined(carried.slice(start.length), op.fmore);
  }

  /** Adds what accumulators of a bin have beyond its bias. */
  #putBin({ numbers, biases }: Bins, number: number, accumulators: readonly Value[]): void {
    this.#put(elementAt(numbers, number), this.#beyond(elementAt(biases, number), accumulators));
  }

  /** Adds a sum to the bins that it has bits in. */
  #putSum(sum: Value): void {
    const b = this.#builder;
    const { numbers, biases } = binsFrom(b, topOf(b, b.emit(op.fabs, sum)));
    fillBins(
      b,
      binsPerPass,
      sum,
      (number) => elementAt(biases, number),
      (number, next) => {
        this.#put(elementAt(numbers, number), b.emit(op.fsub, next, elementAt(biases, number)));
      },
    );
  }

  /** The sum of what accumulators have beyond their bias. */
  #beyond(bias: Value, accumulators: readonly Value[]): Value {
    const b = this.#builder;
    const start = this.#lanesOf(bias);
    return this.#combined(
      accumulators.map((accumulator) => b.emit(op.fsub, accumulator, start)),
      op.fadd,
    );
  }

  /** A loop over the values, with the number of the first one of each round; gives what it carries at the end, and stands there. */
  #loop(start: Carried, round: (row: Value, carried: Carried) => Carried): Carried {
    const b = this.#builder;
    const { lanes, rows } = this.#batch;
    const types = start.map(({ type }) => type);
    const [body, after] = [b.createBlock(['i64', ...types]), b.createBlock(types)];
    b.jump(body, b.integer(0n), ...start);
    b.moveTo(body);
    const row = elementAt(body.parameters, 0);
    const carried = round(row, body.parameters.slice(1));
    const next = b.emit(op.iadd, row, b.integer(BigInt(strands * lanes)));
    b.branch(b.emit(op.ilt, next, rows), body, after, [next, ...carried], carried);
    b.moveTo(after);
    return after.parameters;
  }

  #value(row: Value, strand: number): Value {
    return this.#builder.load(this.#type, 'f64', this.#batch.memory, this.#valueAt(row, strand));
  }

  /** Puts what is left of a value in its place, and gives the greatest magnitude until then. */
  #leave(row: Value, strand: number, left: Value, greatest: Value): Value {
    const b = this.#builder;
    b.store('f64', this.#batch.memory, this.#valueAt(row, strand), left);
    return moreOf(b, left, greatest);
  }

  #valueAt(row: Value, strand: number): Value {
    const { values, lanes } = this.#batch;
    return this.#builder.emit(op.iadd, row, this.#builder.integer(BigInt(values + strand * lanes)));
  }

  /** Adds to the partial result of a bin. */
  #put(bin: Value, sum: Value): void {
    const b = this.#builder;
    this.#add(b.emit(op.iadd, bin, b.integer(BigInt(firstBin))), sum);
  }

  /** Adds to a partial result. */
  #add(place: Value, sum: Value): void {
    const b = this.#builder;
    const { partials, first } = this.#batch;
    const at = b.emit(op.iadd, first, place);
    b.store('f64', partials, at, b.emit(op.fadd, b.load('f64', 'f64', partials, at), sum));
  }

  /** All lanes of all strands as one number. */
  #combined(values: readonly Value[], opcode: Opcode): Value {
    const b = this.#builder;
    const { lanes, memory, scratch } = this.#batch;
    const all = values.reduce((x, y) => b.emit(opcode, x, y));
    if (lanes === 1) return all;
    b.store('f64', memory, b.integer(BigInt(scratch)), all);
    const each = Array.from(slots(lanes), (_, lane) =>
      b.load('f64', 'f64', memory, b.integer(BigInt(scratch + lane))),
    );
    return each.reduce((x, y) => b.emit(opcode, x, y));
  }

  #each(value: Value): Value[] {
    return Array.from(slots(strands), () => value);
  }

  #lanesOf(value: Value): Value {
    const { lanes } = this.#batch;
    return lanes === 1 ? value : this.#builder.splat(value, lanes);
  }

  #number(value: number): Value {
    return this.#builder.append(this.#type, op.fconst, [], value);
  }
}
