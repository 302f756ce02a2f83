import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { cpuFeatureBit } from './cpu-feature.ts';
import type { Line } from './encodings/line.ts';
import { anyMemory, memoryKind, OperandKind } from './operand-kind.ts';

/** How the prefixes of an instruction are written. */
export const Space = Object.freeze({ Legacy: 0, Vex: 1, Evex: 2 } as const);

/** Opcode maps by their number in VEX and EVEX; `Primary` is the one-byte map. */
export const OpcodeMap = Object.freeze({ Primary: 0, Of: 1, Of38: 2, Of3a: 3 } as const);

/** A role that no operand plays. */
export const nowhere = -1;

/**
 * One encoding of one instruction at one width: a line of the table, with its families expanded and its notation
 * turned into numbers for the encoder. Roles (`reg`, `rm`…) are positions in the operand list.
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

  readonly space: number;
  /** 0, or 1 to 3 for `66`, `F3`, `F2`: the numbering of VEX.pp. */
  readonly prefix: number;
  readonly map: number;
  readonly opcode: number;
  /** A third opcode byte that follows and is not ModRM, or -1. */
  readonly suffix: number;
  readonly w: number;
  /** 0, 1, 2 for 128, 256 and 512 bits. */
  readonly l: number;
  /** `/digit`, or -1. */
  readonly digit: number;

  readonly reg: number;
  readonly rm: number;
  readonly vvvv: number;
  readonly is4: number;
  /** The operand whose number is added to the opcode. */
  readonly plus: number;

  readonly immediate: number;
  /** Bytes of the immediate, `is4` included; 0 if it is implied. */
  readonly immediateSize: number;
  readonly immediateMin: number;
  readonly immediateMax: number;
  /** Position of a label whose distance follows, and the bytes of the distance. */
  readonly relative: number;
  readonly relativeSize: number;

  /** Bytes of the memory operand; 0 without one, or with one of any size. */
  readonly memorySize: number;
  /** Bytes in which a displacement of one byte counts. */
  readonly displacementUnit: number;
  /** Bytes of an element, where it may be broadcast. */
  readonly broadcastSize: number;
  /** {@link Masking} that the form allows. */
  readonly masking: number;
  /** A byte register takes part: numbers 4 to 7 need a REX prefix in order not to mean `ah` to `bh`. */
  readonly hasByteRegister: boolean;
  /** An unsized memory operand would fit another form of another size as well. Set when the forms are put together. */
  needsMemorySize = false;

  constructor(mnemonic: string, line: Line, width: Width | undefined) {
    const [operandText, encodingText, feature] = line;
    const encoding = parseEncoding(encodingText);
    const specs =
      operandText === ''
        ? []
        : operandText.split(', ').map((text) => parseOperand(text, width, encoding.space === Space.Evex));
    this.mnemonic = mnemonic;
    this.operands = specs.map((spec) => spec.text);
    this.accepts0 = specs[0]?.accepts ?? OperandKind.None;
    this.accepts1 = specs[1]?.accepts ?? OperandKind.None;
    this.accepts2 = specs[2]?.accepts ?? OperandKind.None;
    this.accepts3 = specs[3]?.accepts ?? OperandKind.None;

    this.space = encoding.space;
    this.prefix = encoding.prefix;
    this.map = encoding.map;
    this.opcode = encoding.opcode;
    this.suffix = encoding.suffix;
    this.w = encoding.w || (width?.family === 'r' && width.bytes === 8) ? 1 : 0;
    this.l = encoding.l ?? (width?.family === 'v' ? Math.log2(width.bytes) - 4 : 0);
    this.digit = encoding.digit;
    const needsVl = this.space === Space.Evex && this.l < 2 && !encodingText.includes('LIG');
    this.features = cpuFeatureBit(feature) | (needsVl ? cpuFeatureBit('avx512vl') : 0);

    const roles = assignRoles(specs, encoding);
    this.reg = roles.reg;
    this.rm = roles.rm;
    this.vvvv = roles.vvvv;
    this.is4 = roles.is4;
    this.plus = roles.plus;

    const immediateAt = specs.findIndex((spec) => spec.immediate !== undefined);
    const range = specs[immediateAt]?.immediate;
    this.immediate = immediateAt;
    this.immediateSize = roles.is4 !== nowhere ? 1 : (range?.size ?? 0);
    const isSignExtended = range?.size === 4 && this.w === 1;
    this.immediateMin = range?.min ?? 0;
    this.immediateMax = isSignExtended ? 2 ** 31 - 1 : (range?.max ?? 0);
    this.relative = specs.findIndex((spec) => spec.relativeSize > 0);
    this.relativeSize = specs[this.relative]?.relativeSize ?? 0;

    this.memorySize = Math.max(0, ...specs.map((spec) => spec.memorySize));
    this.displacementUnit = this.space === Space.Evex ? encoding.unit || Math.max(this.memorySize, 1) : 1;
    this.broadcastSize = Math.max(0, ...specs.map((spec) => spec.broadcastSize));
    this.masking = Math.max(0, ...specs.map((spec) => spec.masking));
    this.hasByteRegister = specs.some((spec) => (spec.accepts & OperandKind.Gp8) !== 0);
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
    return elementAt([this.accepts0, this.accepts1, this.accepts2, this.accepts3], position);
  }
}

