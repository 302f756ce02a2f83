import type { VectorTarget } from '../opt/vectorise/vectorise.ts';

/** What WebAssembly with vectors of 128 bits has. Its engines run it on CPUs with sixteen vector registers at the least. */
export const wasmTarget: VectorTarget = Object.freeze({
  hasRound: true,
  hasFma: false,
  hasSelect: true,
  hasNumbers: true,
  hasMasks: false,
  lanes: 2,
  registers: 14,
});
