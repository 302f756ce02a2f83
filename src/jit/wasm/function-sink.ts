/** Instructions of one function as they are written, and its locals. */
import type { ByteSink } from './byte-sink.ts';
import { type WasmName, wasm } from './instruction.ts';
import { nothing, type ValueType } from './value-type.ts';

/** Bytes that instructions load or store, as logarithms. */
const widths = { 'i32.load': 2, 'i32.store': 2, 'i64.load': 3, 'i64.store': 3, 'f64.store': 3 } as const;

export class FunctionSink {
  readonly #sink: ByteSink;
  readonly #parameterCount: number;
  /** Types of the locals behind the parameters. */
  readonly locals: ValueType[] = [];
  /** By type: locals that are free. */
  readonly #free = new Map<ValueType, number[]>();
  /** Where the last `local.set` stands, of which local, and where it ends. */
  #lastSet = -1;
  #lastSetLocal = -1;
  #afterSet = -1;

  /** The sink is cleared. */
  constructor(sink: ByteSink, parameterCount: number) {
    sink.clear();
    this.#sink = sink;
    this.#parameterCount = parameterCount;
  }

  get bytes(): Uint8Array {
    return this.#sink.bytes;
  }

  op(name: WasmName): void {
    const code = wasm[name];
    if (code > 0xff) {
      this.#sink.byte(code >> 16);
      this.#sink.unsigned(code & 0xffff);
      return;
    }
    this.#sink.byte(code);
  }

  /** With a number behind it: a local, a function, a depth. */
  opWith(name: WasmName, operand: number): void {
    this.op(name);
    this.#sink.unsigned(operand);
  }

  /** `block`, `loop` or `if`; `result` is what its end leaves on the stack. */
  opens(name: 'block' | 'loop' | 'if', result?: ValueType): void {
    this.op(name);
    this.#sink.byte(result ?? nothing);
  }

  get(local: number): void {
    // What was stored just now stays on the stack as well.
    if (this.#lastSetLocal === local && this.#afterSet === this.#sink.length) {
      this.#sink.length = this.#lastSet;
      this.#lastSetLocal = -1;
      this.opWith('local.tee', local);
      return;
    }
    this.opWith('local.get', local);
  }

  set(local: number): void {
    this.#lastSet = this.#sink.length;
    this.#lastSetLocal = local;
    this.opWith('local.set', local);
    this.#afterSet = this.#sink.length;
  }

  int(value: number): void {
    this.op('i32.const');
    this.#sink.signed(value | 0);
  }

  long(value: bigint): void {
    this.op('i64.const');
    this.#sink.long(value);
  }

  double(value: number): void {
    this.op('f64.const');
    this.#sink.double(value);
  }

  /** The same bits in both lanes, or others in the upper. */
  lanes(low: bigint, high = low): void {
    this.op('v128.const');
    this.#sink.word(low);
    this.#sink.word(high);
  }

  /** A load or a store; `alignment` is the logarithm that hints at the address, `offset` is added to it. */
  memory(name: WasmName, alignment: number, offset: number, lane?: number): void {
    this.op(name);
    this.#sink.unsigned(alignment);
    this.#sink.unsigned(offset);
    if (lane !== undefined) this.#sink.byte(lane);
  }

  /** Loads from an address that is known. */
  loadAt(name: 'i32.load' | 'i64.load', address: number): void {
    this.int(0);
    this.memory(name, widths[name], address);
  }

  /** Stores what `push` leaves on the stack at an address that is known. */
  storeAt(name: 'i32.store' | 'i64.store' | 'f64.store', address: number, push: () => void): void {
    this.int(0);
    push();
    this.memory(name, widths[name], address);
  }

  lane(name: WasmName, lane: number): void {
    this.op(name);
    this.#sink.byte(lane);
  }

  /** Bytes 0 to 15 are those of the first operand, 16 to 31 those of the second. */
  shuffle(bytes: readonly number[]): void {
    this.op('i8x16.shuffle');
    for (const byte of bytes) this.#sink.byte(byte);
  }

  newLocal(type: ValueType): number {
    return this.#free.get(type)?.pop() ?? this.ownLocal(type);
  }

  /** One that was nobody's before. */
  ownLocal(type: ValueType): number {
    return this.#parameterCount + this.locals.push(type) - 1;
  }

  freeLocal(type: ValueType, local: number): void {
    const list = this.#free.get(type);
    if (list === undefined) this.#free.set(type, [local]);
    else list.push(local);
  }
}
