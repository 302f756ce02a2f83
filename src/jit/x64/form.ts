import { cpuFeatureBit } from './cpu-feature.ts';
import { type Encoding, readEncoding, Space } from './encoding-notation.ts';
import type { Line } from './encodings/line.ts';
import { anyMemory, anyVectorIndex, OperandKind } from './operand-kind.ts';
import { type OperandSpec, readOperand, type Width } from './operand-notation.ts';

/** A role that no operand plays. */
const nowhere = -1;

/**
 * One encoding of one instruction at one width: a line of the table, with its families expanded and its notation
 * turned into numbers for the encoder. Roles (`reg`, `rm`…) are positions in the operand list, or -1.
 */
export class Form {
  readonly mnemonic: string;
  /** The operands in the table's notation, for messages and tests. */
  readonly operands: readonly string[];
  /** The {@link OperandKind}s accepted at each of the four places; fields, since these are read most. */
  readonly accepts0: number;
  readonly accepts1: number;
  readonly accepts2: number;
  readonly accepts3: number;
  /** CPU features that this form needs, as bits of `cpuFeatureBit`. */
  readonly features: number;

  /** {@link Space}. */
  readonly space: number;
  /** 0, or 1 to 3 for `66`, `F3`, `F2`: the numbering of VEX.pp. */
  readonly prefix: number;
  /** `66` stands in front of such a prefix. */
  readonly isWord: boolean;
  /** {@link OpcodeMap}. */
  readonly map: number;
  readonly opcode: number;
  /** A byte after the opcode that is not ModRM, or -1. */
  readonly suffix: number;
  readonly w: number;
  /** 0, 1, 2 for 128, 256 and 512 bits. */
  readonly l: number;
  /** `/digit`, or -1. */
  readonly digit: number;

  readonly reg: number = nowhere;
  readonly rm: number = nowhere;
  readonly vvvv: number = nowhere;
  readonly is4: number = nowhere;
  /** The operand whose number is added to the opcode. */
  readonly plus: number = nowhere;

  readonly immediate: number = nowhere;
  /** Bytes of the immediate, `is4` included; 0 if it is implied. */
  readonly immediateSize: number = 0;
  readonly immediateMin: number = 0;
  readonly immediateMax: number = 0;
  /** Position of a label whose distance follows, and the bytes of the distance. */
  readonly relative: number = nowhere;
  readonly relativeSize: number = 0;

  /** Bytes of the memory operand; 0 without one, or with one of any size. */
  readonly memorySize: number = 0;
  /** Bytes in which a displacement of one byte counts. */
  readonly displacementUnit: number;
  /** Bytes of an element, where it may be broadcast. */
  readonly broadcastSize: number = 0;
  /** {@link Masking} that the form allows. */
  readonly masking: number = 0;
  /** It has to be masked. */
  readonly needsMask: boolean = false;
  /** The index of its memory is a vector register. */
  readonly hasVectorIndex: boolean = false;
  /** A byte register takes part: numbers 4 to 7 need a REX prefix in order not to mean `ah` to `bh`. */
  readonly hasByteRegister: boolean = false;
  /** An unsized memory operand, or a broadcast, would fit another form of another size as well. Set when the forms are put together. */
  needsMemorySize = false;

  /** @internal */
  constructor(mnemonic: string, line: Line, width: Width | undefined) {
    const [operandText, encodingText, feature] = line;
    const encoding = readEncoding(encodingText);
    const isEvex = encoding.space === Space.Evex;
    const specs =
      operandText === '' ? [] : operandText.split(', ').map((text) => readOperand(text, width, isEvex));
    this.mnemonic = mnemonic;
    this.operands = specs.map((spec) => spec.text);
    this.accepts0 = specs.at(0)?.accepts ?? OperandKind.None;
    this.accepts1 = specs.at(1)?.accepts ?? OperandKind.None;
    this.accepts2 = specs.at(2)?.accepts ?? OperandKind.None;
    this.accepts3 = specs.at(3)?.accepts ?? OperandKind.None;

    this.space = encoding.space;
    this.prefix = encoding.prefix;
    this.isWord = encoding.isWord;
    this.map = encoding.map;
    this.opcode = encoding.opcode;
    this.suffix = encoding.suffix;
    this.w = encoding.w === 1 || (width?.family === 'r' && width.bytes === 8) ? 1 : 0;
    this.l = encoding.l ?? (width?.family === 'v' ? Math.log2(width.bytes) - 4 : 0);
    this.digit = encoding.digit;
    const needsVl = isEvex && this.l < 2 && !encoding.ignoresLength;
    this.features = cpuFeatureBit(feature) | (needsVl ? cpuFeatureBit('avx512vl') : 0);

    const roles = assignRoles(specs, encoding);
    this.reg = roles.reg;
    this.rm = roles.rm;
    this.vvvv = roles.vvvv;
    this.is4 = roles.is4;
    this.plus = roles.plus;

    for (let position = 0; position < specs.length; position++) {
      const spec = specs[position] as OperandSpec;
      if (spec.immediate !== undefined) {
        const { size, min, max } = spec.immediate;
        this.immediate = position;
        this.immediateSize = size;
        this.immediateMin = min;
        // 32 bits are extended to 64 with their sign.
        this.immediateMax = size === 4 && this.w === 1 ? 2 ** 31 - 1 : max;
      }
      if (spec.relativeSize > 0) {
        this.relative = position;
        this.relativeSize = spec.relativeSize;
      }
      if (spec.memorySize > 0) this.memorySize = spec.memorySize;
      if (spec.broadcastSize > 0) this.broadcastSize = spec.broadcastSize;
      if (spec.masking !== 0) this.masking = spec.masking;
      if (spec.needsMask) this.needsMask = true;
      if ((spec.accepts & anyVectorIndex) !== 0) this.hasVectorIndex = true;
      if ((spec.accepts & OperandKind.Gp8) !== 0) this.hasByteRegister = true;
    }
    if (this.is4 !== nowhere) this.immediateSize = 1;
    this.displacementUnit = isEvex ? (encoding.unit ?? Math.max(this.memorySize, 1)) : 1;
  }

