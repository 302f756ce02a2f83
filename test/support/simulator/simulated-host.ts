/**
 * What simulated code finds outside: the native frame, the math library and the host. It does in TypeScript what
 * `native/src/frame_fuel.cc` does for real code.
 */

import type { Convention } from '../../../src/jit/machine/convention.ts';
import type { Address } from '../../../src/native/address.ts';
import { FrameSlot, frameLength, hostRequest, Trap } from '../../../src/native/frame.ts';
import { elementAt } from '../../../src/support/element.ts';
import { invariant } from '../../../src/support/invariant.ts';
import type { Machine } from './machine.ts';
import { clobber } from './simulated-call.ts';
import { type External, stackStart } from './simulator.ts';
import { registerOffset } from './vector-file.ts';

/** Far from the code, so that calls go through memory. */
const libraryBase = 0x7f12_3456_0000;
const hostEntry = 0x7f65_4321_0000;
const hostContext = 0x5ca1_ab1e;
/** Stack below the limit, for what code uses without a check. */
const stackReserve = 1 << 16;

export type HostFunctions = readonly ((...args: number[]) => number)[];

export class SimulatedHost {
  readonly frame = new Float64Array(frameLength);
  readonly integers = new BigInt64Array(this.frame.buffer);
  readonly words = new Int32Array(this.frame.buffer);
  /** Where code finds the C library, by name. */
  readonly arithmetic: Readonly<Record<string, Address>>;
  readonly externals: ReadonlyMap<number, External>;
  /** How often code has got fuel, or asked whether to stop, since `begin`. */
  requests = 0;
  /** What a host function threw. */
  exception: unknown;
  readonly #hosts: HostFunctions;
  readonly #convention: Convention;

  constructor(convention: Convention, hosts: HostFunctions = []) {
    this.#convention = convention;
    this.#hosts = hosts;
    this.arithmetic = { rem: libraryBase as Address };
    this.externals = new Map<number, External>([
      [hostEntry, this.#host],
      [libraryBase, (machine) => this.#call(machine, (x, y) => x % y)],
    ]);
  }

  /** Makes the frame ready for a call with so much fuel. */
  begin(fuel: bigint, slice: number): void {
    const { frame, integers } = this;
    const first = fuel < slice ? fuel : BigInt(slice);
    integers[FrameSlot.Trap] = 0n;
    integers[FrameSlot.StackLimit] = BigInt(stackStart + stackReserve);
    integers[FrameSlot.HostCallEntry] = BigInt(hostEntry);
    integers[FrameSlot.HostCallContext] = BigInt(hostContext);
    integers[FrameSlot.Fuel] = first;
    integers[FrameSlot.RowFuel] = BigInt(slice);
    frame[FrameSlot.FuelReserve] = Number(fuel - first);
    frame[FrameSlot.FuelSlice] = slice;
    this.requests = 0;
    this.exception = undefined;
  }

  get trap(): number {
    return elementAt(this.words, FrameSlot.Trap * 2);
  }

  /** Two doubles in, one out. */
  #call(machine: Machine, evaluate: (x: number, y: number) => number): void {
    const { doubles } = machine.vectors;
    const [x, y] = [0, 1].map((id) => elementAt(doubles, registerOffset(id) / 8)) as [number, number];
    const result = evaluate(x, y);
    clobber(machine, this.#convention);
    doubles[registerOffset(0) / 8] = result;
  }

  readonly #host = (machine: Machine): void => {
    const { frame, integers, words } = this;
    const context = elementAt(machine.general, elementAt(this.#convention.generalArguments, 0));
    invariant(context === BigInt(hostContext), 'the host is called with another context');
    const number = elementAt(words, FrameSlot.HostCall * 2);
    if (number >= 0) this.#dispatch(number, elementAt(words, FrameSlot.HostCall * 2 + 1));
    if (number === hostRequest.Refuel) this.#refuel();
    if (number === hostRequest.Look) {
      this.requests++;
      integers[FrameSlot.RowFuel] = BigInt(elementAt(frame, FrameSlot.FuelSlice));
    }
    clobber(machine, this.#convention);
  };

  #dispatch(number: number, count: number): void {
    const { frame } = this;
    const args = [...frame.subarray(FrameSlot.Arguments, FrameSlot.Arguments + count)];
    try {
      frame[FrameSlot.Result] = elementAt(this.#hosts, number)(...args);
    } catch (exception) {
      this.exception = exception;
      this.#setTrap(Trap.HostException);
    }
  }

  #refuel(): void {
    const { frame, integers } = this;
    const left = elementAt(frame, FrameSlot.FuelReserve) + Number(elementAt(integers, FrameSlot.Fuel));
    if (left < 0) {
      this.#setTrap(Trap.Fuel);
      return;
    }
    this.requests++;
    const next = Math.min(left, elementAt(frame, FrameSlot.FuelSlice));
    integers[FrameSlot.Fuel] = BigInt(next);
    frame[FrameSlot.FuelReserve] = left - next;
    integers[FrameSlot.RowFuel] = -1n;
  }

  /** With the function that asked. */
  #setTrap(trap: number): void {
    this.words[FrameSlot.Trap * 2] = trap;
    this.words[FrameSlot.Trap * 2 + 1] = elementAt(this.words, FrameSlot.HostCall * 2 + 1);
  }
}
