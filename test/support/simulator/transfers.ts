/** Instructions with one end in vector registers and the other in general registers, memory or the flags. */
import { elementAt } from '../../../src/support/element.ts';
import { toInteger } from './conversions.ts';
import type { DecodedInstruction, DecodedOperand } from './decoded-instruction.ts';
import { roundedToEven } from './double-operations.ts';
import { readerOf, writerTo } from './general-operands.ts';
import { copied } from './lanes.ts';
import type { Machine } from './machine.ts';
import { either, type Semantics, type SemanticsTable, UnknownInstructionError } from './semantics.ts';
import { registerOffset, resultOffset, type VectorFile, vectorBytes } from './vector-file.ts';
import { vectorOperation } from './vector-operation.ts';

const scratch = new DataView(new ArrayBuffer(8));

/** The lowest `size` bytes of a vector register, or an operand of another kind. */
function lowest(
  machine: Machine,
  instruction: DecodedInstruction,
  operand: DecodedOperand | undefined,
  size: 4 | 8,
): () => bigint {
  if (operand?.kind !== 'vector') return readerOf(machine, instruction, operand);
  const { quads } = machine.vectors;
  const at = registerOffset(operand.id) / 8;
  return () => BigInt.asUintN(size * 8, elementAt(quads, at));
}

/** Copies the low 16 bytes of the result; what is above is as the encoding has it. */
function setLow(vectors: VectorFile, { isLegacy }: DecodedInstruction, id: number): void {
  const at = registerOffset(id);
  vectors.copy(resultOffset, at, 16);
  if (!isLegacy) vectors.clear(at + 16, at + vectorBytes);
}

/** `movd`, `movq`: the rest of 128 bits becomes zero. */
const move =
  (size: 4 | 8): Semantics =>
  (machine, instruction) => {
    const [destination, source] = instruction.operands;
    const { vectors } = machine;
    const read = lowest(machine, instruction, source, size);
    if (destination?.kind !== 'vector') {
      const assign = writerTo(machine, instruction, destination);
      return () => assign(read());
    }
    return () => {
      vectors.quads[resultOffset / 8] = read();
      vectors.quads[resultOffset / 8 + 1] = 0n;
      setLow(vectors, instruction, destination.id);
    };
  };

function doubleOf(
  machine: Machine,
  instruction: DecodedInstruction,
  operand: DecodedOperand | undefined,
): () => number {
  const read = lowest(machine, instruction, operand, 8);
  return () => {
    scratch.setBigUint64(0, read());
    return scratch.getFloat64(0);
  };
}

const toGeneral =
  (round: (x: number) => number): Semantics =>
  (machine, instruction) => {
    const [destination, source] = instruction.operands;
    if (destination?.kind !== 'general') throw new UnknownInstructionError(instruction);
    const assign = writerTo(machine, instruction, destination);
    const read = doubleOf(machine, instruction, source);
    return () => assign(toInteger(read(), destination.size * 8, round));
  };

/** To the lowest lane; the rest of 128 bits is that of the operand before. */
const fromGeneral: Semantics = (machine, instruction) => {
  const { vectors } = machine;
  const [destination] = instruction.operands;
  const rest = instruction.operands.at(-2);
  const source = instruction.operands.at(-1);
  if (destination?.kind !== 'vector' || rest?.kind !== 'vector')
    throw new UnknownInstructionError(instruction);
  if (source?.kind !== 'general' && source?.kind !== 'memory') throw new UnknownInstructionError(instruction);
  const read = readerOf(machine, instruction, source);
  return () => {
    vectors.copy(registerOffset(rest.id), resultOffset, 16);
    vectors.doubles[resultOffset / 8] = Number(BigInt.asIntN(source.size * 8, read()));
    setLow(vectors, instruction, destination.id);
  };
};

/** The signs of all lanes, from the lowest bit on. */
const signs: Semantics = (machine, instruction) => {
  const [destination, source] = instruction.operands;
  if (source?.kind !== 'vector') throw new UnknownInstructionError(instruction);
  const assign = writerTo(machine, instruction, destination);
  const { quads } = machine.vectors;
  const first = registerOffset(source.id) / 8;
  return () => {
    let bits = 0n;
    for (let lane = 0; lane < source.size / 8; lane++) {
      if (BigInt.asIntN(64, elementAt(quads, first + lane)) < 0n) bits |= 1n << BigInt(lane);
    }
    assign(bits);
  };
};

const compare: Semantics = (machine, instruction) => {
  const [first, second] = instruction.operands;
  const x = doubleOf(machine, instruction, first);
  const y = doubleOf(machine, instruction, second);
  return () => {
    const [left, right] = [x(), y()];
    const isUnordered = Number.isNaN(left) || Number.isNaN(right);
    machine.flags.set({
      carry: isUnordered || left < right,
      zero: isUnordered || left === right,
      parity: isUnordered,
      sign: false,
      overflow: false,
    });
  };
};

const hasMemory = ({ operands }: DecodedInstruction): boolean =>
  operands.some(({ kind }) => kind === 'memory');

/** Between registers the rest stays; from memory it becomes zero. */
const moveDouble = either(
  hasMemory,
  move(8),
  vectorOperation({ sources: 1, element: 8, scalar: true }, ({ quads }, result, [a = 0]) => {
    quads[result / 8] = elementAt(quads, a / 8);
  }),
);

const moveFloat = either(
  hasMemory,
  move(4),
  vectorOperation({ sources: 1, element: 4, scalar: true }, ({ dwords }, result, [a = 0]) => {
    dwords[result / 4] = elementAt(dwords, a / 4);
  }),
);

export const transfers: SemanticsTable = {
  movaps: copied(4, 'always'),
  movapd: copied(8, 'always'),
  movups: copied(4, 'never'),
  movupd: copied(8, 'never'),
  movdqa: copied(4, 'always'),
  movdqu: copied(4, 'never'),
  vmovdqu32: copied(4, 'never'),
  vmovdqu64: copied(8, 'never'),
  movsd: moveDouble,
  movss: moveFloat,
  movd: move(4),
  movq: move(8),
  movmskpd: signs,
  cvttsd2si: toGeneral(Math.trunc),
  cvtsd2si: toGeneral(roundedToEven),
  cvtsi2sd: fromGeneral,
  ucomisd: compare,
  vbroadcastsd: vectorOperation(
    { sources: 1, element: 8, whole: true },
    ({ quads }, result, [a = 0], lanes) => {
      for (let lane = 0; lane < lanes; lane++) quads[result / 8 + lane] = elementAt(quads, a / 8);
    },
  ),
  vextracti128: vectorOperation({ sources: 1, element: 16 }, (vectors, result, [a = 0], _, immediate) => {
    vectors.copy(a + (immediate & 1) * 16, result, 16);
  }),
};
