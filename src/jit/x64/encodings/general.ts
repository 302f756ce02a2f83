import type { EncodingTable } from './line.ts';

/** Conditions in the order of their encoding. */
export const conditions = Object.freeze([
  'o',
  'no',
  'b',
  'ae',
  'e',
  'ne',
  'be',
  'a',
  's',
  'ns',
  'p',
  'np',
  'l',
  'ge',
  'le',
  'g',
] as const);

/** A condition of jumps, sets and moves, as the end of its mnemonic. */
export type Condition = (typeof conditions)[number];

function hex(value: number): string {
  return value.toString(16).padStart(2, '0').toUpperCase();
}

/** The eight operations of the first ALU group, by their `/digit`. */
function alu(digit: number) {
  const base = digit * 8;
  return [
    ['r, r/m', `${hex(base + 3)} /r`, ''],
    ['m32, r32', `${hex(base + 1)} /r`, ''],
    ['m64, r64', `REX.W ${hex(base + 1)} /r`, ''],
    ['r/m, ibs', `83 /${digit} ib`, ''],
    ['r/m, id', `81 /${digit} id`, ''],
    ['r8, r8/m8', `${hex(base + 2)} /r`, ''],
    ['m8, r8', `${hex(base)} /r`, ''],
    ['r8/m8, ib', `80 /${digit} ib`, ''],
  ] as const;
}

function shift(digit: number) {
  return [
    ['r/m, 1', `D1 /${digit}`, ''],
    ['r/m, ib', `C1 /${digit} ib`, ''],
    ['r/m, cl', `D3 /${digit}`, ''],
  ] as const;
}

function unary(opcode8: string, opcode: string, digit: number) {
  return [
    ['r/m', `${opcode} /${digit}`, ''],
    ['r8/m8', `${opcode8} /${digit}`, ''],
  ] as const;
}

function extension(low: string, high: string) {
  return [
    ['r, r8/m8', `0F ${low} /r`, ''],
    ['r, r16/m16', `0F ${high} /r`, ''],
  ] as const;
}

function count(encoding: string, feature: string) {
  return [['r, r/m', encoding, feature]] as const;
}

/** VEX with the source that may be memory in the last place, or in the one before. */
const beforeLast = (encoding: string, feature: string) =>
  [['r, r, r/m', `VEX.${encoding} /r`, feature]] as const;
const byRegister = (encoding: string, feature: string) =>
  [['r, r/m, r', `VEX.${encoding} /r`, feature]] as const;

function bit(opcode: string, digit: number) {
  return [
    ['r/m, r', `0F ${opcode} /r`, ''],
    ['r/m, ib', `0F BA /${digit} ib`, ''],
  ] as const;
}

/** Of a register with a register or memory, also of 8 and 16 bits. */
function exchange(opcode8: string, opcode: string) {
  return [
    ['r/m, r', `${opcode} /r`, ''],
    ['r8/m8, r8', `${opcode8} /r`, ''],
    ['r16/m16, r16', `66 ${opcode} /r`, ''],
  ] as const;
}

function doubleShift(opcode: string, opcodeCl: string) {
  return [
    ['r/m, r, ib', `0F ${opcode} /r ib`, ''],
    ['r/m, r, cl', `0F ${opcodeCl} /r`, ''],
  ] as const;
}

const alone = (encoding: string) => [['', encoding, '']] as const;

/** String operations, whose operands are implied, for 8, 16, 32 and 64 bits. */
function strings<Name extends StringOperation>(name: Name, opcode: number) {
  const family = {
    [`${name}b`]: alone(hex(opcode)),
    [`${name}w`]: alone(`66 ${hex(opcode + 1)}`),
    [`${name}d`]: alone(hex(opcode + 1)),
    [`${name}q`]: alone(`REX.W ${hex(opcode + 1)}`),
  };
  return family as Record<`${Name}${'b' | 'w' | 'd' | 'q'}`, ReturnType<typeof alone>>;
}

type StringOperation = 'movs' | 'stos' | 'lods' | 'cmps' | 'scas';

const jcc = (code: number) =>
  [
    ['rel8', `${hex(0x70 + code)} cb`, ''],
    ['rel32', `0F ${hex(0x80 + code)} cd`, ''],
  ] as const;
