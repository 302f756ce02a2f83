/**
 * How a function keeps to its limits, and what it does where a trap is set.
 *
 * - A trap unwinds by returning: whoever finds the trap set in the frame behind a call returns at once, with any result. That
 *   takes a load and a branch, and no exceptions, which not every engine has, and leaves the frame as a return does.
 * - The stack is the engine's, whose end nobody sees. What may recurse counts what its activations take, about, and traps
 *   before the engine would throw.
 */
import { memoryEndFor, Trap } from '../../native/frame.ts';
import type { FunctionSink } from './function-sink.ts';
import { slotAddress } from './memory-layout.ts';
import type { Signature } from './module-writer.ts';
import { ValueType } from './value-type.ts';

export interface LimitsContext {
  readonly signature: Signature;
  /** Number of the function that its traps name. */
  readonly functionIndex: number;
  readonly isRecursive: boolean;
  /** Of `refuel`; see `generate-module.ts`. */
  readonly refuelNumber: () => number;
}

export class LimitsEncoder {
  readonly #sink: FunctionSink;
  readonly #context: LimitsContext;
  /** Bytes that an activation takes. */
  readonly #frameBytes: number;
  /** What is left of the fuel; of no value, since those that are read last at the end of a block are free there. */
  #left: number | undefined;

  constructor(sink: FunctionSink, context: LimitsContext, frameBytes: number) {
    this.#sink = sink;
    this.#context = context;
    this.#frameBytes = frameBytes;
  }

  /** Traps unless there is stack for an activation. */
  enter(): void {
    if (!this.#context.isRecursive) return;
    const sink = this.#sink;
    const left = sink.ownLocal(ValueType.i32);
    sink.storeAt('i32.store', slotAddress('StackLimit'), () => {
      sink.loadAt('i32.load', slotAddress('StackLimit'));
      sink.int(this.#frameBytes);
      sink.op('i32.sub');
      sink.set(left);
      sink.get(left);
    });
    sink.get(left);
    sink.int(0);
    sink.op('i32.lt_s');
    sink.opens('if');
    this.leave();
    sink.storeAt('i64.store', slotAddress('Trap'), () =>
      sink.long(BigInt(Trap.Stack) | (BigInt(this.#context.functionIndex) << 32n)),
    );
    this.#returnAnything();
    sink.op('end');
  }

  /** Gives back what {@link enter} took; a return follows. */
  leave(): void {
    if (!this.#context.isRecursive) return;
    const sink = this.#sink;
    sink.storeAt('i32.store', slotAddress('StackLimit'), () => {
      sink.loadAt('i32.load', slotAddress('StackLimit'));
      sink.int(this.#frameBytes);
      sink.op('i32.add');
    });
  }

  /** Takes fuel; where that is spent, asks for more, and returns if there is none. */
  charge(units: number): void {
    if (units === 0) return;
    const sink = this.#sink;
    const { functionIndex, refuelNumber } = this.#context;
    this.#left ??= sink.ownLocal(ValueType.i64);
    const left = this.#left;
    sink.storeAt('i64.store', slotAddress('Fuel'), () => {
      sink.loadAt('i64.load', slotAddress('Fuel'));
      sink.long(BigInt(units));
      sink.op('i64.sub');
      sink.set(left);
      sink.get(left);
    });
    sink.get(left);
    sink.long(0n);
    sink.op('i64.lt_s');
    sink.opens('if');
    sink.int(functionIndex);
    sink.opWith('call', refuelNumber());
    this.#returnIf();
    sink.op('end');
  }

  /** Traps unless so many bytes are inside of the call's memory from the offset on that `push` leaves. */
  checkBound(size: number, push: () => void): void {
    const sink = this.#sink;
    push();
    sink.loadAt('i64.load', slotAddress(memoryEndFor(size)));
    sink.op('i64.ge_u');
    sink.opens('if');
    this.leave();
    sink.storeAt('i64.store', slotAddress('Trap'), () =>
      sink.long(BigInt(Trap.Bounds) | (BigInt(this.#context.functionIndex) << 32n)),
    );
    this.#returnAnything();
    sink.op('end');
  }

  returnIfTrapped(): void {
    this.#sink.loadAt('i32.load', slotAddress('Trap'));
    this.#returnIf();
  }

  /** Returns anything if what is on the stack is true. */
  #returnIf(): void {
    this.#sink.opens('if');
    this.leave();
    this.#returnAnything();
    this.#sink.op('end');
  }

  #returnAnything(): void {
    const sink = this.#sink;
    for (const type of this.#context.signature.results) {
      if (type === ValueType.f64) sink.double(0);
      else if (type === ValueType.i32) sink.int(0);
      else if (type === ValueType.i64) sink.long(0n);
      else sink.lanes(0n);
    }
    sink.op('return');
  }
}
