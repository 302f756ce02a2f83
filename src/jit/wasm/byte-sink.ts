/** Bytes of a WebAssembly module as they are written: numbers of variable length (LEB128), doubles, names. */
import { grown } from '../../support/growable.ts';

const doubles = new DataView(new ArrayBuffer(8));
const encoder = new TextEncoder();

const continues = 0x80;
const payload = 0x7f;
const signBit = 0x40;

export class ByteSink {
  #bytes = new Uint8Array(256);
  length = 0;

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#bytes = grown(this.#bytes, this.length + 1);
    this.#bytes[this.length++] = value;
  }

  /** An integer from 0 to 2^32 - 1. */
  unsigned(value: number): void {
    let rest = value;
    while (rest > payload) {
      this.byte((rest & payload) | continues);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** An integer from -2^31 to 2^31 - 1. */
  signed(value: number): void {
    let rest = value;
    for (;;) {
      const low = rest & payload;
      rest >>= 7;
      const isLast = (low & signBit) === 0 ? rest === 0 : rest === -1;
      this.byte(isLast ? low : low | continues);
      if (isLast) return;
    }
  }

  /** An integer of 64 bits. */
  long(value: bigint): void {
    const narrow = Number(value);
    if (narrow === (narrow | 0)) {
      this.signed(narrow);
      return;
    }
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      const isLast = (low & signBit) === 0 ? rest === 0n : rest === -1n;
      this.byte(isLast ? low : low | continues);
      if (isLast) return;
    }
  }

  double(value: number): void {
    doubles.setFloat64(0, value, true);
    this.#scratch();
  }

  /** The 64 bits of an integer, as they stand in memory. */
  word(value: bigint): void {
    doubles.setBigInt64(0, value, true);
    this.#scratch();
  }

  append(bytes: Uint8Array): void {
    const end = this.length + bytes.length;
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, end);
    this.#bytes.set(bytes, this.length);
    this.length = end;
  }

  /** Bytes with their number in front. */
  sized(bytes: Uint8Array): void {
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  name(text: string): void {
    this.sized(encoder.encode(text));
  }

  /** What was written; valid until more is. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Begins anew, in the same memory. */
  clear(): void {
    this.length = 0;
  }

  #scratch(): void {
    for (let i = 0; i < 8; i++) this.byte(doubles.getUint8(i));
  }
}
