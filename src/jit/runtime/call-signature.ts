/**
 * The C functions that machine code can be called as, and how their values stand in the frame: 64 bits each, as registers take them.
 */
import type { Address } from '../../native/address.ts';
import { describeValue } from '../../support/describe-value.ts';
import { bytesOfView, firstByte, isSharedBuffer, sharedByteLength } from '../../support/intrinsics.ts';
import { readOptions } from '../../support/options.ts';
import { isObject } from '../../support/own.ts';
import { requireKind } from '../../support/require-kind.ts';
import type { ScalarType } from '../ir/type.ts';

/**
 * `f64` and `f32` are numbers; `i32` and `u32` numbers, modulo 2^32; `i64` and `u64` bigints, modulo 2^64; `bool` a boolean.
 * A `pointer` is an address, or the memory at it: see {@link Pointer}.
 */
export type CallType = 'f64' | 'f32' | 'i32' | 'u32' | 'i64' | 'u64' | 'bool' | 'pointer';

/** An address, null for 0, shared memory, or an array or view, whose first byte is meant. */
export type Pointer = Address | null | SharedArrayBuffer | ArrayBufferView;

/** What a C function takes and gives. */
export interface CallSignature {
  readonly args: readonly CallType[];
  readonly result: CallType | 'void';
}

interface Given {
  f64: number;
  f32: number;
  i32: number;
  u32: number;
  i64: bigint;
  u64: bigint;
  bool: boolean;
  pointer: Pointer;
}

interface Taken extends Omit<Given, 'pointer'> {
  pointer: Address;
  void: undefined;
}

type Arguments<Types extends readonly unknown[]> = {
  -readonly [Index in keyof Types]: Given[Types[Index] & keyof Given];
};

/** The function of JavaScript for a C function. */
export type TypedCallable<S extends CallSignature> = (
  ...args: Arguments<S['args']>
) => S['result'] extends 'void' ? void : Taken[S['result']];

const classes: Readonly<Record<CallType | 'void', ScalarType>> = Object.freeze({
  f64: 'f64',
  f32: 'f64',
  i32: 'i64',
  u32: 'i64',
  i64: 'i64',
  u64: 'i64',
  bool: 'i64',
  pointer: 'i64',
  void: 'i64',
});

/** Whether a value goes by vector registers, as doubles do, or by general ones. */
export function classOfCall(type: CallType | 'void'): ScalarType {
  return classes[type];
}

function isCallType(type: unknown): type is CallType {
  return typeof type === 'string' && type !== 'void' && Object.hasOwn(classes, type);
}

/** @throws TypeError for what is no signature; RangeError for more arguments than `most`. */
export function readSignature(given: unknown, most: number): CallSignature {
  const { args, result } = readOptions<CallSignature>(
    given as CallSignature,
    ['args', 'result'],
    'the signature',
  );
  if (!Array.isArray(args)) throw new TypeError(`args must be a list of types, not ${describeValue(args)}`);
  const types: unknown[] = [...(args as unknown[])];
  for (const type of types)
    if (!isCallType(type)) throw new TypeError(`args has ${describeValue(type)}, which is no type`);
  if (types.length > most) throw new RangeError(`at most ${most} arguments can be, not ${types.length}`);
  if (result !== 'void' && !isCallType(result))
    throw new TypeError(`result is ${describeValue(result)}, which is no type`);
  return Object.freeze({ args: Object.freeze(types as CallType[]), result });
}

/** Slots of 64 bits, seen in four ways. */
export class CallSlots {
  readonly #numbers: Float64Array;
  readonly #floats: Float32Array;
  readonly #integers: BigInt64Array;
  readonly #words: Int32Array;
  readonly #addressOf: (bytes: Uint8Array) => Address;

  constructor(frame: Float64Array, addressOf: (bytes: Uint8Array) => Address) {
    const { buffer, byteOffset, length } = frame;
    this.#numbers = frame;
    this.#floats = new Float32Array(buffer, byteOffset, length * 2);
    this.#integers = new BigInt64Array(buffer, byteOffset, length);
    this.#words = new Int32Array(buffer, byteOffset, length * 2);
    this.#addressOf = addressOf;
  }

  /** @throws TypeError for a value that is none of the type. `position` counts arguments from 0. */
  write(slot: number, type: CallType, value: unknown, position: number): void {
    switch (type) {
      case 'f64':
        this.#numbers[slot] = requireKind(value, 'number', position + 1);
        return;
      case 'f32':
        this.#floats[slot * 2] = requireKind(value, 'number', position + 1);
        return;
      case 'i32':
      case 'u32':
        this.#words[slot * 2] = requireKind(value, 'number', position + 1) | 0;
        this.#words[slot * 2 + 1] = 0;
        return;
      case 'i64':
      case 'u64':
        this.#integers[slot] = requireKind(value, 'bigint', position + 1);
        return;
      case 'bool':
        this.#integers[slot] = requireKind(value, 'boolean', position + 1) ? 1n : 0n;
        return;
      case 'pointer':
        this.#integers[slot] = BigInt(this.#pointer(value, position));
    }
  }

  read(slot: number, type: CallType | 'void'): unknown {
    switch (type) {
      case 'f64':
        return this.#numbers[slot];
      case 'f32':
        return this.#floats[slot * 2];
      case 'i32':
        return this.#words[slot * 2];
      case 'u32':
        return (this.#words[slot * 2] as number) >>> 0;
      case 'i64':
        return this.#integers[slot];
      case 'u64':
        return BigInt.asUintN(64, this.#integers[slot] as bigint);
      case 'bool':
        return ((this.#words[slot * 2] as number) & 0xff) !== 0;
      case 'pointer':
        return Number(BigInt.asUintN(64, this.#integers[slot] as bigint));
      default:
        return undefined;
    }
  }

  #pointer(value: unknown, position: number): number {
    if (value === null) return 0;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    if (ArrayBuffer.isView(value)) return this.#addressOf(bytesOfView(value));
    if (isObject(value) && isSharedBuffer(value as ArrayBufferLike))
      return this.#addressOf(
        firstByte(value as SharedArrayBuffer, 0, sharedByteLength(value as SharedArrayBuffer)),
      );
    throw new TypeError(
      `argument ${position + 1} must be an address, shared memory or an array, not ${describeValue(value)}`,
    );
  }
}
