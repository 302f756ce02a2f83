import { characterWidth, textWidth } from './text-width.ts';

/**
 * Text for a terminal so many characters wide: longer lines are broken at blanks, in words only where these are longer
 * than a line, and go on below where their words began.
 */
export function fitText(text: string, columns: number): string {
  return text
    .split('\n')
    .flatMap((line) => (textWidth(line) <= columns ? [line] : fold(line, Math.max(columns, 1))))
    .join('\n');
}

function fold(line: string, columns: number): string[] {
  // A quarter at the most, or deep ones would have no room left.
  const indent =
    Math.min(/^ */.exec(line)?.[0].length ?? 0, Math.floor(columns / 4)) + (columns >= 20 ? 2 : 0);
  const lines: string[] = [];
  let current = '';
  let width = 0;
  const next = (): void => {
    lines.push(current.trimEnd());
    current = ' '.repeat(indent);
    width = indent;
  };
  for (const word of line.split(/(?<=\S)(?= )/)) {
    const wordWidth = textWidth(word);
    const isFirst = current.trim() === '';
    if (width + wordWidth <= columns) {
      current += word;
      width += wordWidth;
      continue;
    }
    if (!isFirst) next();
    const rest = isFirst ? word : word.trimStart();
    if (width + textWidth(rest) <= columns) {
      current += rest;
      width += textWidth(rest);
      continue;
    }
    for (const piece of pieces(rest)) {
      const pieceWidth = piece.length > 2 ? 0 : characterWidth(piece);
      if (width + pieceWidth > columns) next();
      current += piece;
      width += pieceWidth;
    }
  }
  lines.push(current.trimEnd());
  return lines;
}

/** Characters and control sequences. */
function pieces(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this is about
  return text.match(/\x1b\[[\d;?]*[A-Za-z]|./gsu) ?? [];
}
