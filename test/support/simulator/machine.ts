/** The state of the simulated processor. */
import { elementAt } from '../../../src/support/element.ts';
import { Flags } from './flags.ts';
import type { SimulatedMemory } from './simulated-memory.ts';
import { VectorFile } from './vector-file.ts';

/** What no code has by chance, in registers that hold nothing. */
export const garbage = 0xa5a5_5a5a_c3c3_3c3cn;

export class Machine {
  readonly memory: SimulatedMemory;
  readonly general = new BigUint64Array(16).fill(garbage);
  /** The same as halves, low and high, for addresses: a bigint takes longer. */
  readonly #generalHalves = new Uint32Array(this.general.buffer);
  readonly vectors = new VectorFile(garbage);
  readonly masks = new BigUint64Array(8).fill(garbage);
  readonly flags = new Flags();
  /** Address of the instruction that runs next. */
  next = 0;
  /** Has anything written upper halves of vector registers since the last `vzeroupper`? Plain SSE code is slow then. */
  isUpperDirty = false;

  constructor(memory: SimulatedMemory) {
    this.memory = memory;
  }

  /** A general register as a signed number, exact below 2^53 in magnitude. */
  signed(id: number): number {
    const halves = this.#generalHalves;
    return (elementAt(halves, id * 2 + 1) | 0) * 2 ** 32 + elementAt(halves, id * 2);
  }

  push(value: bigint): void {
    const address = BigInt.asUintN(64, elementAt(this.general, stackPointer) - 8n);
    this.memory.write(Number(address), 8, value);
    this.general[stackPointer] = address;
  }

  pop(): bigint {
    const address = elementAt(this.general, stackPointer);
    const value = this.memory.read(Number(address), 8);
    this.general[stackPointer] = address + 8n;
    return value;
  }
}

/** Number of `rsp`. */
export const stackPointer = 4;
