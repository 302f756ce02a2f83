import type { Diagnostic } from './diagnostic.ts';

/** Columns of source that are shown unless another number is asked for; longer lines are cut around the span. */
export const usualWidth = 80;
const tabWidth = 4;

/**
 * A diagnostic for people, ending in a newline:
 *
 *     error[E_UNKNOWN_NAME]: `radius` is not defined
 *      --> 1:6
 *       |
 *     1 | pi * radius^2
 *       |      ^^^^^^
 *       = hint: did you mean `radii`?
 *
 * Carets stand below the characters they mean however wide a terminal shows these; a span over several lines is
 * marked to the end of its first.
 */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  return renderWithin(usualWidth, diagnostic);
}

/** As {@link renderDiagnostic}, with so many columns of the source. */
export function renderWithin(width: number, diagnostic: Diagnostic): string {
  const { severity, code, message, line } = diagnostic;
  const margin = ' '.repeat(String(line).length);
  return `${severity}[${code}]: ${message}\n${margin}--> ${placeOf(diagnostic)}\n${renderExcerpt(diagnostic, width)}\n`;
}

/** `2:5`, and of a source with a name that before it. */
export function placeOf({ source, line, column }: Diagnostic): string {
  return source.name === undefined ? `${line}:${column}` : `${source.name}:${line}:${column}`;
}

/** The part of {@link renderDiagnostic} that shows the source, and the hint. */
export function renderExcerpt({ line, start, end, source, hint }: Diagnostic, width = usualWidth): string {
  const number = String(line);
  const margin = ' '.repeat(number.length);
  const text = source.line(line);
  const lineStart = source.lineStarts[line - 1] ?? 0;
  const shown = cut(cells(text, start - lineStart, end - lineStart, width), width);
  const lines = [
    `${margin} |`,
    `${number} | ${shown.map((cell) => cell.text).join('')}`.trimEnd(),
    `${margin} | ${shown.map((cell) => (cell.marked ? '^' : ' ').repeat(cell.width)).join('')}`.trimEnd(),
  ];
  if (hint !== undefined) lines.push(`${margin} = hint: ${hint}`);
  return lines.join('\n');
}

/** What is drawn for one character. */
interface Cell {
  readonly text: string;
  readonly width: number;
  readonly marked: boolean;
}

/** The line's characters near the span, and one more cell to mark if the span is empty or past the end. */
function cells(line: string, from: number, to: number, maxWidth: number): Cell[] {
  const result: Cell[] = [];
  // Characters around the span that can possibly be shown, generously: those without width count too.
  const reach = 4 * maxWidth;
  const first = Math.max(from - reach, 0);
  let offset = first;
  let width = 0;
  for (const character of line.slice(first, from + reach)) {
    const marked = offset >= from && offset < Math.max(to, from + 1);
    const cell = drawn(character, width, marked);
    result.push(cell);
    width += cell.width;
    offset += character.length;
  }
  if (from >= line.length) result.push({ text: ' ', width: 1, marked: true });
  return result;
}

function drawn(character: string, column: number, marked: boolean): Cell {
  if (character === '\t') {
    const width = tabWidth - (column % tabWidth);
    return { text: ' '.repeat(width), width, marked };
  }
  // Characters that would move or hide what stands beside them: controls, formats, surrogates, separators.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)) return { text: '\ufffd', width: 1, marked };
  return { text: character, width: displayWidth(character), marked };
}

/** Cells of a terminal: 0 for combining marks, 2 for East Asian wide characters and emoji. */
function displayWidth(character: string): number {
  if (/\p{Mn}|\p{Me}/u.test(character)) return 0;
  if (/\p{Emoji_Presentation}/u.test(character)) return 2;
  const code = character.codePointAt(0) ?? 0;
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}

/** Blocks of Unicode's EastAsianWidth W and F. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x20000, 0x3fffd],
];

/** At most `maxWidth` columns around the first marked cell, with an ellipsis where something was left out. */
function cut(line: Cell[], maxWidth: number): Cell[] {
  if (totalWidth(line) <= maxWidth) return line;
  const mark = line.findIndex((cell) => cell.marked);
  let first = Math.max(mark, 0);
  // Two thirds of the room for what leads to the mark, unless the line ends soon after it.
  const tail = Math.min(totalWidth(line.slice(first)), Math.floor(maxWidth / 3));
  for (let room = maxWidth - 2 - tail; first > 0; first--) {
    room -= line[first - 1]?.width ?? 0;
    if (room < 0) break;
  }
  let last = first;
  for (let room = maxWidth - 2; last < line.length; last++) {
    room -= line[last]?.width ?? 0;
    if (room < 0) break;
  }
  const ellipsis: Cell = { text: '…', width: 1, marked: false };
  return [
    ...(first > 0 ? [ellipsis] : []),
    ...line.slice(first, last),
    ...(last < line.length ? [ellipsis] : []),
  ];
}

function totalWidth(line: readonly Cell[]): number {
  return line.reduce((sum, cell) => sum + cell.width, 0);
}
