/**
 * A kernel of functions that cannot become part of a straight line, as IR: a loop that loads rows of the columns, calls the
 * functions' own code, and stores their results.
 *
 *     vectors:  as long as so many rows are left, functions on lanes for several vectors of them at once
 *     single:   row by row, the functions themselves
 *
 * The kernel is a caller like a frame entry (`machine/kernel-entry.ts`): a trap, however deep, comes back right behind its call. Each row has
 * all the fuel that the native frame names, as each call from outside would have. So rows of little cost would never run out
 * of a slice: the loop adds up what they spend, and asks the host now and then whether to stop.
 *
 * Functions on lanes get fuel as one row does. If it does not last for all rows together, or the stack, nothing has been
 * stored yet, and these rows are done one by one: so the row that traps, if one does, is that which a single call would have trapped with.
 * What the host ends, stays ended.
 */
import { FrameSlot, Trap } from '../../native/frame.ts';
import { KernelFrameSlot } from '../../native/kernel-frame.ts';
import { elementAt, slots } from '../../support/element.ts';
import { IrBuilder } from '../ir/builder.ts';
import { reversePostorder } from '../ir/control-flow.ts';
import { type Block, type IrFunction, IrModule, type Value } from '../ir/function.ts';
import { op, type Type } from '../ir/opcode.ts';
import { type LaneCount, withLanes } from '../ir/type.ts';
import { type IterationPlace, KernelInputs } from './kernel-inputs.ts';
import { isVarying, type KernelSpec, reductionsOf } from './kernel-spec.ts';
import { ReductionBlocks } from './reduction-blocks.ts';
import { reductionLanes } from './reductions.ts';
import { conversions } from './row-body.ts';
import { type Accumulators, RowEmitter } from './row-emitter.ts';

/** A function that is called for each row. */
export interface RowFunction {
  readonly name: string;
  readonly result: Type;
  /** Its number in the module. */
  readonly index: number;
  /** Units of fuel that a row counts for, if it does not spend fuel itself. */
  readonly units: number;
  readonly usesFuel: boolean;
}

/** The functions on lanes that do their work for several vectors of rows, in the same order. */
export interface LaneFunctions {
  readonly lanes: LaneCount;
  /** Vectors side by side. */
  readonly strands: number;
  readonly functions: readonly Pick<RowFunction, 'name' | 'usesFuel'>[];
}

/** What one instruction can subtract. */
const mostUnits = 2 ** 31 - 1;

/**
 * Traps beyond it come from outside, and end the kernel. V8 says once that it ends a script, whose time is over: rows that
 * went on would call JavaScript again, which since V8 12 makes it forget that.
 */
const lastOwnTrap: typeof Trap.Fuel = Trap.Fuel;

/** The kernel's function: it takes the address of the kernel frame. */
export function rowLoop(
  name: string,
  spec: KernelSpec,
  functions: readonly RowFunction[],
  vectors: LaneFunctions | undefined,
): IrFunction {
  return new RowLoop(name, spec, functions, vectors).run();
}

class RowLoop {
  readonly #builder: IrBuilder;
  readonly #spec: KernelSpec;
  readonly #functions: readonly RowFunction[];
  readonly #vectors: LaneFunctions | undefined;
  readonly #inputs: KernelInputs;
  readonly #emitter: RowEmitter;
  readonly #blocks: ReductionBlocks | undefined;
  /** What the functions gave for the present rows, by function and strand. */
  #results: readonly (readonly Value[])[] = [];
  /** The address of the native frame, and what fuel each row has. */
  readonly #native: Value;
  readonly #fuel: Value;
  readonly #reserve: Value;
  /** What rows hand on to the next: what the first of them gets, and the function that gives it. */
  readonly #carried: readonly { readonly position: number; readonly first: Value; readonly from: number }[];
  readonly #exit: Block;
  /** Takes the row that trapped. */
  readonly #trapped: Block;

