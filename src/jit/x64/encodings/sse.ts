import {
  arithmetic,
  family,
  fromEighth,
  fromHalf,
  fromQuarter,
  integers,
  integersSse41,
  logic,
  small,
  smallSse41,
  smallSsse3,
  smallUnary,
  toWords,
  unaryIntegers,
  unpacking,
} from './family.ts';
import type { EncodingTable } from './line.ts';

/** `destination = destination op source` on whole registers. */
const full = (encoding: string, feature = 'sse2') => [['xmm, xmm/m128', `${encoding} /r`, feature]] as const;
const fullImmediate = (encoding: string, feature = 'sse2') =>
  [['xmm, xmm/m128, ib', `${encoding} /r ib`, feature]] as const;
const double = (encoding: string, feature = 'sse2') => [['xmm, xmm/m64', `${encoding} /r`, feature]] as const;
const single = (encoding: string, feature = 'sse2') => [['xmm, xmm/m32', `${encoding} /r`, feature]] as const;
/** Shift by an immediate (`digit` of `opcode`) or by the low quadword of a register. */
const shift = (opcode: string, immediateOpcode: string, digit: number) =>
  [
    ['xmm, xmm/m128', `66 0F ${opcode} /r`, 'sse2'],
    ['xmm, ib', `66 0F ${immediateOpcode} /${digit} ib`, 'sse2'],
  ] as const;
/** A move of whole registers that loads and stores. */
const move = (prefix: string, load: string, store: string) =>
  [
    ['xmm, xmm/m128', `${prefix}0F ${load} /r`, 'sse2'],
    ['m128, xmm', `${prefix}0F ${store} /r`, 'sse2'],
  ] as const;
const extend = (opcode: string, memory: 16 | 32 | 64) => {
  const operands = `xmm, xmm/m${memory}` as 'xmm, xmm/m16' | 'xmm, xmm/m32' | 'xmm, xmm/m64';
  return [[operands, `66 0F 38 ${opcode} /r`, 'sse4.1']] as const;
};

