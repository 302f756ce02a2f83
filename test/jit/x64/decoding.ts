/**
 * Holds what the assembler emitted against iced-x86, an independent decoder: mnemonic, operands, masks and length must
 * be what was asked.
 */
import {
  Decoder,
  DecoderOptions,
  Register as IcedRegister,
  Instruction,
  MemorySize,
  MemorySizeExt,
  Mnemonic,
  OpKind,
} from 'iced-x86';
import type { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { Label } from '../../../src/jit/code/label.ts';
import type { Form } from '../../../src/jit/x64/form.ts';
import { Mem } from '../../../src/jit/x64/memory.ts';
import type { Operand } from '../../../src/jit/x64/mnemonics.ts';
import { anyBroadcast } from '../../../src/jit/x64/operand-kind.ts';
import { Register } from '../../../src/jit/x64/register.ts';

/** What was asked of the assembler. */
export interface Request {
  readonly form: Form;
  readonly operands: readonly Operand[];
  readonly mask: number;
  readonly zeroing: boolean;
  /** Where it was emitted, and how many bytes it took. */
  readonly offset: number;
  readonly length: number;
}

/** Feature names of iced that every x86-64 CPU has, or that are none: where CET is not known, its instructions do nothing. */
const baseline = new Set(
  'INTEL8086 INTEL8086_ONLY INTEL186 INTEL286 INTEL386 INTEL486 X64 CX8 CMOV MULTIBYTENOP TSC CPUID PAUSE SSE SSE2 FXSR CET_IBT'.split(
    ' ',
  ),
);

export function isBaseline(feature: string): boolean {
  return baseline.has(feature);
}

/** Decodes the text section in one sweep and returns a line for each request that came out differently. */
export function findMismatches(
  code: CodeHolder,
  requests: readonly Request[],
  visit: (instruction: Instruction, request: Request) => string | undefined = () => undefined,
): string[] {
  code.flatten();
  const bytes = code.text.bytes.slice(0, code.text.size);
  const decoder = new Decoder(64, bytes, DecoderOptions.None);
  const instruction = new Instruction();
  const mismatches: string[] = [];
  for (const request of requests) {
    decoder.position = request.offset;
    decoder.ip = BigInt(request.offset);
    decoder.decodeOut(instruction);
    const problem = compare(code, instruction, request) ?? visit(instruction, request);
    if (problem !== undefined) {
      const hex = Buffer.from(bytes.subarray(request.offset, request.offset + request.length)).toString(
        'hex',
      );
      const asked = `${request.form.mnemonic} ${request.form.operands.join(', ')} (${request.operands.map(show).join(', ')})`;
      mismatches.push(`${asked}: ${problem}; ${hex} is ${instruction.toString()}`);
    }
  }
  instruction.free();
  decoder.free();
  return mismatches;
}

function show(operand: Operand): string {
  if (!(operand instanceof Mem)) return String(operand);
  return `[${operand.base ?? ''}+${operand.index ?? ''}*${operand.scale}+${operand.displacement} ${operand.label ?? ''}]`;
}

/** The same mnemonic by another name. */
const icedNames: Readonly<Record<string, string>> = { movabs: 'mov' };

function compare(code: CodeHolder, instruction: Instruction, request: Request): string | undefined {
  const { form, operands, length, mask, zeroing } = request;
  const mnemonic = Mnemonic[instruction.mnemonic]?.toLowerCase();
  if (mnemonic !== (icedNames[form.mnemonic] ?? form.mnemonic)) return `mnemonic ${mnemonic}`;
  if (instruction.length !== length) return `length ${instruction.length}, not ${length}`;
  if (instruction.opMask !== (mask === 0 ? IcedRegister.None : IcedRegister.K0 + mask)) return 'mask';
  if (instruction.zeroingMasking !== zeroing) return 'zeroing';
  // Where xmm0 is implied it is no operand of iced's.
  const implied = form.operands.includes('xmm0') ? 1 : 0;
  // And of what works on strings it has the implied ones.
  if (operands.length === 0 && instruction.isStringInstruction) return undefined;
  if (instruction.opCount !== operands.length - implied) return `${instruction.opCount} operands`;
  for (let i = 0; i < instruction.opCount; i++) {
    const operand = operands[i];
    const problem = operand === undefined ? 'missing' : compareOperand(code, instruction, i, operand, form);
    if (problem !== undefined) return `operand ${i}: ${problem}`;
  }
  return undefined;
}

function compareOperand(
  code: CodeHolder,
  instruction: Instruction,
  position: number,
  operand: Operand,
  form: Form,
): string | undefined {
  const kind = instruction.opKind(position);
  if (operand instanceof Register) {
    if (kind !== OpKind.Register) return `kind ${OpKind[kind]}`;
    const found = IcedRegister[instruction.opRegister(position)]?.toLowerCase();
    const expected = operand.kind === 'gp8' && operand.id >= 8 ? `r${operand.id}l` : operand.name;
    return found === expected ? undefined : `register ${found}`;
  }
  if (operand instanceof Label) {
    const target = Number(instruction.nearBranchTarget);
    return target === code.offsetOf(operand) ? undefined : `target ${target}, not ${code.offsetOf(operand)}`;
  }
  if (operand instanceof Mem) return compareMemory(code, instruction, kind, operand, form);
  const isNumber = OpKind[kind]?.startsWith('Immediate');
  if (!isNumber) return `kind ${OpKind[kind]}`;
  const bits = kind === OpKind.Immediate8 ? 8 : kind === OpKind.Immediate16 ? 16 : wideImmediateBits(kind);
  const found = BigInt.asUintN(bits, instruction.immediate(position));
  return found === BigInt.asUintN(bits, BigInt(operand)) ? undefined : `immediate ${found}`;
}

/** The bits in which the instruction uses the immediate, after sign extension. */
function wideImmediateBits(kind: OpKind): number {
  const narrow = [OpKind.Immediate32, OpKind.Immediate8to32];
  return narrow.includes(kind) ? 32 : 64;
}

function compareMemory(
  code: CodeHolder,
  instruction: Instruction,
  kind: OpKind,
  mem: Mem,
  form: Form,
): string | undefined {
  if (kind !== OpKind.Memory) return `kind ${OpKind[kind]}`;
  const isBroadcast = (mem.kinds & anyBroadcast) !== 0;
  if (instruction.isBroadcast !== isBroadcast) return 'broadcast';
  const size = isBroadcast ? form.broadcastSize : form.memorySize;
  const found = MemorySizeExt.size(instruction.memorySize);
  if (size !== 0 && found !== size && !isBroadcast) return `memory size ${found}`;
  const kindOfMemory = MemorySize[instruction.memorySize];
  if (isBroadcast && !kindOfMemory?.startsWith(`Broadcast${form.memorySize * 8}_`)) return kindOfMemory;
  const displacement = BigInt.asIntN(64, instruction.memoryDisplacement);
  if (mem.label !== undefined) {
    if (instruction.memoryBase !== IcedRegister.RIP) return 'not rip-relative';
    const target = code.offsetOf(mem.label) + mem.displacement;
    return displacement === BigInt(target) ? undefined : `target ${displacement}, not ${target}`;
  }
  if (nameOf(instruction.memoryBase) !== (mem.base?.name ?? 'none'))
    return `base ${nameOf(instruction.memoryBase)}`;
  if (nameOf(instruction.memoryIndex) !== (mem.index?.name ?? 'none')) {
    return `index ${nameOf(instruction.memoryIndex)}`;
  }
  if (mem.index !== undefined && instruction.memoryIndexScale !== mem.scale) {
    return `scale ${instruction.memoryIndexScale}`;
  }
  return displacement === BigInt(mem.displacement) ? undefined : `displacement ${displacement}`;
}

function nameOf(register: IcedRegister): string {
  return IcedRegister[register]?.toLowerCase() ?? '';
}
