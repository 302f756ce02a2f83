import {
  arithmetic,
  family,
  fromEighth,
  fromHalf,
  fromQuarter,
  indexed,
  logic,
  small,
  smallSse41,
  smallSsse3,
  smallUnary,
  toWords,
  unpacking,
} from './family.ts';
import { fma } from './fma.ts';
import type { EncodingTable } from './line.ts';

/** `destination = first op second` on elements of 64 bits; `head` is the encoding without its `W`. */
const packed64 = (head: string, opcode: string, feature = 'avx512f') =>
  [['v{kz}, v, v/m/b64', `EVEX.${head}.W1 ${opcode} /r`, feature]] as const;
const packed32 = (head: string, opcode: string, feature = 'avx512f') =>
  [['v{kz}, v, v/m/b32', `EVEX.${head}.W0 ${opcode} /r`, feature]] as const;
const packed64Immediate = (head: string, opcode: string, feature = 'avx512f') =>
  [['v{kz}, v, v/m/b64, ib', `EVEX.${head}.W1 ${opcode} /r ib`, feature]] as const;
const packed32Immediate = (head: string, opcode: string, feature = 'avx512f') =>
  [['v{kz}, v, v/m/b32, ib', `EVEX.${head}.W0 ${opcode} /r ib`, feature]] as const;
const unary64 = (head: string, opcode: string, feature = 'avx512f') =>
  [['v{kz}, v/m/b64', `EVEX.${head}.W1 ${opcode} /r`, feature]] as const;
const unary32 = (head: string, opcode: string, feature = 'avx512f') =>
  [['v{kz}, v/m/b32', `EVEX.${head}.W0 ${opcode} /r`, feature]] as const;
const unary64Immediate = (head: string, opcode: string, feature = 'avx512f') =>
  [['v{kz}, v/m/b64, ib', `EVEX.${head}.W1 ${opcode} /r ib`, feature]] as const;
const unary32Immediate = (head: string, opcode: string, feature = 'avx512f') =>
  [['v{kz}, v/m/b32, ib', `EVEX.${head}.W0 ${opcode} /r ib`, feature]] as const;
/** Elements of 8 and 16 bits, which have no broadcast; `encoding` is all of it. */
const packedSmall = (encoding: string) => [['v{kz}, v, v/m', `EVEX.${encoding} /r`, 'avx512bw']] as const;
const unarySmall = (encoding: string) => [['v{kz}, v/m', `EVEX.${encoding} /r`, 'avx512bw']] as const;
const packedSmallImmediate = (encoding: string) =>
  [['v{kz}, v, v/m, ib', `EVEX.${encoding} /r ib`, 'avx512bw']] as const;
const unarySmallImmediate = (encoding: string) =>
  [['v{kz}, v/m, ib', `EVEX.${encoding} /r ib`, 'avx512bw']] as const;
const compareSmall = (encoding: string) => [['k{k}, v, v/m', `EVEX.${encoding} /r`, 'avx512bw']] as const;
const compareSmallImmediate = (encoding: string) =>
  [['k{k}, v, v/m, ib', `EVEX.66.0F3A.${encoding} /r ib`, 'avx512bw']] as const;
const double = (head: string, opcode: string) =>
  [['xmm{kz}, xmm, xmm/m64', `EVEX.LIG.${head}.W1 ${opcode} /r`, 'avx512f']] as const;
const single = (head: string, opcode: string) =>
  [['xmm{kz}, xmm, xmm/m32', `EVEX.LIG.${head}.W0 ${opcode} /r`, 'avx512f']] as const;
const doubleImmediate = (head: string, opcode: string, feature = 'avx512f') =>
  [['xmm{kz}, xmm, xmm/m64, ib', `EVEX.LIG.${head}.W1 ${opcode} /r ib`, feature]] as const;
const singleImmediate = (head: string, opcode: string, feature = 'avx512f') =>
  [['xmm{kz}, xmm, xmm/m32, ib', `EVEX.LIG.${head}.W0 ${opcode} /r ib`, feature]] as const;
const move = (encoding: string, load: string, store: string, feature = 'avx512f') =>
  [
    ['v{kz}, v/m', `EVEX.${encoding} ${load} /r`, feature],
    ['m{k}, v', `EVEX.${encoding} ${store} /r`, feature],
  ] as const;
const compare64 = (head: string, opcode: string) =>
  [['k{k}, v, v/m/b64', `EVEX.${head}.W1 ${opcode} /r`, 'avx512f']] as const;
const compare32 = (head: string, opcode: string) =>
  [['k{k}, v, v/m/b32', `EVEX.${head}.W0 ${opcode} /r`, 'avx512f']] as const;
const compare64Immediate = (head: string, opcode: string) =>
  [['k{k}, v, v/m/b64, ib', `EVEX.${head}.W1 ${opcode} /r ib`, 'avx512f']] as const;
const compare32Immediate = (head: string, opcode: string) =>
  [['k{k}, v, v/m/b32, ib', `EVEX.${head}.W0 ${opcode} /r ib`, 'avx512f']] as const;
/** From elements of 64 bits to half as wide. */
const narrow64 = (head: string, opcode: string, feature = 'avx512f') =>
  [['h{kz}, v/m/b64', `EVEX.${head}.W1 ${opcode} /r`, feature]] as const;
const widen32 = (head: string, opcode: string, feature = 'avx512f') =>
  [['v{kz}, h/mh/b32', `EVEX.${head}.W0 ${opcode} /r`, feature]] as const;