const plain = {
  movapd: move('66 ', '28', '29'),
  movaps: move('', '28', '29'),
  movupd: move('66 ', '10', '11'),
  movups: move('', '10', '11'),
  movdqa: move('66 ', '6F', '7F'),
  movdqu: move('F3 ', '6F', '7F'),
  movsd: [
    ['xmm, xmm/m64', 'F2 0F 10 /r', 'sse2'],
    ['m64, xmm', 'F2 0F 11 /r', 'sse2'],
  ],
  movss: [
    ['xmm, xmm/m32', 'F3 0F 10 /r', 'sse2'],
    ['m32, xmm', 'F3 0F 11 /r', 'sse2'],
  ],
  movd: [
    ['xmm, r32/m32', '66 0F 6E /r', 'sse2'],
    ['r32/m32, xmm', '66 0F 7E /r', 'sse2'],
  ],
  movq: [
    ['xmm, xmm/m64', 'F3 0F 7E /r', 'sse2'],
    ['m64, xmm', '66 0F D6 /r', 'sse2'],
    ['xmm, r64', '66 REX.W 0F 6E /r', 'sse2'],
    ['r64/m64, xmm', '66 REX.W 0F 7E /r', 'sse2'],
  ],
  movlpd: [
    ['xmm, m64', '66 0F 12 /r', 'sse2'],
    ['m64, xmm', '66 0F 13 /r', 'sse2'],
  ],
  movhpd: [
    ['xmm, m64', '66 0F 16 /r', 'sse2'],
    ['m64, xmm', '66 0F 17 /r', 'sse2'],
  ],
  movhlps: [['xmm, xmm', '0F 12 /r', 'sse2']],
  movlhps: [['xmm, xmm', '0F 16 /r', 'sse2']],
  movddup: double('F2 0F 12', 'sse3'),
  movntpd: [['m128, xmm', '66 0F 2B /r', 'sse2']],
  movntps: [['m128, xmm', '0F 2B /r', 'sse2']],
  movntdq: [['m128, xmm', '66 0F E7 /r', 'sse2']],
  movmskpd: [['r32, xmm', '66 0F 50 /r', 'sse2']],
  movmskps: [['r32, xmm', '0F 50 /r', 'sse2']],
  pmovmskb: [['r32, xmm', '66 0F D7 /r', 'sse2']],

  sqrtsd: double('F2 0F 51'),
  sqrtss: single('F3 0F 51'),
  sqrtpd: full('66 0F 51'),
  sqrtps: full('0F 51'),
  haddpd: full('66 0F 7C', 'sse3'),
  haddps: full('F2 0F 7C', 'sse3'),

  ucomisd: double('66 0F 2E'),
  comisd: double('66 0F 2F'),
  ucomiss: single('0F 2E'),
  comiss: single('0F 2F'),
  cmpsd: [['xmm, xmm/m64, ib', 'F2 0F C2 /r ib', 'sse2']],
  cmpss: [['xmm, xmm/m32, ib', 'F3 0F C2 /r ib', 'sse2']],
  cmppd: fullImmediate('66 0F C2'),
  cmpps: fullImmediate('0F C2'),

  roundsd: [['xmm, xmm/m64, ib', '66 0F 3A 0B /r ib', 'sse4.1']],
  roundss: [['xmm, xmm/m32, ib', '66 0F 3A 0A /r ib', 'sse4.1']],
  roundpd: fullImmediate('66 0F 3A 09', 'sse4.1'),
  roundps: fullImmediate('66 0F 3A 08', 'sse4.1'),

  cvtsd2si: [['r, xmm/m64', 'F2 0F 2D /r', 'sse2']],
  cvttsd2si: [['r, xmm/m64', 'F2 0F 2C /r', 'sse2']],
  cvtss2si: [['r, xmm/m32', 'F3 0F 2D /r', 'sse2']],
  cvttss2si: [['r, xmm/m32', 'F3 0F 2C /r', 'sse2']],
  cvtsi2sd: [['xmm, r/m', 'F2 0F 2A /r', 'sse2']],
  cvtsi2ss: [['xmm, r/m', 'F3 0F 2A /r', 'sse2']],
  cvtsd2ss: double('F2 0F 5A'),
  cvtss2sd: single('F3 0F 5A'),
  cvtdq2pd: double('F3 0F E6'),
  cvtdq2ps: full('0F 5B'),
  cvttpd2dq: full('66 0F E6'),
  cvtpd2dq: full('F2 0F E6'),
  cvttps2dq: full('F3 0F 5B'),
  cvtps2dq: full('66 0F 5B'),
  cvtpd2ps: full('66 0F 5A'),
  cvtps2pd: double('0F 5A'),

  blendpd: fullImmediate('66 0F 3A 0D', 'sse4.1'),
  blendps: fullImmediate('66 0F 3A 0C', 'sse4.1'),
  blendvpd: [['xmm, xmm/m128, xmm0', '66 0F 38 15 /r', 'sse4.1']],
  blendvps: [['xmm, xmm/m128, xmm0', '66 0F 38 14 /r', 'sse4.1']],
  pblendvb: [['xmm, xmm/m128, xmm0', '66 0F 38 10 /r', 'sse4.1']],
  pblendw: fullImmediate('66 0F 3A 0E', 'sse4.1'),
  insertps: [['xmm, xmm/m32, ib', '66 0F 3A 21 /r ib', 'sse4.1']],
  extractps: [['r32/m32, xmm, ib', '66 0F 3A 17 /r ib', 'sse4.1']],
  ptest: full('66 0F 38 17', 'sse4.1'),

  shufpd: fullImmediate('66 0F C6'),
  shufps: fullImmediate('0F C6'),
  pshufd: fullImmediate('66 0F 70'),
  pshuflw: fullImmediate('F2 0F 70'),
  pshufhw: fullImmediate('F3 0F 70'),
  palignr: fullImmediate('66 0F 3A 0F', 'ssse3'),

  psllw: shift('F1', '71', 6),
  psrlw: shift('D1', '71', 2),
  psraw: shift('E1', '71', 4),
  pslld: shift('F2', '72', 6),
  psrld: shift('D2', '72', 2),
  psrad: shift('E2', '72', 4),
  psllq: shift('F3', '73', 6),
  psrlq: shift('D3', '73', 2),
  pslldq: [['xmm, ib', '66 0F 73 /7 ib', 'sse2']],
  psrldq: [['xmm, ib', '66 0F 73 /3 ib', 'sse2']],
  pextrb: [['r32/m8, xmm, ib', '66 0F 3A 14 /r ib', 'sse4.1']],
  pextrw: [
    ['r32, xmm, ib', '66 0F C5 /r ib', 'sse2'],
    ['m16, xmm, ib', '66 0F 3A 15 /r ib', 'sse4.1'],
  ],
  pextrd: [['r32/m32, xmm, ib', '66 0F 3A 16 /r ib', 'sse4.1']],
  pextrq: [['r64/m64, xmm, ib', '66 REX.W 0F 3A 16 /r ib', 'sse4.1']],
  pinsrb: [['xmm, r32/m8, ib', '66 0F 3A 20 /r ib', 'sse4.1']],
  pinsrw: [['xmm, r32/m16, ib', '66 0F C4 /r ib', 'sse2']],
  pinsrd: [['xmm, r32/m32, ib', '66 0F 3A 22 /r ib', 'sse4.1']],
  pinsrq: [['xmm, r64/m64, ib', '66 REX.W 0F 3A 22 /r ib', 'sse4.1']],
} as const satisfies EncodingTable;

/** SSE to SSE4.2 without VEX. */
export const sse = [
  plain,
  family('', arithmetic, (opcode) => double(`F2 0F ${opcode}`), 'sd'),
  family('', arithmetic, (opcode) => single(`F3 0F ${opcode}`), 'ss'),
  family('', `${arithmetic} ${logic} ${unpacking}`, (opcode) => full(`66 0F ${opcode}`), 'pd'),
  family('', `${arithmetic} ${logic} ${unpacking}`, (opcode) => full(`0F ${opcode}`), 'ps'),
  family('p', `${integers} ${small}`, (opcode) => full(`66 0F ${opcode}`)),
  family('p', smallSsse3, (opcode) => full(`66 0F 38 ${opcode}`, 'ssse3')),
  family('p', `${integersSse41} ${smallSse41}`, (opcode) => full(`66 0F 38 ${opcode}`, 'sse4.1')),
  family('p', 'cmpgtq 37', (opcode) => full(`66 0F 38 ${opcode}`, 'sse4.2')),
  family('p', `${unaryIntegers} ${smallUnary}`, (opcode) => full(`66 0F 38 ${opcode}`, 'ssse3')),
  family('pmov', `${toWords} ${fromHalf}`, (opcode) => extend(opcode, 64)),
  family('pmov', fromQuarter, (opcode) => extend(opcode, 32)),
  family('pmov', fromEighth, (opcode) => extend(opcode, 16)),
] as const;
