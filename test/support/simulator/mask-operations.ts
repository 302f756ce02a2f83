/** Instructions on mask registers, and those that a mask register decides. */
import { elementAt } from '../../../src/support/element.ts';
import type { DecodedInstruction, DecodedOperand } from './decoded-instruction.ts';
import { readerOf, writerTo } from './general-operands.ts';
import type { Machine } from './machine.ts';
import { type Semantics, type SemanticsTable, UnknownInstructionError } from './semantics.ts';
import { vectorOperation } from './vector-operation.ts';

function maskNumber(instruction: DecodedInstruction, operand: DecodedOperand | undefined): number {
  if (operand?.kind !== 'mask') throw new UnknownInstructionError(instruction);
  return operand.id;
}

/** On the low `bits`; those above become zero. */
const logic =
  (bits: number, compute: (x: bigint, y: bigint) => bigint): Semantics =>
  ({ masks }, instruction) => {
    const { operands } = instruction;
    const [result, x, y] = [0, 1, operands.length - 1].map((at) => maskNumber(instruction, operands[at])) as [
      number,
      number,
      number,
    ];
    return () => {
      masks[result] = BigInt.asUintN(bits, compute(elementAt(masks, x), elementAt(masks, y)));
    };
  };

const move =
  (bits: number): Semantics =>
  (machine, instruction) => {
    const [destination, source] = instruction.operands;
    const read =
      source?.kind === 'mask' ? maskReader(machine, source.id) : readerOf(machine, instruction, source);
    if (destination?.kind === 'mask') {
      return () => {
        machine.masks[destination.id] = BigInt.asUintN(bits, read());
      };
    }
    const assign = writerTo(machine, instruction, destination);
    return () => assign(BigInt.asUintN(bits, read()));
  };

function maskReader({ masks }: Machine, id: number): () => bigint {
  return () => elementAt(masks, id);
}

/** Sets the flags by the union of two masks: is it empty, is it full? */
const test: Semantics = ({ masks, flags }, instruction) => {
  const [x, y] = [0, 1].map((at) => maskNumber(instruction, instruction.operands[at])) as [number, number];
  return () => {
    const either = BigInt.asUintN(8, elementAt(masks, x) | elementAt(masks, y));
    flags.set({ zero: either === 0n, carry: either === 0xffn, sign: false, overflow: false, parity: false });
  };
};

/** Lanes of the second operand where the mask is set, else of the first, or zero. */
const blend: Semantics = (machine, instruction) => {
  const all = 0xffffn;
  return vectorOperation(
    { sources: 2, element: 8, blends: true },
    ({ quads }, result, [a = 0, b = 0], lanes) => {
      const mask = instruction.mask === 0 ? all : elementAt(machine.masks, instruction.mask);
      for (let lane = 0; lane < lanes; lane++) {
        const isSet = ((mask >> BigInt(lane)) & 1n) === 1n;
        const first = instruction.zeroing ? 0n : elementAt(quads, a / 8 + lane);
        quads[result / 8 + lane] = isSet ? elementAt(quads, b / 8 + lane) : first;
      }
    },
  )(machine, instruction);
};

export const maskOperations: SemanticsTable = {
  kmovb: move(8),
  kmovw: move(16),
  kmovq: move(64),
  kandw: logic(16, (x, y) => x & y),
  kandnw: logic(16, (x, y) => ~x & y),
  korw: logic(16, (x, y) => x | y),
  kxorw: logic(16, (x, y) => x ^ y),
  kxnorw: logic(16, (x, y) => ~(x ^ y)),
  kortestb: test,
  knotw: logic(16, (x) => ~x),
  vblendmpd: blend,
};
