/**
 * What all instructions on vector registers have in common, so that one of them is one line in a table: operands from
 * registers or memory, alignment, embedded broadcast, masks, and what becomes of the upper part of the destination.
 *
 * Masked lanes are neither loaded nor stored, as the manual promises (faults are suppressed). Plain SSE leaves the
 * bytes above the low 16 alone, VEX and EVEX clear whatever is above the operation's width.
 */
import { elementAt } from '../../../src/support/element.ts';
import { invariant } from '../../../src/support/invariant.ts';
import type { DecodedInstruction, DecodedOperand, MemoryOperand } from './decoded-instruction.ts';
import type { Machine } from './machine.ts';
import {
  addressOf,
  immediateOf,
  isImmediate,
  type Semantics,
  type Step,
  UnknownInstructionError,
} from './semantics.ts';
import { MemoryFault } from './simulated-memory.ts';
import { operandOffset, registerOffset, resultOffset, type VectorFile, vectorBytes } from './vector-file.ts';

export interface VectorShape {
  /** How many operands are read: the last ones that are no immediates. */
  readonly sources: 1 | 2 | 3;
  /** Bytes of a lane of the result, which is what a bit of a mask stands for. */
  readonly element: number;
  /** Bytes of a lane of the sources, where it is not the same. */
  readonly from?: number;
  /** Only the lowest lane is computed; the rest of 128 bits comes from the first operand, or of three from the second. */
  readonly scalar?: true;
  /** The mask chooses between the sources; it does not decide which lanes of the destination change. */
  readonly blends?: true;
  /** Memory is read as a whole whatever the mask says, since its lanes are not those of the result. */
  readonly whole?: true;
  /** Must memory be aligned to its size? Left out: 16 bytes in plain SSE must. */
  readonly alignment?: 'always' | 'never';
}

/** Computes the lanes of `result`. It and the sources are offsets in bytes; all other bytes of the result are cleared. */
export type VectorBody = (
  vectors: VectorFile,
  result: number,
  sources: readonly number[],
  lanes: number,
  immediate: number,
) => void;

export function vectorOperation(shape: VectorShape, body: VectorBody): Semantics {
  return (machine, instruction) => {
    const { vectors } = machine;
    const operands = instruction.operands.filter((operand) => !isImmediate(operand));
    if (operands.length < shape.sources) throw new UnknownInstructionError(instruction);
    const sources = operands.slice(-shape.sources);
    const lanes = laneCount(shape, elementAt(operands, 0), elementAt(sources, 0));
    const loads: Step[] = [];
    const offsets = sources.map((source, position) => {
      if (source.kind === 'vector') return registerOffset(source.id);
      if (source.kind !== 'memory') throw new UnknownInstructionError(instruction);
      const at = operandOffset(position);
      loads.push(loadStep(machine, instruction, source, shape, lanes, at));
      return at;
    });
    const begin = beginStep(machine, instruction, operands, shape);
    const end = endStep(machine, instruction, elementAt(operands, 0), shape, lanes);
    const immediate = immediateOf(instruction) & 0xff;
    return () => {
      for (const load of loads) load();
      begin();
      body(vectors, resultOffset, offsets, lanes, immediate);
      end();
    };
  };
}

function laneCount(
  { element, from = element, scalar }: VectorShape,
  destination: DecodedOperand,
  source: DecodedOperand,
): number {
  if (scalar) return 1;
  const isFromSource = from > element || destination.kind === 'mask';
  return isFromSource ? widthOf(source) / from : widthOf(destination) / element;
}

/** Bytes that an operand has as a vector. */
function widthOf(operand: DecodedOperand): number {
  if (operand.kind === 'vector') return operand.size;
  invariant(operand.kind === 'memory', `no vector of kind ${operand.kind}`);
  return operand.broadcast === 0 ? operand.size : operand.broadcast;
}

function alignmentOf({ isLegacy }: DecodedInstruction, { size }: MemoryOperand, shape: VectorShape): number {
  const isAligned =
    shape.alignment === 'always' || (shape.alignment === undefined && isLegacy && size === 16);
  return isAligned ? size : 1;
}

function requireAlignment(address: number, alignment: number): void {
  if (address % alignment === 0) return;
  throw new MemoryFault(`needs an address aligned to ${alignment} bytes, not 0x${address.toString(16)}`);
}

/** Brings a source from memory to its place. */
function loadStep(
  machine: Machine,
  instruction: DecodedInstruction,
  operand: MemoryOperand,
  shape: VectorShape,
  lanes: number,
  at: number,
): Step {
  const { memory, vectors } = machine;
  const { size, broadcast } = operand;
  const address = addressOf(machine, operand);
  const alignment = alignmentOf(instruction, operand, shape);
  const isActive = shape.whole ? undefined : maskTest(machine, instruction);
  if (broadcast > 0) {
    return () => {
      if (!hasActiveLane(isActive, lanes)) return;
      memory.load(address(), size, vectors.bytes, at);
      for (let offset = size; offset < broadcast; offset += size) vectors.copy(at, at + offset, size);
    };
  }
  if (isActive === undefined) {
    return () => {
      const start = address();
      requireAlignment(start, alignment);
      memory.load(start, size, vectors.bytes, at);
    };
  }
  const bytes = size / lanes;
  invariant(bytes === (shape.from ?? shape.element), `masked ${instruction.mnemonic} reads other lanes`);
  return () => {
    const start = address();
    requireAlignment(start, alignment);
    for (let lane = 0; lane < lanes; lane++) {
      if (isActive(lane)) memory.load(start + lane * bytes, bytes, vectors.bytes, at + lane * bytes);
    }
  };
}

