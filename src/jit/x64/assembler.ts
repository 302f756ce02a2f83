/**
 * The x86-64 assembler: one method per mnemonic, Intel operand order, writing into a `CodeHolder`.
 *
 *     const code = new CodeHolder();
 *     const a = new Assembler(code);
 *     const loop = code.newLabel();
 *     a.xorpd(xmm0, xmm0);
 *     a.bind(loop);
 *     a.addsd(xmm0, ptr(rdi, rcx, 8));             // [rdi + rcx*8]
 *     a.mulsd(xmm0, ptr(code.float64(0.5)));       // a constant in .rodata, rip-relative
 *     a.sub(rcx, 1);
 *     a.jne(loop);                                 // short when the label is bound near behind
 *     a.ret();
 *
 * - Registers: `rax`…`r15`, `eax`…, `al`…, `xmm0`…`xmm15`, `k1`… and by number `gp64[i] gp32[i] gp8[i] xmm[i] ymm[i]
 *   zmm[i] k[i]` from `register.ts`.
 * - Memory: `ptr(base, offset?)`, `ptr(base, index, scale, offset?)`, `ptr(label, offset?)`; `bytePtr` to
 *   `zmmwordPtr` where the instruction does not imply the size; `broadcastPtr` for EVEX `{1toN}`.
 * - Conditions: `a.jne`, `a.setb`, `a.cmovg`…; with `type Condition`, ``a[`j${condition}`](label)``.
 * - Masks: `a.k(k1).vaddpd(…)`, `a.kz(k1).vaddpd(…)` hold for the next instruction only.
 * - Prefixes: `a.lock().xadd(…)`, `a.rep().movsb()`, `a.repne().scasb()`, also for the next instruction only.
 * - `a.section(code.newSection('.cold'))`: from now on elsewhere in the code.
 * - `a.short().jmp(label)` asks for the one-byte distance of a forward jump; `flatten` throws if it is too far.
 * - `a.callAddress(address)`, `a.jmpAddress(address)`: code elsewhere; direct if in reach, else through memory.
 * - `a.callThrough(slot, name)`: code whose address stands in memory, by a name that listings show.
 * - `a.emit(instructionOf('addsd'), …)`: the same, with the instruction as a value.
 *
 * What is asked is what is encoded, in the first form of the table that fits; operands that no form takes
 * throw a `TypeError`, numbers out of range a `RangeError`, and nothing is written then.
 */
import type { Address } from '../../native/address.ts';
import { requireBytes } from '../../support/byte-array.ts';
import { describeKind } from '../../support/describe-value.ts';
import { invariant } from '../../support/invariant.ts';
import { optionNames, readOptions } from '../../support/options.ts';
import type { CodeHolder } from '../code/code-holder.ts';
import type { Label } from '../code/label.ts';
import type { Section } from '../code/section.ts';
import { cpuFeatureBits } from './cpu-feature.ts';
import { encode, reachesBackward } from './encoder.ts';
import type { Form } from './form.ts';
import { type Instruction, instructionOf, instructions } from './instruction.ts';
import { formatInstruction, type LoggedInstruction } from './listing.ts';
import type { Mem } from './memory.ts';
import type { Mnemonics, Operand } from './mnemonics.ts';
import { anyMemory, kindsOf, openBroadcast } from './operand-kind.ts';
import { describeMismatch } from './operand-mismatch.ts';
import { Masking } from './operand-notation.ts';
import { Prefix, prefixName, requireGather, requirePrefix, requireSize } from './operand-rules.ts';
import type { KMask } from './register.ts';

/** What an assembler does besides encoding. */
export interface AssemblerOptions {
  /** Receives every instruction with its text. Without it no text is made. */
  readonly log?: LoggedInstruction[];
  /** What the target CPU has, by the names of `CpuInfo.features`; others are refused. Left out: everything is allowed. */
  readonly features?: Iterable<string>;
}

const assemblerOptions = optionNames<AssemblerOptions>({ log: true, features: true });

const call = instructionOf('call');

const shortJump = 1 << 2;
const maskShift = 3;
const maskBits = 7 << maskShift;
const prefixShift = 6;

/**
 * The methods, made from the table and typed from the same table, so neither can know a mnemonic that the other
 * does not. They stand in a prototype of their own: V8 takes 20 ms to add so many to the prototype of a class.
 */
const methods: Record<string, unknown> = {};
// By an iterator this takes several times as long.
instructions.forEach((instruction, mnemonic) => {
  methods[mnemonic] = function (this: Assembler, a?: Operand, b?: Operand, c?: Operand, d?: Operand): void {
    this.emit(instruction, a, b, c, d);
  };
});

function MnemonicMethods(): void {}
MnemonicMethods.prototype = methods;

