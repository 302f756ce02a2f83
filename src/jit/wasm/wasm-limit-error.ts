/** A function is larger than engines of WebAssembly take ("WebAssembly JavaScript Interface", implementation-defined limits). */
export class WasmLimitError extends Error {
  override readonly name = 'WasmLimitError';
  readonly size: number;
  readonly limit: number;
  /** What is counted. */
  readonly unit: string;

  constructor(size: number, limit: number, unit: string) {
    super(`a function has ${size} ${unit}; engines take at most ${limit}`);
    this.size = size;
    this.limit = limit;
    this.unit = unit;
  }
}

const [mostLocals, mostBytes] = [50_000, 7_654_321];

/** V8 looks at every local wherever control meets again, when a function is called first; some nanoseconds each. No limit ends that. */
const mostMerges = 50_000_000;

/** Throws unless engines take a function with so many locals, parameters included, bytes of code and blocks. */
export function requireTaken(locals: number, bytes: number, blocks: number): void {
  const merges = locals * blocks;
  if (merges > mostMerges) throw new WasmLimitError(merges, mostMerges, 'locals at its blocks');
  if (locals > mostLocals) throw new WasmLimitError(locals, mostLocals, 'locals');
  if (bytes > mostBytes) throw new WasmLimitError(bytes, mostBytes, 'bytes');
}
