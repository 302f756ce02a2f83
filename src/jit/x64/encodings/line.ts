/**
 * One line of the encoding table, in the notation of the Intel manual (volume 2, chapter 3.1.1) with families,
 * so that a line stands for all its widths.
 *
 * `operands`, separated by `, `, alternatives by `/`:
 * - `r8 r16 r32 r64 xmm ymm zmm k`, `cl` and `xmm0` where the instruction insists on them;
 * - `m8` … `m512` memory of that many bits, `mem` memory of no particular size;
 * - `b32 b64` one element in memory, broadcast;
 * - `ib` a byte, `ibs` a byte that is sign-extended, `iw id iq` wider ones (`id` is sign-extended for 64-bit
 *   operands), `1` the number itself; `rel8 rel32` a label;
 * - `r` stands for `r32`, then `r64`, and `m` beside it for memory of that size;
 * - `v` stands for `xmm`, `ymm` and, in EVEX, `zmm`; beside it `m` is memory of that size, `mh mq me` of half, a
 *   quarter, an eighth of it, and `h` a register of half the width, but at least `xmm`;
 * - `[v] [h]`: memory whose index is such a register, as `[xmm]` and so on stand for it in messages;
 * - `{k}` after an operand: can be masked; `{kz}`: also with zeroing; `{k!}`: has to be, without.
 *
 * `encoding`: optional `66 F2 F3`, also `66` in front of one of the others, `REX.W`, opcode bytes or a `VEX.…`/`EVEX.…` head (fields in any order; the length
 * comes from the family or is `128 256 512`, and 0 otherwise), `/r` or `/digit` or `+r`, the immediate.
 * Which operand goes where follows: the one that may be memory (if none, the last register) is r/m; of the
 * others the first is ModRM.reg and the second VEX.vvvv, but after an r/m in front the other way round; with `/digit`
 * the first is VEX.vvvv; `/is4` puts the last register into the immediate. `N4 N8`: bytes in which EVEX counts a short
 * displacement, where that is not the size of the memory operand.
 *
 * `feature`: what the CPU must have, by the names of `CpuInfo.features`; EVEX at 128 and 256 bits asks for `avx512vl`
 * besides, but with `LIG` it does not. Empty: every x86-64 CPU.
 */
export type Line = readonly [operands: string, encoding: string, feature: string];

/**
 * Mnemonics with their lines; where several fit, the first is chosen. The parts of the table are kept apart in lists:
 * V8 builds an object literal with spreads a dozen times slower, and this is start-up time.
 */
export type EncodingTable = Readonly<Record<string, readonly Line[]>>;
