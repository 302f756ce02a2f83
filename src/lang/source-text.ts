/** A place in a source as people count: both from 1, the column in Unicode characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A source with what is needed to point into it. */
export class SourceText {
  readonly text: string;
  /** Shown in front of positions, for example a file name. */
  readonly name: string | undefined;
  #lineStarts: readonly number[] | undefined;

  constructor(text: string, name?: string) {
    this.text = text;
    this.name = name;
  }

  /** Offsets at which lines start; the first is 0. */
  get lineStarts(): readonly number[] {
    this.#lineStarts ??= findLineStarts(this.text);
    return this.#lineStarts;
  }

  /** Of an offset in UTF-16 code units. */
  position(offset: number): Position {
    const line = this.#lineIndex(offset);
    const start = this.lineStarts[line] ?? 0;
    return { line: line + 1, column: characterCount(this.text, start, offset) + 1 };
  }

  /** The text of a line counted from 1, without its end. */
  line(line: number): string {
    const start = this.lineStarts.at(line - 1) ?? this.text.length;
    let end = this.lineStarts.at(line) ?? this.text.length;
    while (end > start && /[\r\n\u2028\u2029]/.test(this.text.charAt(end - 1))) end--;
    return this.text.slice(start, end);
  }

  #lineIndex(offset: number): number {
    const starts = this.lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|[\r\n\u2028\u2029]/g)) starts.push(match.index + match[0].length);
  return starts;
}

/** Code points between two offsets, without making a string of them: a line may be long and have many errors. */
function characterCount(text: string, start: number, end: number): number {
  let count = 0;
  for (let offset = start; offset < end; offset++) {
    const unit = text.charCodeAt(offset);
    const next = text.charCodeAt(offset + 1);
    const isPair = unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000;
    if (!isPair || offset + 1 >= end) count++;
  }
  return count;
}
