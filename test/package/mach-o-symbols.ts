/** The symbols that a library for macOS on x86-64 looks for in others; the format is that of `mach-o/loader.h`. */
export function symbolsFromOutside(library: Buffer): string[] {
  const symbolTable = 2;
  let command = 32;
  for (let left = library.readUInt32LE(16); left > 0; left--) {
    if (library.readUInt32LE(command) === symbolTable) {
      const symbols = library.readUInt32LE(command + 8);
      const count = library.readUInt32LE(command + 12);
      const names = library.readUInt32LE(command + 16);
      return Array.from({ length: count }, (_, i) => symbols + 16 * i)
        .filter((symbol) => isUndefined(library.readUInt8(symbol + 4)))
        .map((symbol) => textAt(library, names + library.readUInt32LE(symbol)));
    }
    command += library.readUInt32LE(command + 4);
  }
  throw new Error('the library has no table of symbols');
}

/** External, and of no section; what is only for debuggers has other bits. */
function isUndefined(type: number): boolean {
  return (type & 0xef) === 1;
}

function textAt(library: Buffer, start: number): string {
  return library.toString('latin1', start, library.indexOf(0, start));
}
