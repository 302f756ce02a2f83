/** What modules of WebAssembly have around them in tests: a memory, fuel in slices, host functions. */
import { type HostImport, WasmRuntime } from '../../src/jit/wasm/wasm-runtime.ts';
import { FrameSlot, Trap } from '../../src/native/frame.ts';
import { fusedMultiplyAdd } from '../../src/support/float.ts';

/** What activations of a call may take, in bytes. */
const stackBytes = 600_000;

export class WasmWorld {
  readonly runtime: WasmRuntime;
  /** How often code has asked for fuel, or whether to stop, since the last call began. */
  requests = 0;
  #slice = Number.MAX_SAFE_INTEGER;
  #exception: unknown;

  constructor() {
    this.runtime = new WasmRuntime({
      refuel: (index) => this.#refuel(index),
      look: () => {
        this.requests++;
        this.integers[FrameSlot.RowFuel] = BigInt(this.#slice);
      },
      math: { fma: (x, y, z) => fusedMultiplyAdd(x as number, y as number, z as number) },
    });
  }

  /** Host functions as code imports them. */
  imports(hosts: readonly ((...args: number[]) => number)[] = []): HostImport[] {
    return hosts.map(
      (host) =>
        (...args) =>
          this.#callHost(host, args),
    );
  }

  // The memory, new whenever it has grown. The frame stands at its start.

  get doubles(): Float64Array {
    return new Float64Array(this.runtime.memory.buffer);
  }

  get integers(): BigInt64Array {
    return new BigInt64Array(this.runtime.memory.buffer);
  }

  get #words(): Int32Array {
    return new Int32Array(this.runtime.memory.buffer);
  }

  /** A call is about to be made: with so much fuel, of which code gets a slice at a time. Gives the first. */
  begin(fuel = 1_000_000_000n, slice = Number.MAX_SAFE_INTEGER): bigint {
    const first = fuel < slice ? fuel : BigInt(slice);
    const { integers } = this;
    this.#slice = slice;
    this.requests = 0;
    integers[FrameSlot.Trap] = 0n;
    integers[FrameSlot.Fuel] = first;
    integers[FrameSlot.RowFuel] = BigInt(slice);
    integers[FrameSlot.StackLimit] = BigInt(stackBytes);
    this.doubles[FrameSlot.FuelReserve] = Number(fuel - first);
    return first;
  }

  /** A call has ended: throws what a host function threw, or what `trapped` makes of a trap. */
  end(trapped: (trap: number, functionIndex: number) => Error): void {
    const words = this.#words;
    const trap = words[FrameSlot.Trap * 2] as number;
    if (trap === Trap.HostException) throw this.#exception;
    if (trap !== Trap.None) throw trapped(trap, words[FrameSlot.Trap * 2 + 1] as number);
  }

  /** Fuel left after the last call. */
  get fuel(): bigint {
    return (this.integers[FrameSlot.Fuel] as bigint) + BigInt(this.doubles[FrameSlot.FuelReserve] as number);
  }

  /** Is there as much stack as before the last call? If not, code forgot to give some back. */
  get isStackWhole(): boolean {
    return this.integers[FrameSlot.StackLimit] === BigInt(stackBytes);
  }

  #refuel(functionIndex: number): number {
    this.requests++;
    const left = Number(this.fuel);
    if (left < 0) {
      this.#words[FrameSlot.Trap * 2] = Trap.Fuel;
      this.#words[FrameSlot.Trap * 2 + 1] = functionIndex;
      return 1;
    }
    const next = Math.min(left, this.#slice);
    this.integers[FrameSlot.Fuel] = BigInt(next);
    this.doubles[FrameSlot.FuelReserve] = left - next;
    this.integers[FrameSlot.RowFuel] = -1n;
    return 0;
  }

  #callHost(host: (...args: number[]) => number, args: number[]): number {
    try {
      return host(...args);
    } catch (exception) {
      this.#exception = exception;
      this.#words[FrameSlot.Trap * 2] = Trap.HostException;
      return 0;
    }
  }
}
