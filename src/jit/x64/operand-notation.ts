import { invariant } from '../../support/invariant.ts';
import { anyMemory, broadcastKind, memoryKind, OperandKind } from './operand-kind.ts';

/** What a form takes at one place. */
export interface OperandSpec {
  /** In the table's notation, families expanded. */
  readonly text: string;
  /** {@link OperandKind}s. */
  readonly accepts: number;
  /** Bytes in memory; 0 for none, and for any size. */
  readonly memorySize: number;
  readonly broadcastSize: number;
  readonly masking: number;
  readonly needsMask: boolean;
  readonly immediate: ImmediateRange | undefined;
  readonly relativeSize: number;
  /** A field of the encoding names a register or memory; implied registers need none. */
  readonly isPlaced: boolean;
}

export interface ImmediateRange {
  /** Bytes. */
  readonly size: number;
  readonly min: number;
  readonly max: number;
}

/** The member of a family that a form is. */
export interface Width {
  readonly family: 'r' | 'v';
  readonly bytes: number;
}

/** What may be asked of a form besides its operands, as bits. */
export const Masking = Object.freeze({ None: 0, Merge: 1, Zero: 3 } as const);

const immediateRanges: ReadonlyMap<string, ImmediateRange> = new Map([
  ['1', { size: 0, min: 1, max: 1 }],
  ['ib', { size: 1, min: -128, max: 255 }],
  ['ibs', { size: 1, min: -128, max: 127 }],
  ['iw', { size: 2, min: -(2 ** 15), max: 2 ** 16 - 1 }],
  ['id', { size: 4, min: -(2 ** 31), max: 2 ** 32 - 1 }],
  ['ids', { size: 4, min: -(2 ** 31), max: 2 ** 31 - 1 }],
  ['iq', { size: 8, min: -(2 ** 63), max: 2 ** 64 }],
]);

const registerKinds: ReadonlyMap<string, number> = new Map([
  ['r8', OperandKind.Gp8],
  ['r16', OperandKind.Gp16],
  ['r32', OperandKind.Gp32],
  ['r64', OperandKind.Gp64],
  ['xmm', OperandKind.Xmm],
  ['ymm', OperandKind.Ymm],
  ['zmm', OperandKind.Zmm],
  ['k', OperandKind.K],
]);

/** What EVEX adds to them. */
const evexKinds: ReadonlyMap<string, number> = new Map([
  ['xmm', OperandKind.HighXmm],
  ['ymm', OperandKind.HighYmm],
]);

const impliedKinds: ReadonlyMap<string, number> = new Map([
  ['cl', OperandKind.Cl],
  ['xmm0', OperandKind.Xmm0],
]);

/** The index of memory for gathers. */
const indexKinds: ReadonlyMap<string, number> = new Map([
  ['[xmm]', OperandKind.IndexXmm],
  ['[ymm]', OperandKind.IndexYmm],
  ['[zmm]', OperandKind.IndexZmm],
]);

/** A few dozen operands make up the whole table. */
const known = new Map<string, OperandSpec>();

/** Reads one operand of a line, as `encodings/line.ts` defines them, at a width of its family. */
export function readOperand(text: string, width: Width | undefined, isEvex: boolean): OperandSpec {
  const key = `${text} ${width?.bytes} ${isEvex}`;
  let spec = known.get(key);
  if (spec === undefined) {
    spec = parseOperand(text, width, isEvex);
    known.set(key, spec);
  }
  return spec;
}

function parseOperand(text: string, width: Width | undefined, isEvex: boolean): OperandSpec {
  const [alternatives = '', mask = ''] = text.split('{');
  let accepts = 0;
  let memorySize = 0;
  let broadcastSize = 0;
  let relativeSize = 0;
  let isPlaced = false;
  let immediate: ImmediateRange | undefined;
  const words = alternatives.split('/').map((family) => instantiate(family, width));
  for (const word of words) {
    const register = registerKinds.get(word);
    const range = immediateRanges.get(word);
    const bits = Number(word.slice(1));
    if (register !== undefined) {
      accepts |= register | (isEvex ? (evexKinds.get(word) ?? 0) : 0);
      isPlaced = true;
    } else if (range !== undefined) {
      accepts |= OperandKind.Immediate;
      immediate = range;
    } else if (word === 'rel8' || word === 'rel32') {
      accepts |= OperandKind.Label;
      relativeSize = word === 'rel8' ? 1 : 4;
    } else if (word === 'mem') {
      accepts |= anyMemory;
      isPlaced = true;
    } else if (word.startsWith('m')) {
      accepts |= memoryKind(bits / 8);
      memorySize = bits / 8;
      isPlaced = true;
    } else if (word === 'b32' || word === 'b64') {
      accepts |= word === 'b32' ? OperandKind.Broadcast32 : OperandKind.Broadcast64;
      broadcastSize = bits / 8;
    } else {
      const index = indexKinds.get(word);
      const kind = index ?? impliedKinds.get(word);
      invariant(kind !== undefined, `${word} is not in the table's notation`);
      accepts |= kind;
      isPlaced ||= index !== undefined;
    }
  }
  if (broadcastSize > 0) accepts |= broadcastKind(memorySize / broadcastSize);
  const masking = mask === '' ? Masking.None : mask === 'kz}' ? Masking.Zero : Masking.Merge;
  const shown = words.join('/') + (mask === '' ? '' : `{${mask}`);
  return {
    text: shown,
    accepts,
    memorySize,
    broadcastSize,
    masking,
    needsMask: mask === 'k!}',
    immediate,
    relativeSize,
    isPlaced,
  };
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
    case '[v]':
      return `[${vectorName(bits)}]`;
    case '[h]':
      return `[${vectorName(Math.max(bits / 2, 128))}]`;
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