  /** Whether `value` is an integer in the form's range; beyond 2^53 only a bigint is. */
  takesImmediate(value: unknown): boolean {
    if (typeof value === 'number') {
      if (this.immediateSize === 8) return Number.isSafeInteger(value);
      return Number.isInteger(value) && value >= this.immediateMin && value <= this.immediateMax;
    }
    if (typeof value !== 'bigint' || this.immediateSize !== 8) return false;
    return value >= -(2n ** 63n) && value < 2n ** 64n;
  }

  /** The {@link OperandKind}s accepted at a place. */
  accepts(position: number): number {
    if (position < 2) return position === 0 ? this.accepts0 : this.accepts1;
    return position === 2 ? this.accepts2 : this.accepts3;
  }
}

const generalWidths: readonly Width[] = [
  { family: 'r', bytes: 4 },
  { family: 'r', bytes: 8 },
];
const vectorWidths: readonly Width[] = [
  { family: 'v', bytes: 16 },
  { family: 'v', bytes: 32 },
  { family: 'v', bytes: 64 },
];
const vexWidths: readonly Width[] = vectorWidths.slice(0, 2);

/** All forms of an instruction, in the order in which they are tried. */
export function expandForms(mnemonic: string, lines: readonly Line[]): readonly Form[] {
  const forms: Form[] = [];
  for (const line of lines) {
    const widths = widthsOf(line);
    if (widths === undefined) forms.push(new Form(mnemonic, line, undefined));
    else for (const width of widths) forms.push(new Form(mnemonic, line, width));
  }
  for (const form of forms) {
    form.needsMemorySize = forms.some((other) => differInMemorySizeOnly(form, other));
  }
  return forms;
}

/** The widths of a line's family, if it has one. */
function widthsOf([operands, encoding]: Line): readonly Width[] | undefined {
  if (/\bv\b/.test(operands)) return encoding.startsWith('EVEX') ? vectorWidths : vexWidths;
  return /\br\b/.test(operands) ? generalWidths : undefined;
}

function differInMemorySizeOnly(form: Form, other: Form): boolean {
  if (form.memorySize === other.memorySize || form.memorySize === 0 || other.memorySize === 0) return false;
  for (let position = 0; position < 4; position++) {
    const left = form.accepts(position);
    const right = other.accepts(position);
    const bothMemory = (left & anyMemory) !== 0 && (right & anyMemory) !== 0;
    if (!bothMemory && (left & right) === 0) return false;
  }
  return true;
}

/** Which operand goes where, as `encodings/line.ts` explains. */
function assignRoles(specs: readonly OperandSpec[], encoding: Encoding) {
  const roles = { reg: nowhere, rm: nowhere, vvvv: nowhere, is4: nowhere, plus: nowhere };
  const places: number[] = [];
  let inMemory: number | undefined;
  specs.forEach((spec, position) => {
    if (!spec.isPlaced) return;
    places.push(position);
    if ((spec.accepts & (anyMemory | anyVectorIndex)) !== 0) inMemory = position;
  });
  if (encoding.hasIs4) roles.is4 = places.pop() ?? nowhere;
  if (encoding.hasPlus) roles.plus = places.pop() ?? nowhere;
  if (!encoding.hasModRm) return roles;
  roles.rm = inMemory ?? places.at(-1) ?? nowhere;
  const [first = nowhere, second = nowhere] = places.filter((position) => position !== roles.rm);
  const vvvvFirst = encoding.digit >= 0 || (second !== nowhere && roles.rm === 0);
  roles.reg = vvvvFirst ? second : first;
  roles.vvvv = vvvvFirst ? first : second;
  return roles;
}
