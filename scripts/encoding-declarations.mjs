/**
 * Declarations of the tables of encodings, cut down to what their readers can see: which mnemonics take which operands. As the compiler
 * writes them, they are a tenth of all declarations.
 */

const table = /readonly \[\{\n(.*?)\n\}(, .*)?\];$/ms;
const entry = /^ {4}readonly (\w+): (.*);$/gm;
/** A line with its encoding and feature. */
const line =
  /readonly \[("[^"]*"|`[^`]*`|"[^"]*"(?: \| "[^"]*")+), (?:"[^"]*"|`[^`]*`), (?:"[^"]*"|string)\]/g;
const comment = /^\/\*\*.*?\*\/\n/gms;

/** The declarations in `text` with one entry for all mnemonics that take the same, without encodings and without their notation. */
export function compactEncodings(text) {
  if (!table.test(text)) return text.replace(comment, '');
  return text.replace(line, 'readonly [$1, string, string]').replace(table, (_, entries, parts = '') => {
    const mnemonics = new Map();
    for (const [, name, lines] of entries.matchAll(entry)) {
      mnemonics.set(lines, [...(mnemonics.get(lines) ?? []), `"${name}"`]);
    }
    const grouped = [...mnemonics].map(([lines, names]) => `Record<${names.join(' | ')}, ${lines}>`);
    return `readonly [${grouped.join(', ')}${parts}];`;
  });
}