const shift32 = (opcode: string, digit: number) =>
  [
    ['v{kz}, v, xmm/m128', `EVEX.66.0F.W0 ${opcode} /r`, 'avx512f'],
    ['v{kz}, v/m/b32, ib', `EVEX.66.0F.W0 72 /${digit} ib`, 'avx512f'],
  ] as const;
const shift64 = (opcode: string, immediateOpcode: string, digit: number) =>
  [
    ['v{kz}, v, xmm/m128', `EVEX.66.0F.W1 ${opcode} /r`, 'avx512f'],
    ['v{kz}, v/m/b64, ib', `EVEX.66.0F.W1 ${immediateOpcode} /${digit} ib`, 'avx512f'],
  ] as const;
const shift16 = (opcode: string, digit: number) =>
  [
    ['v{kz}, v, xmm/m128', `EVEX.66.0F.W0 ${opcode} /r`, 'avx512bw'],
    ['v{kz}, v/m, ib', `EVEX.66.0F.W0 71 /${digit} ib`, 'avx512bw'],
  ] as const;
const byteShift = (digit: number) => [['v, v/m, ib', `EVEX.66.0F.W0 73 /${digit} ib`, 'avx512bw']] as const;
/** Truncations: to a half, a quarter or an eighth. */
const toHalf = (opcode: string, feature = 'avx512f') =>
  [['h/mh{kz}, v', `EVEX.F3.0F38.W0 ${opcode} /r`, feature]] as const;
const toQuarter = (opcode: string) => [['xmm/mq{kz}, v', `EVEX.F3.0F38.W0 ${opcode} /r`, 'avx512f']] as const;
const toEighth = (opcode: string) => [['xmm/me{kz}, v', `EVEX.F3.0F38.W0 ${opcode} /r`, 'avx512f']] as const;
/** Extensions from a half, a quarter or an eighth. */
const extendHalf = (opcode: string, feature = 'avx512f') =>
  [['v{kz}, h/mh', `EVEX.66.0F38.W0 ${opcode} /r`, feature]] as const;
const extendQuarter = (opcode: string) =>
  [['v{kz}, xmm/mq', `EVEX.66.0F38.W0 ${opcode} /r`, 'avx512f']] as const;
const extendEighth = (opcode: string) =>
  [['v{kz}, xmm/me', `EVEX.66.0F38.W0 ${opcode} /r`, 'avx512f']] as const;
/** `ymm` and `zmm` only: there is nothing to permute across lanes in `xmm`. */
const permute64 = (opcode: string) =>
  [
    ['ymm{kz}, ymm, ymm/m256/b64', `EVEX.256.66.0F38.W1 ${opcode} /r`, 'avx512f'],
    ['zmm{kz}, zmm, zmm/m512/b64', `EVEX.512.66.0F38.W1 ${opcode} /r`, 'avx512f'],
  ] as const;
const permute32 = (opcode: string) =>
  [
    ['ymm{kz}, ymm, ymm/m256/b32', `EVEX.256.66.0F38.W0 ${opcode} /r`, 'avx512f'],
    ['zmm{kz}, zmm, zmm/m512/b32', `EVEX.512.66.0F38.W0 ${opcode} /r`, 'avx512f'],
  ] as const;
const permuteImmediate = (opcode: string) =>
  [
    ['ymm{kz}, ymm/m256/b64, ib', `EVEX.256.66.0F3A.W1 ${opcode} /r ib`, 'avx512f'],
    ['zmm{kz}, zmm/m512/b64, ib', `EVEX.512.66.0F3A.W1 ${opcode} /r ib`, 'avx512f'],
  ] as const;
const shuffle128 = (opcode: string) =>
  [
    ['ymm{kz}, ymm, ymm/m256/b64, ib', `EVEX.256.66.0F3A.W1 ${opcode} /r ib`, 'avx512f'],
    ['zmm{kz}, zmm, zmm/m512/b64, ib', `EVEX.512.66.0F3A.W1 ${opcode} /r ib`, 'avx512f'],
  ] as const;
const extract128 = (w: 0 | 1, opcode: string, feature: string) =>
  [
    ['xmm/m128{kz}, ymm, ib', `EVEX.256.66.0F3A.W${w} ${opcode} /r ib`, feature],
    ['xmm/m128{kz}, zmm, ib', `EVEX.512.66.0F3A.W${w} ${opcode} /r ib`, feature],
  ] as const;
const insert128 = (w: 0 | 1, opcode: string, feature: string) =>
  [
    ['ymm{kz}, ymm, xmm/m128, ib', `EVEX.256.66.0F3A.W${w} ${opcode} /r ib`, feature],
    ['zmm{kz}, zmm, xmm/m128, ib', `EVEX.512.66.0F3A.W${w} ${opcode} /r ib`, feature],
  ] as const;
const extract256 = (w: 0 | 1, opcode: string, feature: string) =>
  [['ymm/m256{kz}, zmm, ib', `EVEX.512.66.0F3A.W${w} ${opcode} /r ib`, feature]] as const;
const insert256 = (w: 0 | 1, opcode: string, feature: string) =>
  [['zmm{kz}, zmm, ymm/m256, ib', `EVEX.512.66.0F3A.W${w} ${opcode} /r ib`, feature]] as const;
const broadcast128 = (w: 0 | 1, opcode: string, feature: string) =>
  [
    ['ymm{kz}, m128', `EVEX.256.66.0F38.W${w} ${opcode} /r`, feature],
    ['zmm{kz}, m128', `EVEX.512.66.0F38.W${w} ${opcode} /r`, feature],
  ] as const;