/**
 * Appends instructions to a {@link CodeHolder}: one method for each mnemonic, which throws a `TypeError` for
 * operands that no form of the instruction takes, and a `RangeError` for numbers that do not fit.
 */
export class Assembler extends (MnemonicMethods as unknown as new () => Mnemonics) {
  readonly code: CodeHolder;
  /** Where the next instruction goes. */
  #section: Section;
  readonly #log: LoggedInstruction[] | undefined;
  /** Features that the target lacks. */
  readonly #missing: number;
  /** What the next instruction is asked to be: {@link Masking} bits, `shortJump`, the mask register above them, and a {@link Prefix} above that. */
  #pending = 0;

  constructor(code: CodeHolder, options?: AssemblerOptions) {
    super();
    const { log, features } = readOptions<AssemblerOptions>(options, assemblerOptions);
    this.code = code;
    this.#section = code.text;
    this.#log = log;
    this.#missing = features === undefined ? 0 : ~cpuFeatureBits(features);
  }

  /** Bytes of code so far, in the section that it goes to. */
  get offset(): number {
    return this.#section.size;
  }

  /** Puts what follows at the end of `section`, one of the code's: `code.text`, where it begins, or another. */
  section(section: Section): void {
    this.code.checkSection(section);
    this.#section = section;
  }

