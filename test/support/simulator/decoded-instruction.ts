/** Instructions as iced-x86, an independent decoder, reads them: so what the assembler meant is not what runs, but what it wrote. */
import {
  CpuidFeature,
  type Decoder,
  EncodingKind,
  Instruction,
  MemorySize,
  MemorySizeExt,
  Mnemonic,
  OpKind,
  Register,
  RegisterExt,
} from 'iced-x86';
import { invariant } from '../../../src/support/invariant.ts';

export interface GeneralOperand {
  readonly kind: 'general';
  readonly id: number;
  /** Bytes. */
  readonly size: number;
}

export interface VectorOperand {
  readonly kind: 'vector';
  readonly id: number;
  readonly size: number;
}

export interface MaskOperand {
  readonly kind: 'mask';
  readonly id: number;
}

export interface MemoryOperand {
  readonly kind: 'memory';
  /** Number of the register, or -1. */
  readonly base: number;
  readonly index: number;
  readonly scale: number;
  /** Relative to the instruction pointer it is the address. */
  readonly displacement: number;
  /** Bytes in memory. */
  readonly size: number;
  /** Bytes of the vector that repeats them; 0 if they are not repeated. */
  readonly broadcast: number;
}

export type DecodedOperand =
  | GeneralOperand
  | VectorOperand
  | MaskOperand
  | MemoryOperand
  | { readonly kind: 'immediate'; readonly value: bigint }
  | { readonly kind: 'branch'; readonly target: number };

export interface DecodedInstruction {
  /** In lower case. */
  readonly mnemonic: string;
  readonly text: string;
  readonly operands: readonly DecodedOperand[];
  /** Plain SSE, which leaves upper parts of registers alone. */
  readonly isLegacy: boolean;
  /** The mask register that masks it, or 0. */
  readonly mask: number;
  readonly zeroing: boolean;
  /** What the CPU must have for it, by the decoder's names in lower case. */
  readonly features: readonly string[];
  readonly address: number;
  readonly end: number;
}

/** Decodes at the decoder's position. */
export function decodeInstruction(decoder: Decoder): DecodedInstruction {
  const instruction = new Instruction();
  decoder.decodeOut(instruction);
  const mnemonic = Mnemonic[instruction.mnemonic] ?? '';
  const decoded: DecodedInstruction = {
    mnemonic: mnemonic.toLowerCase(),
    text: instruction.toString(),
    operands: Array.from({ length: instruction.opCount }, (_, position) => operandAt(instruction, position)),
    isLegacy: instruction.encoding === EncodingKind.Legacy,
    mask: instruction.opMask === Register.None ? 0 : RegisterExt.number(instruction.opMask),
    zeroing: instruction.zeroingMasking,
    features: [...instruction.cpuidFeatures()].map((feature) => `${CpuidFeature[feature]}`),
    address: Number(instruction.ip),
    end: Number(instruction.nextIP),
  };
  instruction.free();
  return decoded;
}

function operandAt(instruction: Instruction, position: number): DecodedOperand {
  const kind = instruction.opKind(position);
  if (kind === OpKind.Register) return registerOperand(instruction.opRegister(position));
  if (kind === OpKind.Memory) return memoryOperand(instruction);
  if (kind === OpKind.NearBranch64) return { kind: 'branch', target: Number(instruction.nearBranchTarget) };
  invariant(OpKind[kind]?.startsWith('Immediate') === true, `no operand of kind ${OpKind[kind]}`);
  return { kind: 'immediate', value: BigInt.asIntN(64, instruction.immediate(position)) };
}

function registerOperand(register: Register): DecodedOperand {
  const id = numberOf(register);
  if (RegisterExt.isGPR(register)) return { kind: 'general', id, size: RegisterExt.size(register) };
  if (RegisterExt.isK(register)) return { kind: 'mask', id };
  invariant(RegisterExt.isVectorRegister(register), `no register ${Register[register]}`);
  return { kind: 'vector', id, size: RegisterExt.size(register) };
}

function numberOf(register: Register): number {
  if (register === Register.None || register === Register.RIP) return -1;
  invariant(
    register < Register.AH || register > Register.BH,
    `${Register[register]} is not for generated code`,
  );
  return RegisterExt.number(RegisterExt.isGPR(register) ? RegisterExt.fullRegister(register) : register);
}

function memoryOperand(instruction: Instruction): MemoryOperand {
  const broadcast = instruction.isBroadcast
    ? /^Broadcast(\d+)_/.exec(MemorySize[instruction.memorySize] ?? '')?.[1]
    : undefined;
  return {
    kind: 'memory',
    base: numberOf(instruction.memoryBase),
    index: numberOf(instruction.memoryIndex),
    scale: instruction.memoryIndexScale,
    displacement: Number(BigInt.asIntN(64, instruction.memoryDisplacement)),
    size: MemorySizeExt.size(instruction.memorySize),
    broadcast: Number(broadcast ?? 0) / 8,
  };
}
