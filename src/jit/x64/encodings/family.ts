/** Instructions that differ in their names and opcodes only. */

/** Counts its findings along, since TypeScript goes deeper then. */
type NamesIn<List extends string, Found = never> = List extends `${infer Name} ${string} ${infer Rest}`
  ? NamesIn<Rest, Found | Name>
  : List extends `${infer Name} ${string}`
    ? Found | Name
    : Found;

/** Mnemonics of `prefix`, each name of `list`, in which the opcode follows the name, and `suffix`; `lines` takes the opcode. */
export function family<Prefix extends string, List extends string, Lines, Suffix extends string = ''>(
  prefix: Prefix,
  list: List,
  lines: (opcode: string) => Lines,
  suffix?: Suffix,
): Record<`${Prefix}${NamesIn<List>}${Suffix}`, Lines> {
  const words = list.split(' ');
  const members: Record<string, Lines> = Object.create(null);
  for (let i = 1; i < words.length; i += 2) {
    members[prefix + (words[i - 1] as string) + (suffix ?? '')] = lines(words[i] as string);
  }
  return members as Record<`${Prefix}${NamesIn<List>}${Suffix}`, Lines>;
}

/** Operations on floating-point numbers, the same for `sd ss pd ps`, with and without a `v` in front. */
export const arithmetic = 'add 58 mul 59 sub 5C min 5D div 5E max 5F';
/** For `pd ps` only. */
export const logic = 'and 54 andn 55 or 56 xor 57';
export const unpacking = 'unpckl 14 unpckh 15';

/** Operations on lanes of integers that SSE and AVX have alike: of opcode map 0F; of 0F38 by what they came with. */
export const integers =
  'xor EF or EB and DB andn DF addd FE addq D4 subd FA subq FB muludq F4 cmpeqb 74 cmpeqw 75 cmpeqd 76 cmpgtb 64 cmpgtw 65 cmpgtd 66 ackssdw 6B unpckldq 62 unpcklqdq 6C unpckhdq 6A unpckhqdq 6D sadbw F6';
export const integersSse41 = 'mulld 40 minsd 39 maxsd 3D minud 3B maxud 3F cmpeqq 29 ackusdw 2B';
/** The same for operations on one register. */
export const unaryIntegers = 'absd 1E';

/** Those of them on bytes and words that AVX-512BW has, too, with masks. */
export const small =
  'addb FC addw FD subb F8 subw F9 mullw D5 acksswb 63 ackuswb 67 unpcklbw 60 unpcklwd 61 unpckhbw 68 unpckhwd 69 subsb E8 subsw E9 subusb D8 subusw D9 addsb EC addsw ED addusb DC addusw DD minub DA minsw EA maxub DE maxsw EE avgb E0 avgw E3 mulhuw E4 mulhw E5 maddwd F5';
export const smallSsse3 = 'shufb 00 maddubsw 04 mulhrsw 0B';
export const smallSse41 = 'minsb 38 minuw 3A maxsb 3C maxuw 3E';
export const smallUnary = 'absb 1C absw 1D';

/** Extensions of integers from a half, a quarter and an eighth of their width, those to words by themselves. */
export const toWords = 'sxbw 20 zxbw 30';
export const fromHalf = 'sxwd 23 sxdq 25 zxwd 33 zxdq 35';
export const fromQuarter = 'sxbd 21 sxwq 24 zxbd 31 zxwq 34';
export const fromEighth = 'sxbq 22 zxbq 32';

type Lanes = 'd' | 'q';

/**
 * Gathers and scatters come as a grid: indices and elements of 32 or 64 bits, elements integers or floats. `opcode` is that of integers
 * with indices of 32 bits; `lines` takes the encoding, and which of vector and index are whole (`v`), and which half as wide (`h`).
 */
export function indexed<Verb extends 'gather' | 'scatter', Lines>(
  verb: Verb,
  opcode: number,
  lines: (vector: 'v' | 'h', index: 'v' | 'h', encoding: string) => Lines,
): Record<`vp${Verb}${Lanes}${Lanes}` | `v${Verb}${Lanes}p${'s' | 'd'}`, Lines> {
  const members: Record<string, Lines> = Object.create(null);
  for (let i = 0; i < 8; i++) {
    const isFloat = i >= 4;
    const isWideIndex = (i >> 1) & 1;
    const isWide = i & 1;
    const index = isWideIndex ? 'q' : 'd';
    const name = isFloat
      ? `v${verb}${index}p${isWide ? 'd' : 's'}`
      : `vp${verb}${index}${isWide ? 'q' : 'd'}`;
    const code = (opcode + (i >> 1)).toString(16).toUpperCase();
    members[name] = lines(
      isWideIndex && !isWide ? 'h' : 'v',
      isWide && !isWideIndex ? 'h' : 'v',
      `66.0F38.W${isWide} ${code} /r N${isWide ? 8 : 4}`,
    );
  }
  return members;
}
