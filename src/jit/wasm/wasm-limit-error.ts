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

/** Throws unless engines take a function with so many locals, parameters included, and bytes of code. */
export function requireTaken(locals: number, bytes: number): void {
  if (locals > mostLocals) throw new WasmLimitError(locals, mostLocals, 'locals');
  if (bytes > mostBytes) throw new WasmLimitError(bytes, mostBytes, 'bytes');
}