const broadcast256 = (w: 0 | 1, opcode: string, feature: string) =>
  [['zmm{kz}, m256', `EVEX.512.66.0F38.W${w} ${opcode} /r`, feature]] as const;
const doubleToInteger = (opcode: string) =>
  [
    ['r32, xmm/m64', `EVEX.LIG.F2.0F.W0 ${opcode} /r`, 'avx512f'],
    ['r64, xmm/m64', `EVEX.LIG.F2.0F.W1 ${opcode} /r`, 'avx512f'],
  ] as const;
const singleToInteger = (opcode: string) =>
  [
    ['r32, xmm/m32', `EVEX.LIG.F3.0F.W0 ${opcode} /r`, 'avx512f'],
    ['r64, xmm/m32', `EVEX.LIG.F3.0F.W1 ${opcode} /r`, 'avx512f'],
  ] as const;
const fromInteger = (opcode: string, head: string) =>
  [
    ['xmm, xmm, r32/m32', `EVEX.LIG.${head}.W0 ${opcode} /r`, 'avx512f'],
    ['xmm, xmm, r64/m64', `EVEX.LIG.${head}.W1 ${opcode} /r`, 'avx512f'],
  ] as const;

/** Instructions on masks come for 8, 16, 32 and 64 bits; `lines` takes the fields that tell them apart. */
function masks<Name extends string, Lines>(
  name: Name,
  lines: (prefix: string, w: string, feature: string) => Lines,
  wordFeature = 'avx512f',
): Record<`${Name}${'b' | 'w' | 'd' | 'q'}`, Lines> {
  const family = {
    [`${name}b`]: lines('66.', 'W0', 'avx512dq'),
    [`${name}w`]: lines('', 'W0', wordFeature),
    [`${name}d`]: lines('66.', 'W1', 'avx512bw'),
    [`${name}q`]: lines('', 'W1', 'avx512bw'),
  };
  return family as Record<`${Name}${'b' | 'w' | 'd' | 'q'}`, Lines>;
}
const maskBinary = (opcode: string) => (prefix: string, w: string, feature: string) =>
  [['k, k, k', `VEX.256.${prefix}0F.${w} ${opcode} /r`, feature]] as const;
const maskUnary = (opcode: string) => (prefix: string, w: string, feature: string) =>
  [['k, k', `VEX.128.${prefix}0F.${w} ${opcode} /r`, feature]] as const;
const maskShift = (w: 0 | 1, opcode: string, feature: string) =>
  [['k, k, ib', `VEX.128.66.0F3A.W${w} ${opcode} /r ib`, feature]] as const;

const gather = (vector: 'v' | 'h', index: 'v' | 'h', encoding: string) =>
  [[`${vector}{k!}, [${index}]`, `EVEX.${encoding}`, 'avx512f']] as const;
const scatter = (vector: 'v' | 'h', index: 'v' | 'h', encoding: string) =>
  [[`[${index}]{k!}, ${vector}`, `EVEX.${encoding}`, 'avx512f']] as const;