/** What may be asked of a form besides its operands, as bits. */
export const Masking = Object.freeze({ None: 0, Merge: 1, Zero: 3 } as const);

/** The member of a family that a form is. */
interface Width {
  readonly family: 'r' | 'v';
  readonly bytes: number;
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

/** All forms of an instruction, in the order in which they are tried. */
export function expandForms(mnemonic: string, lines: readonly Line[]): readonly Form[] {
  const forms = lines.flatMap((line) => widthsOf(line).map((width) => new Form(mnemonic, line, width)));
  for (const form of forms) {
    form.needsMemorySize = forms.some((other) => differInMemorySizeOnly(form, other));
  }
  return forms;
}

function widthsOf([operands, encoding]: Line): readonly (Width | undefined)[] {
  const words = operands.split(/[,/ {}]+/);
  if (words.includes('v')) return encoding.startsWith('EVEX') ? vectorWidths : vectorWidths.slice(0, 2);
  return words.includes('r') ? generalWidths : [undefined];
}

function differInMemorySizeOnly(form: Form, other: Form): boolean {
  let differ = false;
  for (let position = 0; position < 4; position++) {
    const common = form.accepts(position) & other.accepts(position);
    const bothMemory =
      (form.accepts(position) & anyMemory) !== 0 && (other.accepts(position) & anyMemory) !== 0;
    if (bothMemory && (common & anyMemory) === 0) differ = true;
    else if (common === 0) return false;
  }
  return differ;
}

interface OperandSpec {
  readonly text: string;
  readonly accepts: number;
  readonly memorySize: number;
  readonly broadcastSize: number;
  readonly masking: number;
  readonly immediate: ImmediateRange | undefined;
  readonly relativeSize: number;
  /** Written down in the instruction; implied registers are not. */
  readonly isRegister: boolean;
}

interface ImmediateRange {
  readonly size: number;
  readonly min: number;
  readonly max: number;
}

const immediateRanges: Readonly<Record<string, ImmediateRange>> = {
  '1': { size: 0, min: 1, max: 1 },
  ib: { size: 1, min: -128, max: 255 },
  ibs: { size: 1, min: -128, max: 127 },
  iw: { size: 2, min: -(2 ** 15), max: 2 ** 16 - 1 },
  id: { size: 4, min: -(2 ** 31), max: 2 ** 32 - 1 },
  ids: { size: 4, min: -(2 ** 31), max: 2 ** 31 - 1 },
  iq: { size: 8, min: -(2 ** 63), max: 2 ** 64 },
};

const registerKinds: Readonly<Record<string, number>> = {
  r8: OperandKind.Gp8,
  r16: OperandKind.Gp16,
  r32: OperandKind.Gp32,
  r64: OperandKind.Gp64,
  xmm: OperandKind.Xmm,
  ymm: OperandKind.Ymm,
  zmm: OperandKind.Zmm,
  k: OperandKind.K,
};

/** What EVEX adds to them. */
const evexKinds: Readonly<Record<string, number>> = { xmm: OperandKind.HighXmm, ymm: OperandKind.HighYmm };

const impliedKinds: Readonly<Record<string, number>> = { cl: OperandKind.Cl, xmm0: OperandKind.Xmm0 };

function parseOperand(text: string, width: Width | undefined, isEvex: boolean): OperandSpec {
  const [alternatives = '', mask = ''] = text.split('{');
  let accepts = 0;
  let memorySize = 0;
  let broadcastSize = 0;
  let relativeSize = 0;
  let isRegister = false;
  let immediate: ImmediateRange | undefined;
  const words: string[] = [];
  for (const family of alternatives.split('/')) {
    const word = instantiate(family, width);
    words.push(word);
    const register = registerKinds[word];
    const bits = Number(word.slice(1));
    if (register !== undefined) {
      accepts |= register | (isEvex ? (evexKinds[word] ?? 0) : 0);
      isRegister = true;
    } else if (impliedKinds[word] !== undefined) {
      accepts |= impliedKinds[word];
    } else if (immediateRanges[word] !== undefined) {
      accepts |= OperandKind.Immediate;
      immediate = immediateRanges[word];
    } else if (word === 'rel8' || word === 'rel32') {
      accepts |= OperandKind.Label;
      relativeSize = word === 'rel8' ? 1 : 4;
    } else if (word === 'mem') {
      accepts |= anyMemory;
    } else if (word.startsWith('m')) {
      accepts |= memoryKind(bits / 8);
      memorySize = bits / 8;
    } else {
      invariant(word === 'b32' || word === 'b64', `${word} is not in the table's notation`);
      accepts |= word === 'b32' ? OperandKind.Broadcast32 : OperandKind.Broadcast64;
      broadcastSize = bits / 8;
    }
  }
  const masking = mask === '' ? Masking.None : mask === 'k}' ? Masking.Merge : Masking.Zero;
  const shown = words.join('/') + (mask === '' ? '' : `{${mask}`);
  return { text: shown, accepts, memorySize, broadcastSize, masking, immediate, relativeSize, isRegister };
}

/** The member that a family word stands for at `width`. */
function instantiate(word: string, width: Width | undefined): string {
  if (width === undefined) return word;
  const bits = width.bytes * 8;
  switch (word) {
    case 'r':
      return `r${bits}`;
    case 'v':
      return vectorName(bits);
    case 'h':
      return vectorName(Math.max(bits / 2, 128));
    case 'm':
      return `m${bits}`;
    case 'mh':
      return `m${bits / 2}`;
    case 'mq':
      return `m${bits / 4}`;
    case 'me':
      return `m${bits / 8}`;
    default:
      return word;
  }
}

function vectorName(bits: number): string {
  return bits === 128 ? 'xmm' : bits === 256 ? 'ymm' : 'zmm';
}

interface Encoding {
  space: number;
  prefix: number;
  map: number;
  opcode: number;
  suffix: number;
  w: number;
  l: number | undefined;
  digit: number;
  hasModRm: boolean;
  hasPlus: boolean;
  hasIs4: boolean;
  unit: number;
}

const prefixNumbers: Readonly<Record<string, number>> = { '66': 1, F3: 2, F2: 3 };
const mapNumbers: Readonly<Record<string, number>> = {
  '0F': OpcodeMap.Of,
  '0F38': OpcodeMap.Of38,
  '0F3A': OpcodeMap.Of3a,
};
const lengthNumbers: Readonly<Record<string, number>> = { '128': 0, '256': 1, '512': 2, LIG: 0 };

function parseEncoding(text: string): Encoding {
  const encoding: Encoding = {
    space: Space.Legacy,
    prefix: 0,
    map: OpcodeMap.Primary,
    opcode: -1,
    suffix: -1,
    w: 0,
    l: undefined,
    digit: -1,
    hasModRm: false,
    hasPlus: false,
    hasIs4: false,
    unit: 0,
  };
  const bytes: string[] = [];
  for (const word of text.split(' ')) {
    if (word.includes('VEX')) parseVexHead(word, encoding);
    else if (word === 'REX.W') encoding.w = 1;
    else if (word === '/r') encoding.hasModRm = true;
    else if (word === '/is4') encoding.hasIs4 = true;
    else if (word.startsWith('N')) encoding.unit = Number(word.slice(1));
    else if (word.startsWith('/')) {
      encoding.hasModRm = true;
      encoding.digit = Number(word.slice(1));
    } else if (word.endsWith('+r')) {
      encoding.hasPlus = true;
      bytes.push(word.slice(0, 2));
    } else if (/^[0-9A-F]{2}$/.test(word)) {
      bytes.push(word);
    }
  }
  if (encoding.space === Space.Legacy) takeLegacyHead(bytes, encoding);
  encoding.opcode = Number.parseInt(elementAt(bytes, 0), 16);
  if (bytes[1] !== undefined) encoding.suffix = Number.parseInt(bytes[1], 16);
  return encoding;
}

/** Takes the mandatory prefix and the map's escape bytes off the front; what remains is the opcode. */
function takeLegacyHead(bytes: string[], encoding: Encoding): void {
  const take = (known: Readonly<Record<string, number>>): number | undefined => {
    const number = bytes.length > 1 ? known[elementAt(bytes, 0)] : undefined;
    if (number !== undefined) bytes.shift();
    return number;
  };
  encoding.prefix = take(prefixNumbers) ?? 0;
  encoding.map = take({ '0F': OpcodeMap.Of }) ?? OpcodeMap.Primary;
  if (encoding.map === OpcodeMap.Of)
    encoding.map = take({ '38': OpcodeMap.Of38, '3A': OpcodeMap.Of3a }) ?? OpcodeMap.Of;
}

function parseVexHead(head: string, encoding: Encoding): void {
  encoding.space = head.startsWith('EVEX') ? Space.Evex : Space.Vex;
  for (const word of head.split('.').slice(1)) {
    encoding.prefix = prefixNumbers[word] ?? encoding.prefix;
    encoding.map = mapNumbers[word] ?? encoding.map;
    encoding.l = lengthNumbers[word] ?? encoding.l;
    if (word === 'W1') encoding.w = 1;
  }
}

/** Which operand goes where, as `encodings/line.ts` explains. */
function assignRoles(specs: readonly OperandSpec[], encoding: Encoding) {
  const roles = { reg: nowhere, rm: nowhere, vvvv: nowhere, is4: nowhere, plus: nowhere };
  const places: number[] = [];
  specs.forEach((spec, position) => {
    if (spec.isRegister || spec.memorySize > 0 || spec.accepts === anyMemory) places.push(position);
  });
  if (encoding.hasIs4) roles.is4 = places.pop() ?? nowhere;
  if (encoding.hasPlus) roles.plus = places.pop() ?? nowhere;
  if (!encoding.hasModRm) return roles;
  const inMemory = places.find((position) => (elementAt(specs, position).accepts & anyMemory) !== 0);
  roles.rm = inMemory ?? places.at(-1) ?? nowhere;
  const others = places.filter((position) => position !== roles.rm);
  if (encoding.digit >= 0) {
    roles.vvvv = others[0] ?? nowhere;
  } else if (others.length > 1 && roles.rm === 0) {
    roles.vvvv = others[0] ?? nowhere;
    roles.reg = others[1] ?? nowhere;
  } else {
    roles.reg = others[0] ?? nowhere;
    roles.vvvv = others[1] ?? nowhere;
  }
  return roles;
}