const setcc = (code: number) => [['r8/m8', `0F ${hex(0x90 + code)} /0`, '']] as const;
const cmovcc = (code: number) => [['r, r/m', `0F ${hex(0x40 + code)} /r`, '']] as const;

/** A family of sixteen mnemonics, one for each condition. */
function conditional<Prefix extends string, Lines>(
  prefix: Prefix,
  lines: (code: number) => Lines,
): Record<`${Prefix}${Condition}`, Lines> {
  const family = conditions.map((condition, code) => [`${prefix}${condition}`, lines(code)]);
  return Object.fromEntries(family) as Record<`${Prefix}${Condition}`, Lines>;
}

const plain = {
  mov: [
    ['r, r/m', '8B /r', ''],
    ['m32, r32', '89 /r', ''],
    ['m64, r64', 'REX.W 89 /r', ''],
    ['r32, id', 'B8+r id', ''],
    ['r64, id', 'REX.W C7 /0 id', ''],
    ['m32, id', 'C7 /0 id', ''],
    ['m64, id', 'REX.W C7 /0 id', ''],
    ['r8, r8/m8', '8A /r', ''],
    ['m8, r8', '88 /r', ''],
    ['r8, ib', 'B0+r ib', ''],
    ['m8, ib', 'C6 /0 ib', ''],
    ['r16, r16/m16', '66 8B /r', ''],
    ['m16, r16', '66 89 /r', ''],
    ['m16, iw', '66 C7 /0 iw', ''],
  ],
  movabs: [['r64, iq', 'REX.W B8+r iq', '']],
  lea: [['r, mem', '8D /r', '']],
  add: alu(0),
  or: alu(1),
  adc: alu(2),
  sbb: alu(3),
  and: alu(4),
  sub: alu(5),
  xor: alu(6),
  cmp: alu(7),
  test: [
    ['r/m, r', '85 /r', ''],
    ['r/m, id', 'F7 /0 id', ''],
    ['r8/m8, r8', '84 /r', ''],
    ['r8/m8, ib', 'F6 /0 ib', ''],
  ],
  inc: unary('FE', 'FF', 0),
  dec: unary('FE', 'FF', 1),
  not: unary('F6', 'F7', 2),
  neg: unary('F6', 'F7', 3),
  mul: unary('F6', 'F7', 4),
  div: unary('F6', 'F7', 6),
  idiv: unary('F6', 'F7', 7),
  imul: [
    ...unary('F6', 'F7', 5),
    ['r, r/m', '0F AF /r', ''],
    ['r, r/m, ibs', '6B /r ib', ''],
    ['r, r/m, id', '69 /r id', ''],
  ],
  rol: shift(0),
  ror: shift(1),
  shl: shift(4),
  shr: shift(5),
  sar: shift(7),
  rcl: shift(2),
  rcr: shift(3),
  shld: doubleShift('A4', 'A5'),
  shrd: doubleShift('AC', 'AD'),
  bt: bit('A3', 4),
  bts: bit('AB', 5),
  btr: bit('B3', 6),
  btc: bit('BB', 7),
  xchg: exchange('86', '87'),
  cmpxchg: exchange('0F B0', '0F B1'),
  xadd: exchange('0F C0', '0F C1'),
  cmpxchg8b: [['m64', '0F C7 /1', '']],
  cmpxchg16b: [['m128', 'REX.W 0F C7 /1', 'cmpxchg16b']],
  movzx: extension('B6', 'B7'),
  movsx: extension('BE', 'BF'),
  movsxd: [['r64, r32/m32', 'REX.W 63 /r', '']],
  bsf: count('0F BC /r', ''),
  bsr: count('0F BD /r', ''),
  popcnt: count('F3 0F B8 /r', 'popcnt'),
  tzcnt: count('F3 0F BC /r', 'bmi1'),
  lzcnt: count('F3 0F BD /r', 'lzcnt'),
  crc32: [
    ['r32, r8/m8', 'F2 0F 38 F0 /r', 'sse4.2'],
    ['r32, r16/m16', '66 F2 0F 38 F1 /r', 'sse4.2'],
    ['r32, r32/m32', 'F2 0F 38 F1 /r', 'sse4.2'],
    ['r64, r8/m8', 'F2 REX.W 0F 38 F0 /r', 'sse4.2'],
    ['r64, r64/m64', 'F2 REX.W 0F 38 F1 /r', 'sse4.2'],
  ],
  movbe: [
    ['r, m', '0F 38 F0 /r', 'movbe'],
    ['m, r', '0F 38 F1 /r', 'movbe'],
    ['r16, m16', '66 0F 38 F0 /r', 'movbe'],
    ['m16, r16', '66 0F 38 F1 /r', 'movbe'],
  ],
  bswap: [['r', '0F C8+r', '']],
  adcx: count('66 0F 38 F6 /r', 'adx'),
  adox: count('F3 0F 38 F6 /r', 'adx'),
  blsr: count('VEX.0F38 F3 /1', 'bmi1'),
  blsmsk: count('VEX.0F38 F3 /2', 'bmi1'),
  blsi: count('VEX.0F38 F3 /3', 'bmi1'),
  andn: beforeLast('0F38 F2', 'bmi1'),
  pext: beforeLast('F3.0F38 F5', 'bmi2'),
  pdep: beforeLast('F2.0F38 F5', 'bmi2'),
  mulx: beforeLast('F2.0F38 F6', 'bmi2'),
  bextr: byRegister('0F38 F7', 'bmi1'),
  bzhi: byRegister('0F38 F5', 'bmi2'),
  shlx: byRegister('66.0F38 F7', 'bmi2'),
  sarx: byRegister('F3.0F38 F7', 'bmi2'),
  shrx: byRegister('F2.0F38 F7', 'bmi2'),
  rorx: [['r, r/m, ib', 'VEX.F2.0F3A F0 /r ib', 'bmi2']],
  push: [
    ['r64', '50+r', ''],
    ['m64', 'FF /6', ''],
    ['ibs', '6A ib', ''],
    ['ids', '68 id', ''],
  ],
  pop: [
    ['r64', '58+r', ''],
    ['m64', '8F /0', ''],
  ],
  call: [
    ['rel32', 'E8 cd', ''],
    ['r64/m64', 'FF /2', ''],
  ],
  jmp: [
    ['rel8', 'EB cb', ''],
    ['rel32', 'E9 cd', ''],
    ['r64/m64', 'FF /4', ''],
  ],
  cdq: alone('99'),
  cqo: alone('REX.W 99'),
  cdqe: alone('REX.W 98'),
  ret: alone('C3'),
  leave: alone('C9'),
  int3: alone('CC'),
  ud2: alone('0F 0B'),
  endbr64: alone('F3 0F 1E FA'),
  cld: alone('FC'),
  std: alone('FD'),
  clc: alone('F8'),
  stc: alone('F9'),
  cmc: alone('F5'),
  pushfq: alone('9C'),
  popfq: alone('9D'),
  nop: [
    ['', '90', ''],
    ['m32', '0F 1F /0', ''],
  ],
  pause: alone('F3 90'),
  cpuid: alone('0F A2'),
  rdtsc: alone('0F 31'),
  rdtscp: [['', '0F 01 F9', 'rdtscp']],
  fxsave64: [['mem', 'REX.W 0F AE /0', '']],
  fxrstor64: [['mem', 'REX.W 0F AE /1', '']],
  lfence: alone('0F AE E8'),
  mfence: alone('0F AE F0'),
  sfence: alone('0F AE F8'),
  movnti: [
    ['m32, r32', '0F C3 /r', ''],
    ['m64, r64', 'REX.W 0F C3 /r', ''],
  ],
  prefetchnta: [['m8', '0F 18 /0', '']],
  prefetcht0: [['m8', '0F 18 /1', '']],
  prefetcht1: [['m8', '0F 18 /2', '']],
  prefetcht2: [['m8', '0F 18 /3', '']],
  prefetchw: [['m8', '0F 0D /1', 'prfchw']],
} as const satisfies EncodingTable;

/** Integer instructions and control flow. */
export const general = [
  plain,
  conditional('j', jcc),
  conditional('set', setcc),
  conditional('cmov', cmovcc),
  strings('movs', 0xa4),
  strings('cmps', 0xa6),
  strings('stos', 0xaa),
  strings('lods', 0xac),
  strings('scas', 0xae),
] as const;