const plain = {
  vmovapd: move('66.0F.W1', '28', '29'),
  vmovaps: move('0F.W0', '28', '29'),
  vmovupd: move('66.0F.W1', '10', '11'),
  vmovups: move('0F.W0', '10', '11'),
  vmovdqa32: move('66.0F.W0', '6F', '7F'),
  vmovdqa64: move('66.0F.W1', '6F', '7F'),
  vmovdqu8: move('F2.0F.W0', '6F', '7F', 'avx512bw'),
  vmovdqu16: move('F2.0F.W1', '6F', '7F', 'avx512bw'),
  vmovdqu32: move('F3.0F.W0', '6F', '7F'),
  vmovdqu64: move('F3.0F.W1', '6F', '7F'),
  vmovsd: [
    ['xmm{kz}, xmm, xmm', 'EVEX.LIG.F2.0F.W1 10 /r', 'avx512f'],
    ['xmm{kz}, m64', 'EVEX.LIG.F2.0F.W1 10 /r', 'avx512f'],
    ['m64{k}, xmm', 'EVEX.LIG.F2.0F.W1 11 /r', 'avx512f'],
  ],
  vmovss: [
    ['xmm{kz}, xmm, xmm', 'EVEX.LIG.F3.0F.W0 10 /r', 'avx512f'],
    ['xmm{kz}, m32', 'EVEX.LIG.F3.0F.W0 10 /r', 'avx512f'],
    ['m32{k}, xmm', 'EVEX.LIG.F3.0F.W0 11 /r', 'avx512f'],
  ],
  vmovd: [
    ['xmm, r32/m32', 'EVEX.LIG.66.0F.W0 6E /r', 'avx512f'],
    ['r32/m32, xmm', 'EVEX.LIG.66.0F.W0 7E /r', 'avx512f'],
  ],
  vmovq: [
    ['xmm, xmm/m64', 'EVEX.LIG.F3.0F.W1 7E /r', 'avx512f'],
    ['m64, xmm', 'EVEX.LIG.66.0F.W1 D6 /r', 'avx512f'],
    ['xmm, r64', 'EVEX.LIG.66.0F.W1 6E /r', 'avx512f'],
    ['r64/m64, xmm', 'EVEX.LIG.66.0F.W1 7E /r', 'avx512f'],
  ],
  vmovddup: [
    ['xmm{kz}, xmm/m64', 'EVEX.128.F2.0F.W1 12 /r', 'avx512f'],
    ['ymm{kz}, ymm/m256', 'EVEX.256.F2.0F.W1 12 /r', 'avx512f'],
    ['zmm{kz}, zmm/m512', 'EVEX.512.F2.0F.W1 12 /r', 'avx512f'],
  ],
  vmovlpd: [
    ['xmm, xmm, m64', 'EVEX.LIG.66.0F.W1 12 /r', 'avx512f'],
    ['m64, xmm', 'EVEX.LIG.66.0F.W1 13 /r', 'avx512f'],
  ],
  vmovhpd: [
    ['xmm, xmm, m64', 'EVEX.LIG.66.0F.W1 16 /r', 'avx512f'],
    ['m64, xmm', 'EVEX.LIG.66.0F.W1 17 /r', 'avx512f'],
  ],
  vmovhlps: [['xmm, xmm, xmm', 'EVEX.LIG.0F.W0 12 /r', 'avx512f']],
  vmovlhps: [['xmm, xmm, xmm', 'EVEX.LIG.0F.W0 16 /r', 'avx512f']],
  vmovntpd: [['m, v', 'EVEX.66.0F.W1 2B /r', 'avx512f']],
  vmovntps: [['m, v', 'EVEX.0F.W0 2B /r', 'avx512f']],
  vmovntdq: [['m, v', 'EVEX.66.0F.W0 E7 /r', 'avx512f']],
  vcompresspd: [['v/m{kz}, v', 'EVEX.66.0F38.W1 8A /r N8', 'avx512f']],
  vcompressps: [['v/m{kz}, v', 'EVEX.66.0F38.W0 8A /r N4', 'avx512f']],
  vpcompressd: [['v/m{kz}, v', 'EVEX.66.0F38.W0 8B /r N4', 'avx512f']],
  vpcompressq: [['v/m{kz}, v', 'EVEX.66.0F38.W1 8B /r N8', 'avx512f']],
  vexpandpd: [['v{kz}, v/m', 'EVEX.66.0F38.W1 88 /r N8', 'avx512f']],
  vexpandps: [['v{kz}, v/m', 'EVEX.66.0F38.W0 88 /r N4', 'avx512f']],

  vsqrtsd: double('F2.0F', '51'),
  vsqrtss: single('F3.0F', '51'),
  vsqrtpd: unary64('66.0F', '51'),
  vsqrtps: unary32('0F', '51'),

  vucomisd: [['xmm, xmm/m64', 'EVEX.LIG.66.0F.W1 2E /r', 'avx512f']],
  vcomisd: [['xmm, xmm/m64', 'EVEX.LIG.66.0F.W1 2F /r', 'avx512f']],
  vucomiss: [['xmm, xmm/m32', 'EVEX.LIG.0F.W0 2E /r', 'avx512f']],
  vcomiss: [['xmm, xmm/m32', 'EVEX.LIG.0F.W0 2F /r', 'avx512f']],
  vcmppd: compare64Immediate('66.0F', 'C2'),
  vcmpps: compare32Immediate('0F', 'C2'),
  vcmpsd: [['k{k}, xmm, xmm/m64, ib', 'EVEX.LIG.F2.0F.W1 C2 /r ib', 'avx512f']],
  vcmpss: [['k{k}, xmm, xmm/m32, ib', 'EVEX.LIG.F3.0F.W0 C2 /r ib', 'avx512f']],
  vfpclasspd: [['k{k}, v/m/b64, ib', 'EVEX.66.0F3A.W1 66 /r ib', 'avx512dq']],
  vfpclassps: [['k{k}, v/m/b32, ib', 'EVEX.66.0F3A.W0 66 /r ib', 'avx512dq']],
  vfpclasssd: [['k{k}, xmm/m64, ib', 'EVEX.LIG.66.0F3A.W1 67 /r ib', 'avx512dq']],
  vfpclassss: [['k{k}, xmm/m32, ib', 'EVEX.LIG.66.0F3A.W0 67 /r ib', 'avx512dq']],

  vrndscalepd: unary64Immediate('66.0F3A', '09'),
  vrndscaleps: unary32Immediate('66.0F3A', '08'),
  vrndscalesd: doubleImmediate('66.0F3A', '0B'),
  vrndscaless: singleImmediate('66.0F3A', '0A'),
  vreducepd: unary64Immediate('66.0F3A', '56', 'avx512dq'),
  vreducesd: doubleImmediate('66.0F3A', '57', 'avx512dq'),
  vrangepd: packed64Immediate('66.0F3A', '50', 'avx512dq'),
  vrangesd: doubleImmediate('66.0F3A', '51', 'avx512dq'),
  vgetexppd: unary64('66.0F38', '42'),
  vgetexpps: unary32('66.0F38', '42'),
  vgetexpsd: double('66.0F38', '43'),
  vgetexpss: single('66.0F38', '43'),
  vgetmantpd: unary64Immediate('66.0F3A', '26'),
  vgetmantps: unary32Immediate('66.0F3A', '26'),
  vgetmantsd: doubleImmediate('66.0F3A', '27'),
  vgetmantss: singleImmediate('66.0F3A', '27'),
  vscalefpd: packed64('66.0F38', '2C'),
  vscalefps: packed32('66.0F38', '2C'),
  vscalefsd: double('66.0F38', '2D'),
  vscalefss: single('66.0F38', '2D'),
  vfixupimmpd: packed64Immediate('66.0F3A', '54'),
  vfixupimmsd: doubleImmediate('66.0F3A', '55'),
  vrcp14pd: unary64('66.0F38', '4C'),
  vrcp14ps: unary32('66.0F38', '4C'),
  vrsqrt14pd: unary64('66.0F38', '4E'),
  vrsqrt14ps: unary32('66.0F38', '4E'),

  vcvtsd2si: doubleToInteger('2D'),
  vcvttsd2si: doubleToInteger('2C'),
  vcvtss2si: singleToInteger('2D'),
  vcvttss2si: singleToInteger('2C'),
  vcvtsd2usi: doubleToInteger('79'),
  vcvttsd2usi: doubleToInteger('78'),
  vcvtsi2sd: fromInteger('2A', 'F2.0F'),
  vcvtsi2ss: fromInteger('2A', 'F3.0F'),
  vcvtusi2sd: fromInteger('7B', 'F2.0F'),
  vcvtusi2ss: fromInteger('7B', 'F3.0F'),
  vcvtsd2ss: double('F2.0F', '5A'),
  vcvtss2sd: single('F3.0F', '5A'),
  vcvtpd2qq: unary64('66.0F', '7B', 'avx512dq'),
  vcvttpd2qq: unary64('66.0F', '7A', 'avx512dq'),
  vcvtpd2uqq: unary64('66.0F', '79', 'avx512dq'),
  vcvttpd2uqq: unary64('66.0F', '78', 'avx512dq'),
  vcvtqq2pd: unary64('F3.0F', 'E6', 'avx512dq'),
  vcvtuqq2pd: unary64('F3.0F', '7A', 'avx512dq'),
  vcvtps2qq: widen32('66.0F', '7B', 'avx512dq'),
  vcvttps2qq: widen32('66.0F', '7A', 'avx512dq'),
  vcvtqq2ps: narrow64('0F', '5B', 'avx512dq'),
  vcvtuqq2ps: narrow64('F2.0F', '7A', 'avx512dq'),
  vcvtpd2dq: narrow64('F2.0F', 'E6'),
  vcvttpd2dq: narrow64('66.0F', 'E6'),
  vcvtpd2udq: narrow64('0F', '79'),
  vcvttpd2udq: narrow64('0F', '78'),
  vcvtpd2ps: narrow64('66.0F', '5A'),
  vcvtdq2pd: widen32('F3.0F', 'E6'),
  vcvtudq2pd: widen32('F3.0F', '7A'),
  vcvtps2pd: widen32('0F', '5A'),
  vcvtdq2ps: unary32('0F', '5B'),
  vcvtudq2ps: unary32('F2.0F', '7A'),
  vcvtps2dq: unary32('66.0F', '5B'),
  vcvttps2dq: unary32('F3.0F', '5B'),
  vcvtps2udq: unary32('0F', '79'),
  vcvttps2udq: unary32('0F', '78'),
  vcvtph2ps: [['v{kz}, h/mh', 'EVEX.66.0F38.W0 13 /r', 'avx512f']],
  vcvtps2ph: [['h/mh{kz}, v, ib', 'EVEX.66.0F3A.W0 1D /r ib', 'avx512f']],

  vblendmpd: packed64('66.0F38', '65'),
  vblendmps: packed32('66.0F38', '65'),
  vpblendmd: packed32('66.0F38', '64'),
  vpblendmq: packed64('66.0F38', '64'),
  vinsertps: [['xmm, xmm, xmm/m32, ib', 'EVEX.LIG.66.0F3A.W0 21 /r ib', 'avx512f']],
  vextractps: [['r32/m32, xmm, ib', 'EVEX.LIG.66.0F3A.W0 17 /r ib', 'avx512f']],
  vshufpd: packed64Immediate('66.0F', 'C6'),
  vshufps: packed32Immediate('0F', 'C6'),
  vshuff64x2: shuffle128('23'),
  vshufi64x2: shuffle128('43'),
  valignd: packed32Immediate('66.0F3A', '03'),
  valignq: packed64Immediate('66.0F3A', '03'),
  vpermilpd: [
    ['v{kz}, v, v/m/b64', 'EVEX.66.0F38.W1 0D /r', 'avx512f'],
    ['v{kz}, v/m/b64, ib', 'EVEX.66.0F3A.W1 05 /r ib', 'avx512f'],
  ],
  vpermilps: [
    ['v{kz}, v, v/m/b32', 'EVEX.66.0F38.W0 0C /r', 'avx512f'],
    ['v{kz}, v/m/b32, ib', 'EVEX.66.0F3A.W0 04 /r ib', 'avx512f'],
  ],
  vpermpd: [...permute64('16'), ...permuteImmediate('01')],
  vpermq: [...permute64('36'), ...permuteImmediate('00')],
  vpermps: permute32('16'),
  vpermd: permute32('36'),
  vpermi2pd: packed64('66.0F38', '77'),
  vpermi2ps: packed32('66.0F38', '77'),
  vpermi2d: packed32('66.0F38', '76'),
  vpermi2q: packed64('66.0F38', '76'),
  vpermt2pd: packed64('66.0F38', '7F'),
  vpermt2ps: packed32('66.0F38', '7F'),
  vpermt2d: packed32('66.0F38', '7E'),
  vpermt2q: packed64('66.0F38', '7E'),
  vextractf32x4: extract128(0, '19', 'avx512f'),
  vextractf64x2: extract128(1, '19', 'avx512dq'),
  vextracti32x4: extract128(0, '39', 'avx512f'),
  vextracti64x2: extract128(1, '39', 'avx512dq'),
  vextractf32x8: extract256(0, '1B', 'avx512dq'),
  vextractf64x4: extract256(1, '1B', 'avx512f'),
  vextracti32x8: extract256(0, '3B', 'avx512dq'),
  vextracti64x4: extract256(1, '3B', 'avx512f'),
  vinsertf32x4: insert128(0, '18', 'avx512f'),
  vinsertf64x2: insert128(1, '18', 'avx512dq'),
  vinserti32x4: insert128(0, '38', 'avx512f'),
  vinserti64x2: insert128(1, '38', 'avx512dq'),
  vinsertf32x8: insert256(0, '1A', 'avx512dq'),
  vinsertf64x4: insert256(1, '1A', 'avx512f'),
  vinserti32x8: insert256(0, '3A', 'avx512dq'),
  vinserti64x4: insert256(1, '3A', 'avx512f'),
  vbroadcastss: [['v{kz}, xmm/m32', 'EVEX.66.0F38.W0 18 /r', 'avx512f']],
  vbroadcastsd: [
    ['ymm{kz}, xmm/m64', 'EVEX.256.66.0F38.W1 19 /r', 'avx512f'],
    ['zmm{kz}, xmm/m64', 'EVEX.512.66.0F38.W1 19 /r', 'avx512f'],
  ],
  vbroadcastf32x4: broadcast128(0, '1A', 'avx512f'),
  vbroadcastf64x2: broadcast128(1, '1A', 'avx512dq'),
  vbroadcastf64x4: broadcast256(1, '1B', 'avx512f'),
  vbroadcasti32x4: broadcast128(0, '5A', 'avx512f'),
  vbroadcasti64x2: broadcast128(1, '5A', 'avx512dq'),
  vbroadcasti64x4: broadcast256(1, '5B', 'avx512f'),
  vpbroadcastb: [
    ['v{kz}, xmm/m8', 'EVEX.66.0F38.W0 78 /r', 'avx512bw'],
    ['v{kz}, r32', 'EVEX.66.0F38.W0 7A /r', 'avx512bw'],
  ],
  vpbroadcastw: [
    ['v{kz}, xmm/m16', 'EVEX.66.0F38.W0 79 /r', 'avx512bw'],
    ['v{kz}, r32', 'EVEX.66.0F38.W0 7B /r', 'avx512bw'],
  ],
  vpbroadcastd: [
    ['v{kz}, xmm/m32', 'EVEX.66.0F38.W0 58 /r', 'avx512f'],
    ['v{kz}, r32', 'EVEX.66.0F38.W0 7C /r', 'avx512f'],
  ],
  vpbroadcastq: [
    ['v{kz}, xmm/m64', 'EVEX.66.0F38.W1 59 /r', 'avx512f'],
    ['v{kz}, r64', 'EVEX.66.0F38.W1 7C /r', 'avx512f'],
  ],

  vpandd: packed32('66.0F', 'DB'),
  vpandq: packed64('66.0F', 'DB'),
  vpandnd: packed32('66.0F', 'DF'),
  vpandnq: packed64('66.0F', 'DF'),
  vpord: packed32('66.0F', 'EB'),
  vporq: packed64('66.0F', 'EB'),
  vpxord: packed32('66.0F', 'EF'),
  vpxorq: packed64('66.0F', 'EF'),
  vpternlogd: packed32Immediate('66.0F3A', '25'),
  vpternlogq: packed64Immediate('66.0F3A', '25'),
  vpaddd: packed32('66.0F', 'FE'),
  vpaddq: packed64('66.0F', 'D4'),
  vpsubd: packed32('66.0F', 'FA'),
  vpsubq: packed64('66.0F', 'FB'),
  vpmulld: packed32('66.0F38', '40'),
  vpmullq: packed64('66.0F38', '40', 'avx512dq'),
  vpmuludq: packed64('66.0F', 'F4'),
  vpminsd: packed32('66.0F38', '39'),
  vpminsq: packed64('66.0F38', '39'),
  vpmaxsd: packed32('66.0F38', '3D'),
  vpmaxsq: packed64('66.0F38', '3D'),
  vpminud: packed32('66.0F38', '3B'),
  vpminuq: packed64('66.0F38', '3B'),
  vpmaxud: packed32('66.0F38', '3F'),
  vpmaxuq: packed64('66.0F38', '3F'),
  vpabsd: unary32('66.0F38', '1E'),
  vpabsq: unary64('66.0F38', '1F'),
  vpsllw: shift16('F1', 6),
  vpsrlw: shift16('D1', 2),
  vpsraw: shift16('E1', 4),
  vpslldq: byteShift(7),
  vpsrldq: byteShift(3),
  vpslld: shift32('F2', 6),
  vpsrld: shift32('D2', 2),
  vpsrad: shift32('E2', 4),
  vpsllq: shift64('F3', '73', 6),
  vpsrlq: shift64('D3', '73', 2),
  vpsraq: shift64('E2', '72', 4),
  vpsllvd: packed32('66.0F38', '47'),
  vpsllvq: packed64('66.0F38', '47'),
  vpsrlvd: packed32('66.0F38', '45'),
  vpsrlvq: packed64('66.0F38', '45'),
  vpsravd: packed32('66.0F38', '46'),
  vpsravq: packed64('66.0F38', '46'),
  vprold: [['v{kz}, v/m/b32, ib', 'EVEX.66.0F.W0 72 /1 ib', 'avx512f']],
  vprolq: [['v{kz}, v/m/b64, ib', 'EVEX.66.0F.W1 72 /1 ib', 'avx512f']],
  vprord: [['v{kz}, v/m/b32, ib', 'EVEX.66.0F.W0 72 /0 ib', 'avx512f']],
  vprorq: [['v{kz}, v/m/b64, ib', 'EVEX.66.0F.W1 72 /0 ib', 'avx512f']],
  vplzcntd: unary32('66.0F38', '44', 'avx512cd'),
  vplzcntq: unary64('66.0F38', '44', 'avx512cd'),
  vpshufd: unary32Immediate('66.0F', '70'),
  vpunpckldq: packed32('66.0F', '62'),
  vpunpckhdq: packed32('66.0F', '6A'),
  vpunpcklqdq: packed64('66.0F', '6C'),
  vpunpckhqdq: packed64('66.0F', '6D'),
  vpsadbw: [['v, v, v/m', 'EVEX.66.0F.W0 F6 /r', 'avx512bw']],
  vpackssdw: packed32('66.0F', '6B', 'avx512bw'),
  vpackusdw: packed32('66.0F38', '2B', 'avx512bw'),
  vpmovwb: toHalf('30', 'avx512bw'),
  vpmovdb: toQuarter('31'),
  vpmovqb: toEighth('32'),
  vpmovdw: toHalf('33'),
  vpmovqw: toQuarter('34'),
  vpmovqd: toHalf('35'),
  vpmovswb: toHalf('20', 'avx512bw'),
  vpmovsdb: toQuarter('21'),
  vpmovsqb: toEighth('22'),
  vpmovsdw: toHalf('23'),
  vpmovsqw: toQuarter('24'),
  vpmovsqd: toHalf('25'),
  vpmovuswb: toHalf('10', 'avx512bw'),
  vpmovusdb: toQuarter('11'),
  vpmovusqb: toEighth('12'),
  vpmovusdw: toHalf('13'),
  vpmovusqw: toQuarter('14'),
  vpmovusqd: toHalf('15'),
  vpextrb: [['r32/m8, xmm, ib', 'EVEX.LIG.66.0F3A.W0 14 /r ib', 'avx512bw']],
  vpextrw: [
    ['r32, xmm, ib', 'EVEX.LIG.66.0F.W0 C5 /r ib', 'avx512bw'],
    ['m16, xmm, ib', 'EVEX.LIG.66.0F3A.W0 15 /r ib', 'avx512bw'],
  ],
  vpinsrb: [['xmm, xmm, r32/m8, ib', 'EVEX.LIG.66.0F3A.W0 20 /r ib', 'avx512bw']],
  vpinsrw: [['xmm, xmm, r32/m16, ib', 'EVEX.LIG.66.0F.W0 C4 /r ib', 'avx512bw']],
  vpextrd: [['r32/m32, xmm, ib', 'EVEX.LIG.66.0F3A.W0 16 /r ib', 'avx512dq']],
  vpextrq: [['r64/m64, xmm, ib', 'EVEX.LIG.66.0F3A.W1 16 /r ib', 'avx512dq']],
  vpinsrd: [['xmm, xmm, r32/m32, ib', 'EVEX.LIG.66.0F3A.W0 22 /r ib', 'avx512dq']],
  vpinsrq: [['xmm, xmm, r64/m64, ib', 'EVEX.LIG.66.0F3A.W1 22 /r ib', 'avx512dq']],

  vpcmpeqd: compare32('66.0F', '76'),
  vpcmpeqq: compare64('66.0F38', '29'),
  vpcmpgtd: compare32('66.0F', '66'),
  vpcmpgtq: compare64('66.0F38', '37'),
  vpcmpd: compare32Immediate('66.0F3A', '1F'),
  vpcmpq: compare64Immediate('66.0F3A', '1F'),
  vpcmpud: compare32Immediate('66.0F3A', '1E'),
  vpcmpuq: compare64Immediate('66.0F3A', '1E'),
  vptestmd: compare32('66.0F38', '27'),
  vptestmq: compare64('66.0F38', '27'),
  vptestnmd: compare32('F3.0F38', '27'),
  vptestnmq: compare64('F3.0F38', '27'),
  vpmovm2b: [['v, k', 'EVEX.F3.0F38.W0 28 /r', 'avx512bw']],
  vpmovm2w: [['v, k', 'EVEX.F3.0F38.W1 28 /r', 'avx512bw']],
  vpmovm2d: [['v, k', 'EVEX.F3.0F38.W0 38 /r', 'avx512dq']],
  vpmovm2q: [['v, k', 'EVEX.F3.0F38.W1 38 /r', 'avx512dq']],
  vpmovb2m: [['k, v', 'EVEX.F3.0F38.W0 29 /r', 'avx512bw']],
  vpmovw2m: [['k, v', 'EVEX.F3.0F38.W1 29 /r', 'avx512bw']],
  vpmovd2m: [['k, v', 'EVEX.F3.0F38.W0 39 /r', 'avx512dq']],
  vpmovq2m: [['k, v', 'EVEX.F3.0F38.W1 39 /r', 'avx512dq']],

  kmovb: [
    ['k, k/m8', 'VEX.66.0F.W0 90 /r', 'avx512dq'],
    ['m8, k', 'VEX.66.0F.W0 91 /r', 'avx512dq'],
    ['k, r32', 'VEX.66.0F.W0 92 /r', 'avx512dq'],
    ['r32, k', 'VEX.66.0F.W0 93 /r', 'avx512dq'],
  ],
  kmovw: [
    ['k, k/m16', 'VEX.0F.W0 90 /r', 'avx512f'],
    ['m16, k', 'VEX.0F.W0 91 /r', 'avx512f'],
    ['k, r32', 'VEX.0F.W0 92 /r', 'avx512f'],
    ['r32, k', 'VEX.0F.W0 93 /r', 'avx512f'],
  ],
  kmovd: [
    ['k, k/m32', 'VEX.66.0F.W1 90 /r', 'avx512bw'],
    ['m32, k', 'VEX.66.0F.W1 91 /r', 'avx512bw'],
    ['k, r32', 'VEX.F2.0F.W0 92 /r', 'avx512bw'],
    ['r32, k', 'VEX.F2.0F.W0 93 /r', 'avx512bw'],
  ],
  kmovq: [
    ['k, k/m64', 'VEX.0F.W1 90 /r', 'avx512bw'],
    ['m64, k', 'VEX.0F.W1 91 /r', 'avx512bw'],
    ['k, r64', 'VEX.F2.0F.W1 92 /r', 'avx512bw'],
    ['r64, k', 'VEX.F2.0F.W1 93 /r', 'avx512bw'],
  ],
  kshiftlb: maskShift(0, '32', 'avx512dq'),
  kshiftlw: maskShift(1, '32', 'avx512f'),
  kshiftld: maskShift(0, '33', 'avx512bw'),
  kshiftlq: maskShift(1, '33', 'avx512bw'),
  kshiftrb: maskShift(0, '30', 'avx512dq'),
  kshiftrw: maskShift(1, '30', 'avx512f'),
  kshiftrd: maskShift(0, '31', 'avx512bw'),
  kshiftrq: maskShift(1, '31', 'avx512bw'),
  kunpckwd: [['k, k, k', 'VEX.256.0F.W0 4B /r', 'avx512bw']],
  kunpckdq: [['k, k, k', 'VEX.256.0F.W1 4B /r', 'avx512bw']],
  kunpckbw: [['k, k, k', 'VEX.256.66.0F.W0 4B /r', 'avx512f']],
} as const satisfies EncodingTable;

