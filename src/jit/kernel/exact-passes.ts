/** The end of a batch of rows for the reduction `exact`, as IR: what stands in `exact-reduction.ts` in TypeScript. */
import { elementAt, slots } from '../../support/element.ts';
import type { IrBuilder } from '../ir/builder.ts';
import type { Block, Value } from '../ir/function.ts';
import { type Opcode, op, type Type } from '../ir/opcode.ts';
import { type LaneCount, withLanes } from '../ir/type.ts';
import {
  binAbove,
  binBits,
  binCount,
  binFactor,
  binShift,
  binsPerPass,
  exactPartials,
  firstBin,
  halfBit,
  hugeBias,
  hugeMagnitude,
  hugeShift,
  lowestField,
  mantissaBits,
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

/** Bins that were filled while values were computed, under biases for the values of batches before. */
export interface ExactGuess {
  /** Where the number of the uppermost of these bins is, a word of the memory; it takes a better one. */
  readonly top: number;
  /** So many vectors went into the bins side by side. */
  readonly strands: number;
  /** Where the bits are that were left of any value, and, for each bin, accumulators: words of the memory. */
  readonly left: number;
  readonly bins: readonly number[];
}

/** Numbers of the bins of a pass, from the uppermost on, and what accumulators begin at. */
export interface Bins {
  readonly numbers: readonly Value[];
  readonly biases: readonly Value[];
}

/** `top` is the number of the uppermost one. */
export function binsFrom(b: IrBuilder, top: Value): Bins {
  const zero = b.integer(0n);
  const numbers = Array.from(slots(binsPerPass), (_, distance) => {
    const number = b.emit(op.isub, top, b.integer(BigInt(distance)));
    return b.select(b.emit(op.ilt, number, zero), zero, number);
  });
  return { numbers, biases: numbers.map((number) => biasOf(b, number)) };
}

function biasOf(b: IrBuilder, bin: Value): Value {
  const distance = b.emit(op.imul, bin, b.integer(BigInt(binBits)));
  const field = b.emit(op.iadd, distance, b.integer(BigInt(lowestField)));
  const bits = b.emit(op.ishl, field, b.integer(BigInt(mantissaBits)));
  return b.emit(op.iasf, b.emit(op.ior, bits, b.integer(halfBit)));
}

/** The number of the bin for values of this magnitude at the most. */
function topOf(b: IrBuilder, greatest: Value): Value {
  const field = b.emit(op.ishr, b.emit(op.fasi, greatest), b.integer(BigInt(mantissaBits)));
  const above = b.emit(op.iadd, field, b.integer(BigInt(binAbove)));
  return b.emit(op.ishr, b.emit(op.imul, above, b.integer(BigInt(binFactor))), b.integer(BigInt(binShift)));
}

/**
 * Takes `value` through bins, of which `accumulator` gives what they have become and `put` takes what they become next; gives what is left
 * of it.
 */
export function fillBins(
  b: IrBuilder,
  value: Value,
  accumulator: (number: number) => Value,
  put: (number: number, next: Value) => void,
): Value {
  let left = value;
  for (let number = 0; number < binsPerPass; number++) {
    const before = accumulator(number);
    const next = b.emit(op.fadd, before, left);
    left = b.emit(op.fsub, left, b.emit(op.fsub, next, before));
    put(number, next);
  }
  return left;
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

  /** If bins were guessed right, they are it; stands where they were not. */
  #takeGuess(): void {
    const { guess, greatest, memory, rows, lanes } = this.#batch;
    if (guess === undefined) return;
    const b = this.#builder;
    const [whole, wide, taken, missed] = [b.createBlock(), b.createBlock(), b.createBlock(), b.createBlock()];
    const topWord = b.integer(BigInt(guess.top));
    const top = b.load('i64', 'i64', memory, topWord);
    const needed = topOf(b, greatest);
    // Single rows went nowhere but to the values.
    const over = b.emit(op.iand, rows, b.integer(BigInt(guess.strands * lanes - 1)));
    b.branch(b.emit(op.ieq, over, b.integer(0n)), whole, missed);
    b.moveTo(whole);
    b.branch(b.emit(op.ile, needed, top), wide, missed);
    b.moveTo(wide);
    const left = this.#combined(this.#guessed(guess, guess.left), op.fbitor);
    b.branch(b.emit(op.feq, left, b.append('f64', op.fconst, [], 0)), taken, missed);
    b.moveTo(taken);
    const bins = binsFrom(b, top);
    guess.bins.forEach((word, number) => {
      this.#putBin(bins, number, this.#guessed(guess, word));
    });
    b.jump(this.#after);
    b.moveTo(missed);
    // Above the uppermost bin there is no bias.
    const isThere = b.emit(op.ilt, needed, b.integer(BigInt(binCount)));
    b.store('i64', memory, topWord, b.select(isThere, needed, b.integer(0n)));
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
    this.#put(b.integer(BigInt(firstBin)), this.#combined(sums, op.fadd));
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
    this.#put(b.integer(0n), this.#combined(carried.slice(0, strands), op.fadd));
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

  /** Adds what accumulators have beyond their bias. */
  #putBin({ numbers, biases }: Bins, number: number, accumulators: readonly Value[]): void {
    const b = this.#builder;
    const bias = this.#lanesOf(elementAt(biases, number));
    const sum = this.#combined(
      accumulators.map((accumulator) => b.emit(op.fsub, accumulator, bias)),
      op.fadd,
    );
    this.#put(b.emit(op.iadd, elementAt(numbers, number), b.integer(BigInt(firstBin))), sum);
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

  /** Adds to a partial result. */
  #put(place: Value, sum: Value): void {
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