/** Says of a lane whether the instruction's mask lets it through; undefined if there is no mask. */
function maskTest({ masks }: Machine, { mask }: DecodedInstruction): ((lane: number) => boolean) | undefined {
  if (mask === 0) return undefined;
  return (lane) => ((elementAt(masks, mask) >> BigInt(lane)) & 1n) === 1n;
}

function hasActiveLane(isActive: ((lane: number) => boolean) | undefined, lanes: number): boolean {
  if (isActive === undefined) return true;
  for (let lane = 0; lane < lanes; lane++) if (isActive(lane)) return true;
  return false;
}

/** Prepares the result: cleared, or what a scalar operation leaves alone. */
function beginStep(
  { vectors }: Machine,
  { isLegacy }: DecodedInstruction,
  operands: readonly DecodedOperand[],
  shape: VectorShape,
): Step {
  const end = resultOffset + vectorBytes;
  if (!shape.scalar) return () => vectors.clear(resultOffset, end);
  const rest = elementAt(operands, isLegacy || operands.length === shape.sources ? 0 : 1);
  invariant(rest.kind === 'vector', 'the rest of a scalar result is of a register');
  const from = registerOffset(rest.id);
  return () => {
    vectors.copy(from, resultOffset, 16);
    vectors.clear(resultOffset + 16, end);
  };
}

/** Brings the result where it belongs. */
function endStep(
  machine: Machine,
  instruction: DecodedInstruction,
  destination: DecodedOperand,
  shape: VectorShape,
  lanes: number,
): Step {
  switch (destination.kind) {
    case 'vector':
      return registerStep(machine, instruction, destination.id, destination.size, shape, lanes);
    case 'mask':
      return maskStep(machine, instruction, destination.id, shape, lanes);
    case 'memory':
      return storeStep(machine, instruction, destination, shape, lanes);
    default:
      throw new UnknownInstructionError(instruction);
  }
}

function registerStep(
  machine: Machine,
  instruction: DecodedInstruction,
  id: number,
  width: number,
  { element, blends }: VectorShape,
  lanes: number,
): Step {
  const { vectors } = machine;
  const { isLegacy, zeroing } = instruction;
  const at = registerOffset(id);
  const isActive = blends ? undefined : maskTest(machine, instruction);
  const { bytes } = vectors;
  return () => {
    if (isActive !== undefined) {
      for (let lane = 0; lane < lanes; lane++) {
        if (isActive(lane)) continue;
        for (let byte = lane * element; byte < (lane + 1) * element; byte++) {
          bytes[resultOffset + byte] = zeroing ? 0 : elementAt(bytes, at + byte);
        }
      }
    }
    vectors.copy(resultOffset, at, width);
    if (isLegacy) return;
    vectors.clear(at + width, at + vectorBytes);
    if (width > 16) machine.isUpperDirty = true;
  };
}

/** Comparisons: a bit for each lane whose sign is set, and 0 for masked lanes. */
function maskStep(
  machine: Machine,
  instruction: DecodedInstruction,
  id: number,
  { element }: VectorShape,
  lanes: number,
): Step {
  const { masks, vectors } = machine;
  const isActive = maskTest(machine, instruction);
  return () => {
    let bits = 0n;
    for (let lane = 0; lane < lanes; lane++) {
      const isSet = elementAt(vectors.bytes, resultOffset + (lane + 1) * element - 1) >= 0x80;
      if (isSet && (isActive === undefined || isActive(lane))) bits |= 1n << BigInt(lane);
    }
    masks[id] = bits;
  };
}

function storeStep(
  machine: Machine,
  instruction: DecodedInstruction,
  operand: MemoryOperand,
  shape: VectorShape,
  lanes: number,
): Step {
  const { memory, vectors } = machine;
  const { element } = shape;
  const { size } = operand;
  const address = addressOf(machine, operand);
  const alignment = alignmentOf(instruction, operand, shape);
  const isActive = maskTest(machine, instruction);
  return () => {
    const start = address();
    requireAlignment(start, alignment);
    if (isActive === undefined) {
      memory.store(start, size, vectors.bytes, resultOffset);
      return;
    }
    for (let lane = 0; lane < lanes; lane++) {
      const offset = lane * element;
      if (isActive(lane)) memory.store(start + offset, element, vectors.bytes, resultOffset + offset);
    }
  };
}