/** AVX-512 F, DQ, BW, CD and VL: EVEX, and VEX for the masks. */
export const avx512 = [
  plain,
  family('v', arithmetic, (opcode) => double('F2.0F', opcode), 'sd'),
  family('v', arithmetic, (opcode) => single('F3.0F', opcode), 'ss'),
  family('v', `${arithmetic} ${unpacking}`, (opcode) => packed64('66.0F', opcode), 'pd'),
  family('v', `${arithmetic} ${unpacking}`, (opcode) => packed32('0F', opcode), 'ps'),
  family('v', logic, (opcode) => packed64('66.0F', opcode, 'avx512dq'), 'pd'),
  family('v', logic, (opcode) => packed32('0F', opcode, 'avx512dq'), 'ps'),
  family('vp', small, (opcode) => packedSmall(`66.0F.W0 ${opcode}`)),
  family('vp', `${smallSsse3} ${smallSse41}`, (opcode) => packedSmall(`66.0F38.W0 ${opcode}`)),
  family('vp', smallUnary, (opcode) => unarySmall(`66.0F38.W0 ${opcode}`)),
  family('vp', 'blendmb 66', (opcode) => packedSmall(`66.0F38.W0 ${opcode}`)),
  family('vp', 'srlvw 10 sravw 11 sllvw 12 blendmw 66 ermi2w 75 ermt2w 7D ermw 8D', (opcode) =>
    packedSmall(`66.0F38.W1 ${opcode}`),
  ),
  family('v', 'palignr 0F dbpsadbw 42', (opcode) => packedSmallImmediate(`66.0F3A.W0 ${opcode}`)),
  family('vpshuf', 'hw F3 lw F2', (prefix) => unarySmallImmediate(`${prefix}.0F.W0 70`)),
  family('vpcmp', 'eqb 74 eqw 75 gtb 64 gtw 65', (opcode) => compareSmall(`66.0F.W0 ${opcode}`)),
  family('vpcmp', 'b W0 w W1', (w) => compareSmallImmediate(`${w} 3F`)),
  family('vpcmpu', 'b W0 w W1', (w) => compareSmallImmediate(`${w} 3E`)),
  family('vptestm', 'b W0 w W1', (w) => compareSmall(`66.0F38.${w} 26`)),
  family('vptestnm', 'b W0 w W1', (w) => compareSmall(`F3.0F38.${w} 26`)),
  family('vpmov', toWords, (opcode) => extendHalf(opcode, 'avx512bw')),
  family('vpmov', fromHalf, extendHalf),
  family('vpmov', fromQuarter, extendQuarter),
  family('vpmov', fromEighth, extendEighth),
  indexed('gather', 0x90, gather),
  indexed('scatter', 0xa0, scatter),
  fma('pd', (opcode) => packed64('66.0F38', opcode)),
  fma('ps', (opcode) => packed32('66.0F38', opcode)),
  fma('sd', (opcode) => double('66.0F38', opcode)),
  fma('ss', (opcode) => single('66.0F38', opcode)),
  masks('kand', maskBinary('41')),
  masks('kandn', maskBinary('42')),
  masks('kor', maskBinary('45')),
  masks('kxnor', maskBinary('46')),
  masks('kxor', maskBinary('47')),
  masks('kadd', maskBinary('4A'), 'avx512dq'),
  masks('knot', maskUnary('44')),
  masks('kortest', maskUnary('98')),
  masks('ktest', maskUnary('99'), 'avx512dq'),
] as const;