  constructor(
    name: string,
    spec: KernelSpec,
    functions: readonly RowFunction[],
    vectors: LaneFunctions | undefined,
  ) {
    const b = new IrBuilder(new IrModule(), name, ['i64'], 'i64');
    this.#builder = b;
    this.#spec = spec;
    this.#functions = functions;
    this.#vectors = vectors;
    this.#inputs = new KernelInputs(b, spec);
    const names = functions.map((fn) => fn.name);
    this.#emitter = new RowEmitter(b, conversions(spec, names), this.#inputs, (position, strand) =>
      elementAt(elementAt(this.#results, position), strand),
    );
    const kinds = reductionsOf(spec);
    this.#blocks =
      kinds.length > 0 ? new ReductionBlocks(b, this.#inputs, kinds, vectors?.lanes ?? 1) : undefined;
    this.#carried = spec.parameters.flatMap((parameter, position) => {
      if (parameter.kind !== 'carried') return [];
      const giver = elementAt(spec.outputs, parameter.output).function;
      const from = functions.findIndex(({ name: each }) => each === giver);
      return [{ position, first: this.#inputs.shared(position), from }];
    });
    this.#native = this.#inputs.word('Frame');
    this.#fuel = this.#frameWord('Fuel');
    this.#reserve = this.#frameWord('FuelReserve');
    this.#exit = b.createBlock();
    this.#trapped = b.createBlock(['i64']);
  }

  run(): IrFunction {
    const b = this.#builder;
    const row = this.#inputs.word('FirstRow');
    const end = b.emit(op.iadd, row, this.#inputs.word('RowCount'));
    const blocks = this.#blocks;
    if (blocks === undefined) {
      this.#rows(row, end);
      b.jump(this.#exit);
    } else {
      blocks.run(row, end, this.#exit, (first, last) => {
        blocks.storeAll(blocks.identities(reductionLanes / (this.#vectors?.lanes ?? 1)));
        this.#rows(first, last);
      });
    }
    b.moveTo(this.#trapped);
    const trapRow = b.integer(BigInt(KernelFrameSlot.TrapRow));
    b.store('i64', this.#inputs.frame, trapRow, elementAt(this.#trapped.parameters, 0));
    b.jump(this.#exit);
    b.moveTo(this.#exit);
    this.#setFrameWord('Fuel', this.#fuel);
    b.return(b.integer(0n));
    const { function: fn } = b;
    fn.blocks = [...reversePostorder(fn)];
    return fn;
  }

  /** All rows up to `end`; stands behind them when done. */
  #rows(first: Value, end: Value): void {
    const b = this.#builder;
    const done = b.createBlock();
    const carried = this.#carried.map(({ first }) => first);
    const single = b.createBlock(['i64', 'i64', ...carried.map(({ type }) => type)]);
    const vectors = this.#vectors;
    if (vectors === undefined) {
      b.jump(single, first, end, ...carried);
      this.#singleRows(single, () => b.jump(done));
    } else {
      const head = b.createBlock(['i64']);
      b.jump(head, first);
      this.#vectorRows(head, vectors, end, single);
      this.#singleRows(single, (row) => b.branch(b.emit(op.ilt, row, end), head, done, [row]));
    }
    b.moveTo(done);
  }

  /** On vectors as long as there are enough rows, from the block `head` on; others go to `single`, with where they end. */
  #vectorRows(head: Block, vectors: LaneFunctions, end: Value, single: Block): void {
    const b = this.#builder;
    const { lanes, strands, functions } = vectors;
    const rows = lanes * strands;
    const [body, dry, stopped, again] = [b.createBlock(), b.createBlock(), b.createBlock(), b.createBlock()];
    b.moveTo(head);
    const row = elementAt(head.parameters, 0);
    const next = b.emit(op.iadd, row, b.integer(BigInt(rows)));
    b.branch(b.emit(op.ile, next, end), body, single, [], [row, end]);

    b.moveTo(body);
    const index = this.#hasIndex ? this.#inputs.numbersFrom(row, lanes) : undefined;
    const place = { row, index, mask: undefined, lanes, strands, together: strands };
    const args = this.#spec.parameters.flatMap(({ kind }, position) =>
      isVarying(kind)
        ? Array.from(slots(strands), (_, strand) => this.#inputs.value(position, strand, place))
        : [this.#inputs.shared(position)],
    );
    this.#results = functions.map((fn, position) =>
      this.#call(fn, position, 'f64', args, dry, [], (call) =>
        Array.from(slots(strands), (_, strand) =>
          b.append(withLanes('f64', lanes), op.taken, [call], strand),
        ),
      ),
    );
    this.#finish(place, functions, () => b.jump(head, next));

    b.moveTo(dry);
    const mayGoOn = b.emit(op.ile, this.#trap(), b.integer(BigInt(lastOwnTrap)));
    b.branch(mayGoOn, again, stopped);
    b.moveTo(stopped);
    b.jump(this.#trapped, row);
    b.moveTo(again);
    this.#setFrameWord('Trap', b.integer(BigInt(Trap.None)));
    this.#setFrameWord('FuelReserve', this.#reserve);
    b.jump(single, row, next);
  }

  /** From the block `head` on, which takes the first row and where to end; `then` says how to go on from there. */
  #singleRows(head: Block, then: (row: Value) => void): void {
    const b = this.#builder;
    const [body, after] = [b.createBlock(), b.createBlock()];
    b.moveTo(head);
    const [row, end, ...before] = head.parameters as [Value, Value, ...Value[]];
    b.branch(b.emit(op.ilt, row, end), body, after);
    b.moveTo(after);
    then(row);

    b.moveTo(body);
    const index = this.#hasIndex ? b.emit(op.itof, row) : undefined;
    const place = { row, index, mask: undefined, lanes: 1, strands: 1, together: 1 } as const;
    const args = this.#spec.parameters.map((_, position) => {
      const carried = this.#carried.findIndex((each) => each.position === position);
      return carried < 0 ? this.#inputs.value(position, 0, place) : elementAt(before, carried);
    });
    this.#results = this.#functions.map((fn, position) =>
      this.#call(fn, position, fn.result, args, this.#trapped, [row], (call) => [
        call.type === 'bool' ? b.emit(op.btof, call) : call,
      ]),
    );
    const handedOn = this.#carried.map(({ from }) => elementAt(elementAt(this.#results, from), 0));
    this.#finish(place, this.#functions, () =>
      b.jump(head, b.emit(op.iadd, row, b.integer(1n)), end, ...handedOn),
    );
  }

  /** Calls a function with all the fuel that a row has, and accounts for what it spent; gives what `take` makes of the call. */
  #call(
    { name, usesFuel }: Pick<RowFunction, 'name' | 'usesFuel'>,
    position: number,
    result: Type,
    args: readonly Value[],
    trapped: Block,
    toTrapped: readonly Value[],
    take: (call: Value) => readonly Value[],
  ): readonly Value[] {
    const b = this.#builder;
    if (usesFuel) {
      if (position > 0) this.#setFrameWord('FuelReserve', this.#reserve);
      b.emit(op.setfuel, this.#fuel);
    }
    const call = b.call(name, result, ...args);
    const returned = b.createBlock();
    b.branch(b.emit(op.ine, this.#trap(), b.integer(0n)), trapped, returned, toTrapped);
    b.moveTo(returned);
    if (usesFuel) {
      const change = b.emit(op.isub, b.emit(op.getfuel), this.#fuel);
      this.#setFrameWord('RowFuel', b.emit(op.iadd, this.#frameWord('RowFuel'), change));
    }
    return take(call);
  }

  /** Stores what the rows at a place gave, pays for those functions that do not pay for themselves, and asks whether to go on if it is time. */
  #finish(place: IterationPlace, called: readonly Pick<RowFunction, 'usesFuel'>[], goOn: () => void): void {
    const b = this.#builder;
    const before: Accumulators = this.#blocks?.at(place) ?? [];
    const after = this.#emitter.emit(place, before);
    this.#blocks?.storeAt(place, after);
    const rows = place.lanes * place.strands;
    // What spends fuel itself spends one unit at the least, and has been accounted for by its calls.
    const units = this.#functions.reduce(
      (sum, fn, position) => sum + (elementAt(called, position).usesFuel ? 0 : fn.units * rows),
      0,
    );
    let left = this.#frameWord('RowFuel');
    if (units > 0) {
      left = b.emit(op.isub, left, b.integer(BigInt(Math.min(units, mostUnits))));
      this.#setFrameWord('RowFuel', left);
    }
    const [look, next] = [b.createBlock(), b.createBlock()];
    b.branch(b.emit(op.ilt, left, b.integer(0n)), look, next);
    b.moveTo(look);
    // A row that was given more fuel leaves none for rows, and so comes here too.
    this.#setFrameWord('FuelReserve', this.#reserve);
    b.append('i64', op.look, [], elementAt(this.#functions, 0).index);
    b.branch(b.emit(op.ine, this.#trap(), b.integer(0n)), this.#trapped, next, [place.row]);
    b.moveTo(next);
    goOn();
  }

  get #hasIndex(): boolean {
    return this.#spec.parameters.some(({ kind }) => kind === 'index');
  }

  /** Why the last call ended, a {@link Trap}: the low half of its word. */
  #trap(): Value {
    const b = this.#builder;
    return b.emit(op.iand, this.#frameWord('Trap'), b.integer(0xffff_ffffn));
  }

  #frameWord(slot: keyof typeof FrameSlot): Value {
    return this.#builder.load('i64', 'i64', this.#native, this.#builder.integer(BigInt(FrameSlot[slot])));
  }

  #setFrameWord(slot: keyof typeof FrameSlot, value: Value): void {
    const b = this.#builder;
    b.store('i64', this.#native, b.integer(BigInt(FrameSlot[slot])), value);
  }
}
