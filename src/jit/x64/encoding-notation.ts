import { elementAt } from '../../support/element.ts';

/** How the prefixes of an instruction are written. */
export const Space = Object.freeze({ Legacy: 0, Vex: 1, Evex: 2 } as const);

/** Opcode maps by their number in VEX and EVEX; `Primary` is the one-byte map. */
export const OpcodeMap = Object.freeze({ Primary: 0, Of: 1, Of38: 2, Of3a: 3 } as const);

/** The second column of a line, field by field. */
export interface Encoding {
  space: number;
  /** 0, or 1 to 3 for `66`, `F3`, `F2`: the numbering of VEX.pp. */
  prefix: number;
  /** `66` in front of such a prefix. */
  isWord: boolean;
  map: number;
  opcode: number;
  /** A byte after the opcode that is not ModRM, or -1. */
  suffix: number;
  w: number;
  /** Undefined where the family decides. */
  l: number | undefined;
  /** The same at any vector length. */
  ignoresLength: boolean;
  /** `/digit`, or -1. */
  digit: number;
  hasModRm: boolean;
  /** A register is added to the opcode. */
  hasPlus: boolean;
  hasIs4: boolean;
  /** Bytes in which EVEX counts a short displacement, if not the size of the memory operand. */
  unit: number | undefined;
}

const prefixes: ReadonlyMap<string, number> = new Map([
  ['66', 1],
  ['F3', 2],
  ['F2', 3],
]);
const vexMaps: ReadonlyMap<string, number> = new Map([
  ['0F', OpcodeMap.Of],
  ['0F38', OpcodeMap.Of38],
  ['0F3A', OpcodeMap.Of3a],
]);
/** The second escape byte of a legacy opcode. */
const escapes: ReadonlyMap<string, number> = new Map([
  ['38', OpcodeMap.Of38],
  ['3A', OpcodeMap.Of3a],
]);
const lengths: ReadonlyMap<string, number> = new Map([
  ['128', 0],
  ['256', 1],
  ['512', 2],
]);
/** What stands for the immediate or the distance; the operands say the same. */
const tails: ReadonlySet<string> = new Set(['ib', 'iw', 'id', 'iq', 'cb', 'cd']);

/** Reads the second column of a line, as `encodings/line.ts` defines it. */
export function readEncoding(text: string): Encoding {
  const encoding: Encoding = {
    space: Space.Legacy,
    prefix: 0,
    isWord: false,
    map: OpcodeMap.Primary,
    opcode: -1,
    suffix: -1,
    w: 0,
    l: undefined,
    ignoresLength: false,
    digit: -1,
    hasModRm: false,
    hasPlus: false,
    hasIs4: false,
    unit: undefined,
  };
  const bytes: string[] = [];
  for (const word of text.split(' ')) {
    if (word.startsWith('VEX') || word.startsWith('EVEX')) readVexHead(word, encoding);
    else if (word === 'REX.W') encoding.w = 1;
    else if (word === '/r') encoding.hasModRm = true;
    else if (word === '/is4') encoding.hasIs4 = true;
    else if (word.startsWith('/')) {
      encoding.hasModRm = true;
      encoding.digit = Number(word.slice(1));
    } else if (word.startsWith('N')) encoding.unit = Number(word.slice(1));
    else if (word.endsWith('+r')) {
      encoding.hasPlus = true;
      bytes.push(word.slice(0, 2));
    } else if (!tails.has(word)) bytes.push(word);
  }
  if (encoding.space === Space.Legacy) takeLegacyHead(bytes, encoding);
  encoding.opcode = Number.parseInt(elementAt(bytes, 0), 16);
  const suffix = bytes.at(1);
  if (suffix !== undefined) encoding.suffix = Number.parseInt(suffix, 16);
  return encoding;
}

/** Takes the mandatory prefix and the map's escape bytes off the front; what remains is the opcode. */
function takeLegacyHead(bytes: string[], encoding: Encoding): void {
  encoding.isWord = bytes[0] === '66' && prefixes.has(elementAt(bytes, 1));
  if (encoding.isWord) bytes.shift();
  const prefix = bytes.length > 1 ? prefixes.get(elementAt(bytes, 0)) : undefined;
  if (prefix !== undefined) {
    encoding.prefix = prefix;
    bytes.shift();
  }
  if (bytes.length === 1 || bytes.at(0) !== '0F') return;
  bytes.shift();
  const second = bytes.length > 1 ? escapes.get(elementAt(bytes, 0)) : undefined;
  if (second !== undefined) bytes.shift();
  encoding.map = second ?? OpcodeMap.Of;
}

function readVexHead(head: string, encoding: Encoding): void {
  encoding.space = head.startsWith('EVEX') ? Space.Evex : Space.Vex;
  for (const word of head.split('.')) {
    encoding.prefix = prefixes.get(word) ?? encoding.prefix;
    encoding.map = vexMaps.get(word) ?? encoding.map;
    encoding.l = lengths.get(word) ?? encoding.l;
    if (word === 'LIG') encoding.ignoresLength = true;
    else if (word === 'W1') encoding.w = 1;
  }
}
