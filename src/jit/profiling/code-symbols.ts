import { type Address, addressAt } from '../../native/address.ts';
import type { JitCode } from '../runtime/jit-code.ts';

/** A piece of code as profilers and debuggers list it. */
export interface CodeSymbol {
  readonly name: string;
  readonly address: Address;
  /** Bytes. */
  readonly size: number;
}

/** Characters of a code's own name that are shown; tools keep names in small buffers. */
const nameLength = 120;

/** The symbols of `code` by address. Each reaches to the next one, the last to the end of the code. */
export function codeSymbols(code: JitCode): CodeSymbol[] {
  const start = code.address;
  const end = addressAt(start, code.size);
  const symbols = [...code.symbols].sort(([, left], [, right]) => left - right);
  if (symbols.length === 0) return [{ name: nameOf(code, 'jit'), address: start, size: code.size }];
  return symbols.map(([symbol, address], index) => {
    const next = symbols.at(index + 1)?.[1] ?? end;
    return { name: nameOf(code, symbol), address, size: next - address };
  });
}

/** Names are lines of text files, so they have no line breaks. */
function nameOf(code: JitCode, symbol: string): string {
  if (code.name === undefined) return oneLine(symbol);
  const name = oneLine(code.name.slice(0, 4 * nameLength));
  return `${name.length > nameLength ? `${name.slice(0, nameLength)}…` : name} [${oneLine(symbol)}]`;
}

function oneLine(text: string): string {
  return text.replace(/[\s\0]+/g, ' ').trim();
}
