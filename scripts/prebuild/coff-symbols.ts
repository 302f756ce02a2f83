/** Names that a COFF object refers to and does not define. Microsoft, PE Format, "COFF Symbol Table". */
export function undefinedSymbols(object: Buffer): string[] {
  const symbolSize = 18;
  const externalClass = 2;
  const table = object.readUInt32LE(8);
  const count = object.readUInt32LE(12);
  const strings = table + count * symbolSize;
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    const at = table + i * symbolSize;
    const section = object.readInt16LE(at + 12);
    const value = object.readUInt32LE(at + 8);
    if (object[at + 16] === externalClass && section === 0 && value === 0)
      names.push(nameAt(object, at, strings));
    // Auxiliary records follow.
    i += object.readUInt8(at + 17);
  }
  return names;
}

/** Up to eight characters stand in the symbol itself, longer names among the strings. */
function nameAt(object: Buffer, symbol: number, strings: number): string {
  const isLong = object.readUInt32LE(symbol) === 0;
  const start = isLong ? strings + object.readUInt32LE(symbol + 4) : symbol;
  const most = isLong ? object.length : symbol + 8;
  const zero = object.indexOf(0, start);
  return object.toString('latin1', start, zero < 0 || zero > most ? most : zero);
}