  /** Binds `label` here. */
  bind(label: Label): void {
    this.code.bind(label, this.#section);
  }

  /** Masks the next instruction: lanes whose bit in `mask` is clear keep what the destination held. */
  k(mask: KMask): this {
    return this.#setMask(mask, Masking.Merge);
  }

  /** Masks the next instruction: lanes whose bit in `mask` is clear become zero. */
  kz(mask: KMask): this {
    return this.#setMask(mask, Masking.Zero);
  }

  /** The next jump shall be short. */
  short(): this {
    this.#pending |= shortJump;
    return this;
  }

  /** The next instruction, which changes memory, shall do so as one: `lock`. */
  lock(): this {
    return this.#setPrefix(Prefix.Lock);
  }

  /** The next string operation is repeated `rcx` times: `rep`; for `cmps` and `scas` while what they compare is equal, `repe`. */
  rep(): this {
    return this.#setPrefix(Prefix.Rep);
  }

  /** The next `cmps` or `scas` is repeated `rcx` times while what they compare differs: `repne`. */
  repne(): this {
    return this.#setPrefix(Prefix.Repne);
  }

  /** Emits one instruction in the first form that takes these operands. */
  emit(instruction: Instruction, a?: Operand, b?: Operand, c?: Operand, d?: Operand): void {
    const pending = this.#pending;
    if (pending !== 0) this.#pending = 0;
    const masking = pending & Masking.Zero;
    const kinds0 = kindsOf(a);
    const kinds1 = kindsOf(b);
    const kinds2 = kindsOf(c);
    const kinds3 = kindsOf(d);
    const forms = instruction.cachedForms ?? instruction.forms;
    for (let i = 0; i < forms.length; i++) {
      const form = forms[i] as Form;
      if (
        (form.accepts0 & kinds0) !== 0 &&
        (form.accepts1 & kinds1) !== 0 &&
        (form.accepts2 & kinds2) !== 0 &&
        (form.accepts3 & kinds3) !== 0 &&
        (form.masking & masking) === masking &&
        // A store leaves lanes alone or writes them; it cannot zero them.
        (masking !== Masking.Zero || (kinds0 & anyMemory) === 0) &&
        (form.immediate < 0 || form.takesImmediate(form.immediate === 1 ? b : pickLater(form, a, c, d))) &&
        (form.relativeSize !== 1 ||
          (pending & shortJump) !== 0 ||
          reachesBackward(this.#section, a as Label, 2)) &&
        (form.features & this.#missing) === 0
      ) {
        if (form.needsMemorySize && leavesSizeOpen(kinds0, kinds1, kinds2)) {
          requireSize(instruction, [a, b, c, d], masking, this.#missing);
        }
        if (form.hasVectorIndex) requireGather(form, [a, b, c, d], masking);
        const prefix = pending >> prefixShift;
        if (prefix !== 0) requirePrefix(form, [a, b, c, d], prefix);
        const start = this.#section.size;
        const mask = (pending & maskBits) >> maskShift;
        encode(this.code, this.#section, form, a, b, c, d, mask, masking === Masking.Zero, prefix);
        if (this.#log !== undefined) this.#record(form, [a, b, c, d], pending, start);
        return;
      }
    }
    throw describeMismatch(instruction, [a, b, c, d], masking, this.#missing);
  }

  /** Calls code at a fixed address. Six bytes, whichever way it is reached. Listings show `name` instead of the address. */
  callAddress(target: Address, name?: string): void {
    this.#transfer('call', 0xe8, target, name);
  }

  /** Jumps to code at a fixed address; see {@link callAddress}. */
  jmpAddress(target: Address, name?: string): void {
    this.#transfer('jmp', 0xe9, target, name);
  }

  /** Calls the code whose address stands in `slot`, 64 bits of memory. Listings show `name` and, as a comment, `note`. */
  callThrough(slot: Mem, name: string, note?: string): void {
    requireName(name);
    if (note !== undefined) requireName(note);
    const offset = this.#section.size;
    this.emit(call, slot);
    if (this.#log === undefined) return;
    this.#log.pop();
    this.#note(offset, note === undefined ? `call ${name}` : `call ${name}  ; ${note}`);
  }

  /** Fills with the longest `nop`s up to a multiple of `alignment`, a power of two of at most 64. */
  align(alignment: number): void {
    if (![1, 2, 4, 8, 16, 32, 64].includes(alignment)) {
      throw new RangeError(`alignment must be a power of two from 1 to 64, not ${alignment}`);
    }
    const text = this.#section;
    if (alignment > text.alignment) text.alignment = alignment;
    let padding = -text.size & (alignment - 1);
    while (padding > 0) {
      const length = Math.min(padding, nops.length);
      const nop = nops[length - 1];
      invariant(nop !== undefined, 'there is a nop of each length');
      text.append(nop);
      this.#note(text.size - length, 'nop');
      padding -= length;
    }
  }

  /** Puts bytes among the instructions. */
  embed(bytes: Uint8Array): void {
    requireBytes(bytes);
    // A copy is what it says, in the listing and in the code.
    const copy = new Uint8Array(bytes);
    const offset = this.#section.size;
    this.#section.append(copy);
    if (this.#log !== undefined) this.#note(offset, `db ${copy.join(', ')}`);
  }

  #setMask(mask: KMask, masking: number): this {
    if (mask.id === 0) throw new RangeError('k0 means no mask and cannot mask an instruction');
    const others = this.#pending & ~(Masking.Zero | maskBits);
    this.#pending = others | masking | (mask.id << maskShift);
    return this;
  }

  #setPrefix(prefix: number): this {
    this.#pending = (this.#pending & ((1 << prefixShift) - 1)) | (prefix << prefixShift);
    return this;
  }

  /** With a REX prefix that changes nothing, so that the indirect form fits the same place. */
  #transfer(mnemonic: string, opcode: number, target: Address, name: string | undefined): void {
    if (!Number.isSafeInteger(target) || target < 0) {
      throw new RangeError(`target must be an address, an integer from 0 to 2^53-1, not ${target}`);
    }
    if (name !== undefined) requireName(name);
    const text = this.#section;
    const bytes = text.reserve(6);
    const offset = text.size;
    bytes.fill(0, offset, offset + 6);
    bytes[offset] = 0x40;
    bytes[offset + 1] = opcode;
    text.size = offset + 6;
    this.code.addTransfer(offset, target, text);
    const named = name === undefined ? undefined : { address: target, name };
    this.#note(offset, `${mnemonic} ${name ?? `0x${target.toString(16)}`}`, named);
  }

  #record(form: Form, operands: readonly (Operand | undefined)[], pending: number, offset: number): void {
    const isZeroing = (pending & Masking.Zero) === Masking.Zero;
    const text = formatInstruction(form, operands, (pending & maskBits) >> maskShift, isZeroing);
    const prefix = pending >> prefixShift;
    this.#note(offset, prefix === 0 ? text : `${prefixName(form, prefix)} ${text}`);
  }

  /** Notes what was put at the end of the section from `offset` on. */
  #note(offset: number, text: string, target?: LoggedInstruction['target']): void {
    const section = this.#section;
    this.#log?.push({ section, offset, length: section.size - offset, text, target });
  }
}

function requireName(name: unknown): void {
  if (typeof name === 'string') return;
  throw new TypeError(`the name of code elsewhere must be a string, not ${describeKind(name)}`);
}

/** The recommended multi-byte `nop`s by length (Intel manual volume 2, `NOP`). */
const nops: readonly Uint8Array[] = [
  [0x90],
  [0x66, 0x90],
  [0x0f, 0x1f, 0x00],
  [0x0f, 0x1f, 0x40, 0x00],
  [0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
  [0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
  [0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
].map((bytes) => Uint8Array.from(bytes));

function pickLater(
  form: Form,
  a: Operand | undefined,
  c: Operand | undefined,
  d: Operand | undefined,
): Operand | undefined {
  return form.immediate === 2 ? c : form.immediate === 3 ? d : a;
}

function leavesSizeOpen(kinds0: number, kinds1: number, kinds2: number): boolean {
  return (
    kinds0 === anyMemory ||
    kinds1 === anyMemory ||
    kinds2 === anyMemory ||
    ((kinds0 | kinds1 | kinds2) & openBroadcast) !== 0
  );
}
