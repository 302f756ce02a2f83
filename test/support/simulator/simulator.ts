/**
 * Runs generated code without a CPU that could: what the assembler wrote is decoded by iced-x86 and interpreted on
 * simulated registers and memory.
 *
 *     const simulator = new Simulator(code, { level: 'avx512' });
 *     simulator.memory.add('rows', 0x1000, bytes, 'read');
 *     simulator.machine.general[7] = 0x1000n;                        // rdi
 *     simulator.run(simulator.addressOf(label));
 *
 * It is stricter than a CPU. Memory has exactly the bytes that it was given, flags may be undefined, instructions must be of
 * the level, and calls must find the stack aligned and upper halves clear.
 */
import { Decoder, DecoderOptions } from 'iced-x86';
import type { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import type { Label } from '../../../src/jit/code/label.ts';
import { type FeatureLevel, levelsOf } from '../../../src/jit/machine/feature-level.ts';
import { cpuFeatureNames } from '../../../src/jit/x64/cpu-feature.ts';
import type { Address } from '../../../src/native/address.ts';
import { alignUp } from '../../../src/support/alignment.ts';
import { elementAt } from '../../../src/support/element.ts';
import { isBaseline } from '../../jit/x64/decoding.ts';
import { type DecodedInstruction, decodeInstruction } from './decoded-instruction.ts';
import { semanticsOf } from './instruction-table.ts';
import { Machine, stackPointer } from './machine.ts';
import type { Step } from './semantics.ts';
import { SimulatedMemory } from './simulated-memory.ts';

/** What stands for code elsewhere: finds its arguments in the machine and leaves results there. */
export type External = (machine: Machine) => void;

export interface SimulatorOptions {
  readonly level: FeatureLevel;
  /** Functions that the code calls, by address. */
  readonly externals?: ReadonlyMap<number, External>;
  /** Functions of the code's own kind, which ask nothing of the stack and of upper halves. */
  readonly routines?: ReadonlyMap<number, External>;
  /** How many instructions a run may take. */
  readonly mostSteps?: number;
}

/** What went wrong, and at which instruction. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
}

interface Prepared {
  readonly instruction: DecodedInstruction;
  readonly step: Step;
}

const codeBase = 0x40_0000;
/** Where the code returns to when it is done; no memory is there. */
const returnAddress = 0xdead_0000;
const stackTop = 0x7ffd_0000_0000;
const stackSize = 1 << 20;
export const stackStart: number = stackTop - stackSize;
const allFeatures: readonly string[] = cpuFeatureNames(-1);

/** What a CPU of the level has for sure. */
function featuresOf(level: FeatureLevel): ReadonlySet<string> {
  const isNeeded = (name: string): boolean =>
    !levelsOf(allFeatures.filter((other) => other !== name)).includes(level);
  return new Set(allFeatures.filter(isNeeded));
}

export class Simulator {
  readonly memory = new SimulatedMemory();
  readonly machine = new Machine(this.memory);
  /** The stack as bytes, the lowest address first. */
  readonly stack = new Uint8Array(stackSize).fill(0xa5);
  readonly #decoder: Decoder;
  readonly #codeSize: number;
  readonly #features: ReadonlySet<string>;
  readonly #level: FeatureLevel;
  readonly #externals: ReadonlyMap<number, External>;
  readonly #routines: ReadonlyMap<number, External>;
  readonly #mostSteps: number;
  readonly #code: CodeHolder;
  /** By offset in the code. */
  readonly #prepared: (Prepared | undefined)[] = [];

  constructor(code: CodeHolder, options: SimulatorOptions) {
    const { level, externals = new Map(), routines = new Map(), mostSteps = 20_000_000 } = options;
    this.#code = code;
    this.#level = level;
    this.#features = featuresOf(level);
    this.#externals = externals;
    this.#routines = routines;
    this.#mostSteps = mostSteps;
    const image = code.relocate(codeBase as Address).slice();
    this.#codeSize = code.text.size;
    const text = image.subarray(0, this.#codeSize);
    this.#decoder = new Decoder(64, text, DecoderOptions.None);
    this.memory.add('the code', codeBase, text, 'execute');
    if (code.rodata.size > 0) {
      const start = alignUp(this.#codeSize, code.rodata.alignment);
      this.memory.add('the constants', codeBase + start, image.subarray(start), 'read');
    }
    this.memory.add('the stack', stackStart, this.stack, 'read and write');
  }

  addressOf(label: Label): number {
    return codeBase + this.#code.offsetOf(label);
  }

  /**
   * Calls the code at `entry`, with the stack as calls leave it, and runs it until it returns. Code of a function's own kind may
   * leave upper halves in use.
   */
  run(entry: number, { leavesUpperDirty = false } = {}): void {
    const { machine } = this;
    const top = stackTop - 64;
    machine.general[stackPointer] = BigInt(top);
    machine.push(BigInt(returnAddress));
    machine.next = entry;
    for (let steps = 0; machine.next !== returnAddress; steps++) {
      if (steps === this.#mostSteps) throw new SimulationError(`no end after ${steps} instructions`);
      this.#step(machine);
    }
    const found = elementAt(machine.general, stackPointer);
    if (found !== BigInt(top)) throw new SimulationError(`rsp is off by ${found - BigInt(top)} at the end`);
    if (machine.isUpperDirty && !leavesUpperDirty) {
      throw new SimulationError('upper halves are not cleared at the end');
    }
  }

  [Symbol.dispose](): void {
    this.#decoder.free();
  }

  #step(machine: Machine): void {
    const offset = machine.next - codeBase;
    const prepared = this.#prepared[offset] ?? this.#prepare(offset);
    if (prepared === undefined) return;
    machine.next = prepared.instruction.end;
    try {
      prepared.step();
    } catch (error) {
      throw this.#located(prepared.instruction, error);
    }
  }

  /** Decodes what stands there; or calls what is outside, and answers undefined. */
  #prepare(offset: number): Prepared | undefined {
    const { machine } = this;
    if (!(offset >= 0 && offset < this.#codeSize)) {
      this.#callOutside(machine.next);
      return undefined;
    }
    this.#decoder.position = offset;
    this.#decoder.ip = BigInt(codeBase + offset);
    const instruction = decodeInstruction(this.#decoder);
    try {
      const missing = instruction.features.filter((name) => !this.#hasFeature(name));
      if (missing.length > 0) throw new Error(`needs ${missing}, which ${this.#level} does not promise`);
      const prepared = { instruction, step: semanticsOf(instruction)(machine, instruction) };
      this.#prepared[offset] = prepared;
      return prepared;
    } catch (error) {
      throw this.#located(instruction, error);
    }
  }

  #hasFeature(name: string): boolean {
    return isBaseline(name) || this.#features.has(name.toLowerCase().replace('_', '.'));
  }

  #callOutside(address: number): void {
    const { machine } = this;
    const routine = this.#routines.get(address);
    if (routine !== undefined) {
      routine(machine);
      machine.next = Number(machine.pop());
      return;
    }
    const external = this.#externals.get(address);
    if (external === undefined)
      throw new SimulationError(`goes to 0x${address.toString(16)}, where no code is`);
    const pointer = machine.signed(stackPointer);
    if (pointer % 16 !== 8)
      throw new SimulationError(`calls with a stack that is not aligned: 0x${pointer.toString(16)}`);
    if (machine.isUpperDirty) throw new SimulationError('calls with upper halves that are not cleared');
    external(machine);
    machine.next = Number(machine.pop());
  }

  #located({ text, address, end }: DecodedInstruction, cause: unknown): SimulationError {
    const offset = address - codeBase;
    const bytes = Buffer.from(this.#code.text.bytes.subarray(offset, end - codeBase)).toString('hex');
    const reason = cause instanceof Error ? cause.message : `${cause}`;
    return new SimulationError(`${text} at code + ${offset} (${bytes}) ${reason}`, { cause });
  }
}
