import { textWidth } from '../text-width.ts';

/** Short texts side by side, down the columns, as `ls` lists names. */
export function columnsOf(texts: readonly string[], width: number): string {
  const cell = Math.max(...texts.map(textWidth), 0) + 2;
  const across = Math.max(Math.floor(width / cell), 1);
  const rows = Math.ceil(texts.length / across);
  return Array.from({ length: rows }, (_, row) =>
    texts
      .filter((_, index) => index % rows === row)
      .map((text) => text + ' '.repeat(cell - textWidth(text)))
      .join('')
      .trimEnd(),
  ).join('\n');
}
