import type { EncodingTable } from './line.ts';

export const avx512 = {} as const satisfies EncodingTable;
