import {
  arithmetic,
  family,
  fromEighth,
  fromHalf,
  fromQuarter,
  indexed,
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
import { fma } from './fma.ts';
import type { EncodingTable } from './line.ts';

/** `destination = first op second`, whole registers. */
const full = (encoding: string, feature = 'avx') => [['v, v, v/m', `VEX.${encoding} /r`, feature]] as const;
const fullImmediate = (encoding: string, feature = 'avx') =>
  [['v, v, v/m, ib', `VEX.${encoding} /r ib`, feature]] as const;
/** Integer instructions came to 128 bits with AVX and to 256 with AVX2. */
const integer = (encoding: string) =>
  [
    ['xmm, xmm, xmm/m128', `VEX.128.${encoding} /r`, 'avx'],
    ['ymm, ymm, ymm/m256', `VEX.256.${encoding} /r`, 'avx2'],
  ] as const;
const integerUnary = (encoding: string) =>
  [
    ['xmm, xmm/m128', `VEX.128.${encoding} /r`, 'avx'],
    ['ymm, ymm/m256', `VEX.256.${encoding} /r`, 'avx2'],
  ] as const;
const integerImmediate = (encoding: string) =>
  [
    ['xmm, xmm, xmm/m128, ib', `VEX.128.${encoding} /r ib`, 'avx'],
    ['ymm, ymm, ymm/m256, ib', `VEX.256.${encoding} /r ib`, 'avx2'],
  ] as const;
const integerShuffle = (encoding: string) =>
  [
    ['xmm, xmm/m128, ib', `VEX.128.${encoding} /r ib`, 'avx'],
    ['ymm, ymm/m256, ib', `VEX.256.${encoding} /r ib`, 'avx2'],
  ] as const;
const unary = (encoding: string, feature = 'avx') => [['v, v/m', `VEX.${encoding} /r`, feature]] as const;
const double = (encoding: string, feature = 'avx') =>
  [['xmm, xmm, xmm/m64', `VEX.${encoding} /r`, feature]] as const;
const single = (encoding: string, feature = 'avx') =>
  [['xmm, xmm, xmm/m32', `VEX.${encoding} /r`, feature]] as const;
const move = (encoding: string, load: string, store: string) =>
  [
    ['v, v/m', `VEX.${encoding} ${load} /r`, 'avx'],
    ['m, v', `VEX.${encoding} ${store} /r`, 'avx'],
  ] as const;
const shift = (opcode: string, immediateOpcode: string, digit: number) =>
  [
    ['xmm, xmm, xmm/m128', `VEX.128.66.0F.WIG ${opcode} /r`, 'avx'],
    ['xmm, xmm, ib', `VEX.128.66.0F.WIG ${immediateOpcode} /${digit} ib`, 'avx'],
    ['ymm, ymm, xmm/m128', `VEX.256.66.0F.WIG ${opcode} /r`, 'avx2'],
    ['ymm, ymm, ib', `VEX.256.66.0F.WIG ${immediateOpcode} /${digit} ib`, 'avx2'],
  ] as const;
const byteShift = (digit: number) =>
  [
    ['xmm, xmm, ib', `VEX.128.66.0F.WIG 73 /${digit} ib`, 'avx'],
    ['ymm, ymm, ib', `VEX.256.66.0F.WIG 73 /${digit} ib`, 'avx2'],
  ] as const;
const extendHalf = (opcode: string) =>
  [
    ['xmm, xmm/m64', `VEX.128.66.0F38.WIG ${opcode} /r`, 'avx'],
    ['ymm, xmm/m128', `VEX.256.66.0F38.WIG ${opcode} /r`, 'avx2'],
  ] as const;
const extendQuarter = (opcode: string) =>
  [
    ['xmm, xmm/m32', `VEX.128.66.0F38.WIG ${opcode} /r`, 'avx'],
    ['ymm, xmm/m64', `VEX.256.66.0F38.WIG ${opcode} /r`, 'avx2'],
  ] as const;
const extendEighth = (opcode: string) =>
  [
    ['xmm, xmm/m16', `VEX.128.66.0F38.WIG ${opcode} /r`, 'avx'],
    ['ymm, xmm/m32', `VEX.256.66.0F38.WIG ${opcode} /r`, 'avx2'],
  ] as const;

/** The mask is a vector register: the sign of each of its lanes. */
const gather = (vector: 'v' | 'h', index: 'v' | 'h', encoding: string) =>
  [[`${vector}, [${index}], ${vector}`, `VEX.${encoding}`, 'avx2']] as const;

const plain = {
  vmovapd: move('66.0F.WIG', '28', '29'),
  vmovaps: move('0F.WIG', '28', '29'),
  vmovupd: move('66.0F.WIG', '10', '11'),
  vmovups: move('0F.WIG', '10', '11'),
  vmovdqa: move('66.0F.WIG', '6F', '7F'),
  vmovdqu: move('F3.0F.WIG', '6F', '7F'),
  vmovsd: [
    ['xmm, xmm, xmm', 'VEX.F2.0F.WIG 10 /r', 'avx'],
    ['xmm, m64', 'VEX.F2.0F.WIG 10 /r', 'avx'],
    ['m64, xmm', 'VEX.F2.0F.WIG 11 /r', 'avx'],
  ],
  vmovss: [
    ['xmm, xmm, xmm', 'VEX.F3.0F.WIG 10 /r', 'avx'],
    ['xmm, m32', 'VEX.F3.0F.WIG 10 /r', 'avx'],
    ['m32, xmm', 'VEX.F3.0F.WIG 11 /r', 'avx'],
  ],
  vmovd: [
    ['xmm, r32/m32', 'VEX.66.0F.W0 6E /r', 'avx'],
    ['r32/m32, xmm', 'VEX.66.0F.W0 7E /r', 'avx'],
  ],
  vmovq: [
    ['xmm, xmm/m64', 'VEX.F3.0F.WIG 7E /r', 'avx'],
    ['m64, xmm', 'VEX.66.0F.WIG D6 /r', 'avx'],
    ['xmm, r64', 'VEX.66.0F.W1 6E /r', 'avx'],
    ['r64/m64, xmm', 'VEX.66.0F.W1 7E /r', 'avx'],
  ],
  vmovlpd: [
    ['xmm, xmm, m64', 'VEX.66.0F.WIG 12 /r', 'avx'],
    ['m64, xmm', 'VEX.66.0F.WIG 13 /r', 'avx'],
  ],
  vmovhpd: [
    ['xmm, xmm, m64', 'VEX.66.0F.WIG 16 /r', 'avx'],
    ['m64, xmm', 'VEX.66.0F.WIG 17 /r', 'avx'],
  ],
  vmovhlps: [['xmm, xmm, xmm', 'VEX.0F.WIG 12 /r', 'avx']],
  vmovlhps: [['xmm, xmm, xmm', 'VEX.0F.WIG 16 /r', 'avx']],
  vmovddup: [
    ['xmm, xmm/m64', 'VEX.128.F2.0F.WIG 12 /r', 'avx'],
    ['ymm, ymm/m256', 'VEX.256.F2.0F.WIG 12 /r', 'avx'],
  ],
  vmovntpd: [['m, v', 'VEX.66.0F.WIG 2B /r', 'avx']],
  vmovntps: [['m, v', 'VEX.0F.WIG 2B /r', 'avx']],
  vmovntdq: [['m, v', 'VEX.66.0F.WIG E7 /r', 'avx']],
  vmovmskpd: [['r32, v', 'VEX.66.0F.WIG 50 /r', 'avx']],
  vmovmskps: [['r32, v', 'VEX.0F.WIG 50 /r', 'avx']],
  vpmovmskb: [
    ['r32, xmm', 'VEX.128.66.0F.WIG D7 /r', 'avx'],
    ['r32, ymm', 'VEX.256.66.0F.WIG D7 /r', 'avx2'],
  ],

  vsqrtsd: double('F2.0F.WIG 51'),
  vsqrtss: single('F3.0F.WIG 51'),
  vsqrtpd: unary('66.0F.WIG 51'),
  vsqrtps: unary('0F.WIG 51'),
  vhaddpd: full('66.0F.WIG 7C'),
  vhaddps: full('F2.0F.WIG 7C'),

  vucomisd: [['xmm, xmm/m64', 'VEX.66.0F.WIG 2E /r', 'avx']],
  vcomisd: [['xmm, xmm/m64', 'VEX.66.0F.WIG 2F /r', 'avx']],
  vucomiss: [['xmm, xmm/m32', 'VEX.0F.WIG 2E /r', 'avx']],
  vcomiss: [['xmm, xmm/m32', 'VEX.0F.WIG 2F /r', 'avx']],
  vcmpsd: [['xmm, xmm, xmm/m64, ib', 'VEX.F2.0F.WIG C2 /r ib', 'avx']],
  vcmpss: [['xmm, xmm, xmm/m32, ib', 'VEX.F3.0F.WIG C2 /r ib', 'avx']],
  vcmppd: fullImmediate('66.0F.WIG C2'),
  vcmpps: fullImmediate('0F.WIG C2'),
  vtestpd: unary('66.0F38.W0 0F'),
  vtestps: unary('66.0F38.W0 0E'),
  vptest: unary('66.0F38.WIG 17'),

  vroundsd: [['xmm, xmm, xmm/m64, ib', 'VEX.66.0F3A.WIG 0B /r ib', 'avx']],
  vroundss: [['xmm, xmm, xmm/m32, ib', 'VEX.66.0F3A.WIG 0A /r ib', 'avx']],
  vroundpd: [['v, v/m, ib', 'VEX.66.0F3A.WIG 09 /r ib', 'avx']],
  vroundps: [['v, v/m, ib', 'VEX.66.0F3A.WIG 08 /r ib', 'avx']],

  vcvtsd2si: [
    ['r32, xmm/m64', 'VEX.F2.0F.W0 2D /r', 'avx'],
    ['r64, xmm/m64', 'VEX.F2.0F.W1 2D /r', 'avx'],
  ],
  vcvttsd2si: [
    ['r32, xmm/m64', 'VEX.F2.0F.W0 2C /r', 'avx'],
    ['r64, xmm/m64', 'VEX.F2.0F.W1 2C /r', 'avx'],
  ],
  vcvtss2si: [
    ['r32, xmm/m32', 'VEX.F3.0F.W0 2D /r', 'avx'],
    ['r64, xmm/m32', 'VEX.F3.0F.W1 2D /r', 'avx'],
  ],
  vcvttss2si: [
    ['r32, xmm/m32', 'VEX.F3.0F.W0 2C /r', 'avx'],
    ['r64, xmm/m32', 'VEX.F3.0F.W1 2C /r', 'avx'],
  ],
  vcvtsi2sd: [
    ['xmm, xmm, r32/m32', 'VEX.F2.0F.W0 2A /r', 'avx'],
    ['xmm, xmm, r64/m64', 'VEX.F2.0F.W1 2A /r', 'avx'],
  ],
  vcvtsi2ss: [
    ['xmm, xmm, r32/m32', 'VEX.F3.0F.W0 2A /r', 'avx'],
    ['xmm, xmm, r64/m64', 'VEX.F3.0F.W1 2A /r', 'avx'],
  ],
  vcvtsd2ss: double('F2.0F.WIG 5A'),
  vcvtss2sd: single('F3.0F.WIG 5A'),
  vcvtdq2pd: [['v, h/mh', 'VEX.F3.0F.WIG E6 /r', 'avx']],
  vcvtps2pd: [['v, h/mh', 'VEX.0F.WIG 5A /r', 'avx']],
  vcvtdq2ps: unary('0F.WIG 5B'),
  vcvttpd2dq: [['h, v/m', 'VEX.66.0F.WIG E6 /r', 'avx']],
  vcvtpd2dq: [['h, v/m', 'VEX.F2.0F.WIG E6 /r', 'avx']],
  vcvtpd2ps: [['h, v/m', 'VEX.66.0F.WIG 5A /r', 'avx']],
  vcvttps2dq: unary('F3.0F.WIG 5B'),
  vcvtps2dq: unary('66.0F.WIG 5B'),
  vcvtph2ps: [['v, h/mh', 'VEX.66.0F38.W0 13 /r', 'f16c']],
  vcvtps2ph: [['h/mh, v, ib', 'VEX.66.0F3A.W0 1D /r ib', 'f16c']],

  vblendpd: fullImmediate('66.0F3A.WIG 0D'),
  vblendps: fullImmediate('66.0F3A.WIG 0C'),
  vpblendd: fullImmediate('66.0F3A.W0 02', 'avx2'),
  vblendvpd: [['v, v, v/m, v', 'VEX.66.0F3A.W0 4B /r /is4', 'avx']],
  vblendvps: [['v, v, v/m, v', 'VEX.66.0F3A.W0 4A /r /is4', 'avx']],
  vpblendvb: [
    ['xmm, xmm, xmm/m128, xmm', 'VEX.128.66.0F3A.W0 4C /r /is4', 'avx'],
    ['ymm, ymm, ymm/m256, ymm', 'VEX.256.66.0F3A.W0 4C /r /is4', 'avx2'],
  ],
  vinsertps: [['xmm, xmm, xmm/m32, ib', 'VEX.66.0F3A.WIG 21 /r ib', 'avx']],
  vextractps: [['r32/m32, xmm, ib', 'VEX.66.0F3A.WIG 17 /r ib', 'avx']],

  vshufpd: fullImmediate('66.0F.WIG C6'),
  vshufps: fullImmediate('0F.WIG C6'),
  vpermilpd: [
    ['v, v, v/m', 'VEX.66.0F38.W0 0D /r', 'avx'],
    ['v, v/m, ib', 'VEX.66.0F3A.W0 05 /r ib', 'avx'],
  ],
  vpermilps: [
    ['v, v, v/m', 'VEX.66.0F38.W0 0C /r', 'avx'],
    ['v, v/m, ib', 'VEX.66.0F3A.W0 04 /r ib', 'avx'],
  ],
  vpermpd: [['ymm, ymm/m256, ib', 'VEX.256.66.0F3A.W1 01 /r ib', 'avx2']],
  vpermq: [['ymm, ymm/m256, ib', 'VEX.256.66.0F3A.W1 00 /r ib', 'avx2']],
  vpermd: [['ymm, ymm, ymm/m256', 'VEX.256.66.0F38.W0 36 /r', 'avx2']],
  vpermps: [['ymm, ymm, ymm/m256', 'VEX.256.66.0F38.W0 16 /r', 'avx2']],
  vperm2f128: [['ymm, ymm, ymm/m256, ib', 'VEX.256.66.0F3A.W0 06 /r ib', 'avx']],
  vperm2i128: [['ymm, ymm, ymm/m256, ib', 'VEX.256.66.0F3A.W0 46 /r ib', 'avx2']],
  vextractf128: [['xmm/m128, ymm, ib', 'VEX.256.66.0F3A.W0 19 /r ib', 'avx']],
  vextracti128: [['xmm/m128, ymm, ib', 'VEX.256.66.0F3A.W0 39 /r ib', 'avx2']],
  vinsertf128: [['ymm, ymm, xmm/m128, ib', 'VEX.256.66.0F3A.W0 18 /r ib', 'avx']],
  vinserti128: [['ymm, ymm, xmm/m128, ib', 'VEX.256.66.0F3A.W0 38 /r ib', 'avx2']],
  vbroadcastss: [
    ['v, m32', 'VEX.66.0F38.W0 18 /r', 'avx'],
    ['v, xmm', 'VEX.66.0F38.W0 18 /r', 'avx2'],
  ],
  vbroadcastsd: [
    ['ymm, m64', 'VEX.256.66.0F38.W0 19 /r', 'avx'],
    ['ymm, xmm', 'VEX.256.66.0F38.W0 19 /r', 'avx2'],
  ],
  vbroadcastf128: [['ymm, m128', 'VEX.256.66.0F38.W0 1A /r', 'avx']],
  vbroadcasti128: [['ymm, m128', 'VEX.256.66.0F38.W0 5A /r', 'avx2']],
  vpbroadcastb: [['v, xmm/m8', 'VEX.66.0F38.W0 78 /r', 'avx2']],
  vpbroadcastw: [['v, xmm/m16', 'VEX.66.0F38.W0 79 /r', 'avx2']],
  vpbroadcastd: [['v, xmm/m32', 'VEX.66.0F38.W0 58 /r', 'avx2']],
  vpbroadcastq: [['v, xmm/m64', 'VEX.66.0F38.W0 59 /r', 'avx2']],
  vmaskmovpd: [
    ['v, v, m', 'VEX.66.0F38.W0 2D /r', 'avx'],
    ['m, v, v', 'VEX.66.0F38.W0 2F /r', 'avx'],
  ],
  vmaskmovps: [
    ['v, v, m', 'VEX.66.0F38.W0 2C /r', 'avx'],
    ['m, v, v', 'VEX.66.0F38.W0 2E /r', 'avx'],
  ],
  vpmaskmovd: [
    ['v, v, m', 'VEX.66.0F38.W0 8C /r', 'avx2'],
    ['m, v, v', 'VEX.66.0F38.W0 8E /r', 'avx2'],
  ],
  vpmaskmovq: [
    ['v, v, m', 'VEX.66.0F38.W1 8C /r', 'avx2'],
    ['m, v, v', 'VEX.66.0F38.W1 8E /r', 'avx2'],
  ],
  vzeroupper: [['', 'VEX.128.0F.WIG 77', 'avx']],
  vzeroall: [['', 'VEX.256.0F.WIG 77', 'avx']],

  vpsllw: shift('F1', '71', 6),
  vpsrlw: shift('D1', '71', 2),
  vpsraw: shift('E1', '71', 4),
  vpslld: shift('F2', '72', 6),
  vpsrld: shift('D2', '72', 2),
  vpsrad: shift('E2', '72', 4),
  vpsllq: shift('F3', '73', 6),
  vpsrlq: shift('D3', '73', 2),
  vpslldq: byteShift(7),
  vpsrldq: byteShift(3),
  vpsllvd: full('66.0F38.W0 47', 'avx2'),
  vpsllvq: full('66.0F38.W1 47', 'avx2'),
  vpsrlvd: full('66.0F38.W0 45', 'avx2'),
  vpsrlvq: full('66.0F38.W1 45', 'avx2'),
  vpsravd: full('66.0F38.W0 46', 'avx2'),
  vpalignr: integerImmediate('66.0F3A.WIG 0F'),
  vpblendw: integerImmediate('66.0F3A.WIG 0E'),
  vpshufd: integerShuffle('66.0F.WIG 70'),
  vpshuflw: integerShuffle('F2.0F.WIG 70'),
  vpshufhw: integerShuffle('F3.0F.WIG 70'),
  vpextrb: [['r32/m8, xmm, ib', 'VEX.66.0F3A.W0 14 /r ib', 'avx']],
  vpextrw: [
    ['r32, xmm, ib', 'VEX.66.0F.W0 C5 /r ib', 'avx'],
    ['m16, xmm, ib', 'VEX.66.0F3A.W0 15 /r ib', 'avx'],
  ],
  vpextrd: [['r32/m32, xmm, ib', 'VEX.66.0F3A.W0 16 /r ib', 'avx']],
  vpextrq: [['r64/m64, xmm, ib', 'VEX.66.0F3A.W1 16 /r ib', 'avx']],
  vpinsrb: [['xmm, xmm, r32/m8, ib', 'VEX.66.0F3A.W0 20 /r ib', 'avx']],
  vpinsrw: [['xmm, xmm, r32/m16, ib', 'VEX.66.0F.W0 C4 /r ib', 'avx']],
  vpinsrd: [['xmm, xmm, r32/m32, ib', 'VEX.66.0F3A.W0 22 /r ib', 'avx']],
  vpinsrq: [['xmm, xmm, r64/m64, ib', 'VEX.66.0F3A.W1 22 /r ib', 'avx']],
} as const satisfies EncodingTable;

/** VEX: AVX, AVX2 and FMA3. */
export const avx = [
  plain,
  family('v', arithmetic, (opcode) => double(`F2.0F.WIG ${opcode}`), 'sd'),
  family('v', arithmetic, (opcode) => single(`F3.0F.WIG ${opcode}`), 'ss'),
  family('v', `${arithmetic} ${logic} ${unpacking}`, (opcode) => full(`66.0F.WIG ${opcode}`), 'pd'),
  family('v', `${arithmetic} ${logic} ${unpacking}`, (opcode) => full(`0F.WIG ${opcode}`), 'ps'),
  family('vp', `${integers} ${small}`, (opcode) => integer(`66.0F.WIG ${opcode}`)),
  family('vp', `${integersSse41} ${smallSsse3} ${smallSse41} cmpgtq 37`, (opcode) =>
    integer(`66.0F38.WIG ${opcode}`),
  ),
  family('vp', `${unaryIntegers} ${smallUnary}`, (opcode) => integerUnary(`66.0F38.WIG ${opcode}`)),
  family('vpmov', `${toWords} ${fromHalf}`, extendHalf),
  family('vpmov', fromQuarter, extendQuarter),
  family('vpmov', fromEighth, extendEighth),
  indexed('gather', 0x90, gather),
  fma('pd', (opcode) => full(`66.0F38.W1 ${opcode}`, 'fma')),
  fma('ps', (opcode) => full(`66.0F38.W0 ${opcode}`, 'fma')),
  fma('sd', (opcode) => double(`66.0F38.W1 ${opcode}`, 'fma')),
  fma('ss', (opcode) => single(`66.0F38.W0 ${opcode}`, 'fma')),
] as const;
