import { fileURLToPath } from 'node:url';

/** An addon that is there only for tests; it runs in every Node. */
const testAddon = fileURLToPath(new URL('../../native/build/Release/exprjit_test.node', import.meta.url));

/** What to run `consumer/counted-calls.mjs` with; the library is named up to its ABI. */
export function countedCallArguments(program: string, library: string): string[] {
  return [program, testAddon, library];
}

/** What it prints. */
export const countedCalls = {
  first: 1,
  cold: { fast: 0, slow: 1 },
  sum: 1_000_000,
  all: 1_000_000,
  areMostFast: true,
  created: [],
} as const;
