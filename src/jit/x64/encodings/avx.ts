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

  vaddsd: double('F2.0F.WIG 58'),
  vmulsd: double('F2.0F.WIG 59'),
  vsubsd: double('F2.0F.WIG 5C'),
  vminsd: double('F2.0F.WIG 5D'),
  vdivsd: double('F2.0F.WIG 5E'),
  vmaxsd: double('F2.0F.WIG 5F'),
  vsqrtsd: double('F2.0F.WIG 51'),
  vaddss: single('F3.0F.WIG 58'),
  vmulss: single('F3.0F.WIG 59'),
  vsubss: single('F3.0F.WIG 5C'),
  vminss: single('F3.0F.WIG 5D'),
  vdivss: single('F3.0F.WIG 5E'),
  vmaxss: single('F3.0F.WIG 5F'),
  vsqrtss: single('F3.0F.WIG 51'),
  vaddpd: full('66.0F.WIG 58'),
  vmulpd: full('66.0F.WIG 59'),
  vsubpd: full('66.0F.WIG 5C'),
  vminpd: full('66.0F.WIG 5D'),
  vdivpd: full('66.0F.WIG 5E'),
  vmaxpd: full('66.0F.WIG 5F'),
  vsqrtpd: unary('66.0F.WIG 51'),
  vaddps: full('0F.WIG 58'),
  vmulps: full('0F.WIG 59'),
  vsubps: full('0F.WIG 5C'),
  vminps: full('0F.WIG 5D'),
  vdivps: full('0F.WIG 5E'),
  vmaxps: full('0F.WIG 5F'),
  vsqrtps: unary('0F.WIG 51'),
  vhaddpd: full('66.0F.WIG 7C'),
  vhaddps: full('F2.0F.WIG 7C'),

  vandpd: full('66.0F.WIG 54'),
  vandnpd: full('66.0F.WIG 55'),
  vorpd: full('66.0F.WIG 56'),
  vxorpd: full('66.0F.WIG 57'),
  vandps: full('0F.WIG 54'),
  vandnps: full('0F.WIG 55'),
  vorps: full('0F.WIG 56'),
  vxorps: full('0F.WIG 57'),

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

  vunpcklpd: full('66.0F.WIG 14'),
  vunpckhpd: full('66.0F.WIG 15'),
  vunpcklps: full('0F.WIG 14'),
  vunpckhps: full('0F.WIG 15'),
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

  vpxor: integer('66.0F.WIG EF'),
  vpor: integer('66.0F.WIG EB'),
  vpand: integer('66.0F.WIG DB'),
  vpandn: integer('66.0F.WIG DF'),
  vpaddb: integer('66.0F.WIG FC'),
  vpaddw: integer('66.0F.WIG FD'),
  vpaddd: integer('66.0F.WIG FE'),
  vpaddq: integer('66.0F.WIG D4'),
  vpsubb: integer('66.0F.WIG F8'),
  vpsubw: integer('66.0F.WIG F9'),
  vpsubd: integer('66.0F.WIG FA'),
  vpsubq: integer('66.0F.WIG FB'),
  vpmulld: integer('66.0F38.WIG 40'),
  vpmuludq: integer('66.0F.WIG F4'),
  vpmullw: integer('66.0F.WIG D5'),
  vpminsd: integer('66.0F38.WIG 39'),
  vpmaxsd: integer('66.0F38.WIG 3D'),
  vpminud: integer('66.0F38.WIG 3B'),
  vpmaxud: integer('66.0F38.WIG 3F'),
  vpabsd: integerUnary('66.0F38.WIG 1E'),
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
  vpcmpeqb: integer('66.0F.WIG 74'),
  vpcmpeqw: integer('66.0F.WIG 75'),
  vpcmpeqd: integer('66.0F.WIG 76'),
  vpcmpeqq: integer('66.0F38.WIG 29'),
  vpcmpgtb: integer('66.0F.WIG 64'),
  vpcmpgtw: integer('66.0F.WIG 65'),
  vpcmpgtd: integer('66.0F.WIG 66'),
  vpcmpgtq: integer('66.0F38.WIG 37'),
  vpacksswb: integer('66.0F.WIG 63'),
  vpackssdw: integer('66.0F.WIG 6B'),
  vpackuswb: integer('66.0F.WIG 67'),
  vpackusdw: integer('66.0F38.WIG 2B'),
  vpunpcklbw: integer('66.0F.WIG 60'),
  vpunpcklwd: integer('66.0F.WIG 61'),
  vpunpckldq: integer('66.0F.WIG 62'),
  vpunpcklqdq: integer('66.0F.WIG 6C'),
  vpunpckhbw: integer('66.0F.WIG 68'),
  vpunpckhwd: integer('66.0F.WIG 69'),
  vpunpckhdq: integer('66.0F.WIG 6A'),
  vpunpckhqdq: integer('66.0F.WIG 6D'),
  vpshufb: integer('66.0F38.WIG 00'),
  vpalignr: integerImmediate('66.0F3A.WIG 0F'),
  vpblendw: integerImmediate('66.0F3A.WIG 0E'),
  vpshufd: integerShuffle('66.0F.WIG 70'),
  vpshuflw: integerShuffle('F2.0F.WIG 70'),
  vpshufhw: integerShuffle('F3.0F.WIG 70'),
  vpmovsxbw: extendHalf('20'),
  vpmovsxbd: extendQuarter('21'),
  vpmovsxbq: extendEighth('22'),
  vpmovsxwd: extendHalf('23'),
  vpmovsxwq: extendQuarter('24'),
  vpmovsxdq: extendHalf('25'),
  vpmovzxbw: extendHalf('30'),
  vpmovzxbd: extendQuarter('31'),
  vpmovzxbq: extendEighth('32'),
  vpmovzxwd: extendHalf('33'),
  vpmovzxwq: extendQuarter('34'),
  vpmovzxdq: extendHalf('35'),
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
  fma('pd', (opcode) => full(`66.0F38.W1 ${opcode}`, 'fma')),
  fma('ps', (opcode) => full(`66.0F38.W0 ${opcode}`, 'fma')),
  fma('sd', (opcode) => double(`66.0F38.W1 ${opcode}`, 'fma')),
  fma('ss', (opcode) => single(`66.0F38.W0 ${opcode}`, 'fma')),
] as const;
