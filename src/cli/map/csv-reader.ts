/**
 * Rows of CSV, with the text that they were read from.
 *
 * Whoever adds a column must not change the others, so rows keep how they were written: quotes, blanks, line ends. A cell
 * that begins with a quote ends with one; a quote inside of it is written twice (RFC 4180). Rows end with a line
 * feed, before which a carriage return may stand, or with a carriage return alone if the first row does.
 */
import { CommandFailure } from '../command.ts';

export interface CsvRow {
  /** Of the row's begin, from 1. */
  readonly line: number;
  /** As it was written, without the line end. */
  readonly text: string;
  /** Empty if the text ends without one. */
  readonly lineEnd: string;
  /** One at least, also in a blank line. */
  readonly cells: readonly string[];
}

/** Characters in a row: far more than any has, and little enough to be held when a quote is never closed. */
const mostRowLength = 2 ** 24;

/** Characters of an unfinished row from which on it is looked at again only when it is twice as long. */
const longRow = 2 ** 18;

/**
 * Rows in batches, as they come. A BOM must have been taken off.
 *
 * @throws CommandFailure that names the line.
 */
export async function* readCsv(
  texts: AsyncIterable<string>,
  delimiter: string,
): AsyncGenerator<readonly CsvRow[]> {
  const reader = new CsvReader(delimiter);
  for await (const text of texts) yield reader.feed(text);
  yield reader.end();
}

/** The row that a reader is in. */
interface OpenRow {
  readonly cells: string[];
  /** Where its text ends. */
  readonly end: number;
}

class CsvReader {
  readonly #delimiter: string;
  #text = '';
  /** What follows `#text` and was not looked at, since looking at all of a long row again with each piece takes quadratic time. */
  #waiting: string[] = [];
  #waitingLength = 0;
  /** Where the row that comes next begins. */
  #start = 0;
  #line = 1;
  /** What ends every row, known from the first on. */
  #newline: '\n' | '\r' | undefined;
  #isLast = false;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  feed(text: string): CsvRow[] {
    this.#waiting.push(text);
    this.#waitingLength += text.length;
    const open = this.#text.length - this.#start;
    const isLong = open > longRow && open + this.#waitingLength <= mostRowLength;
    if (isLong && this.#waitingLength < open && !this.#isLast) return [];
    this.#text = this.#text.slice(this.#start) + this.#waiting.join('');
    this.#waiting = [];
    this.#waitingLength = 0;
    this.#start = 0;
    const rows: CsvRow[] = [];
    for (let row = this.#next(); row !== undefined; row = this.#next()) rows.push(row);
    if (this.#text.length - this.#start > mostRowLength) {
      this.#fail(`a row of more than ${mostRowLength} characters; is a quote not closed?`);
    }
    return rows;
  }

  end(): CsvRow[] {
    this.#isLast = true;
    return this.feed('');
  }

  /** Undefined if the text ends before the row does. */
  #next(): CsvRow | undefined {
    const text = this.#text;
    const start = this.#start;
    if (this.#isLast && start === text.length) return undefined;
    const newline = this.#findNewline();
    if (newline === undefined) return undefined;
    const row = this.#row(start, newline);
    if (row === undefined) return undefined;
    const { cells, end } = row;
    const lineEnd = text.startsWith('\r\n', end) ? '\r\n' : text.slice(end, end + 1);
    const written = text.slice(start, end);
    const line = this.#line;
    this.#start = end + lineEnd.length;
    this.#line += 1 + (written.includes(newline) ? written.split(newline).length - 1 : 0);
    return { line, text: written, lineEnd, cells };
  }

  #findNewline(): '\n' | '\r' | undefined {
    this.#newline ??= newlineOf(this.#text, this.#isLast);
    return this.#newline;
  }

  #row(start: number, newline: '\n' | '\r'): OpenRow | undefined {
    const text = this.#text;
    const end = this.#endOfLine(start, newline);
    if (end === undefined && !text.includes('"', start)) return undefined;
    const line = end === undefined ? undefined : text.slice(start, end);
    if (line === undefined || end === undefined || line.includes('"')) return this.#quotedRow(start, newline);
    return { cells: line.split(this.#delimiter), end };
  }

  /** Where the line ends in which `from` lies; undefined if that is not known yet. */
  #endOfLine(from: number, newline: '\n' | '\r'): number | undefined {
    const at = this.#text.indexOf(newline, from);
    if (at < 0) return this.#isLast ? this.#text.length : undefined;
    return newline === '\n' && at > from && this.#text[at - 1] === '\r' ? at - 1 : at;
  }

  #quotedRow(start: number, newline: '\n' | '\r'): OpenRow | undefined {
    const text = this.#text;
    const delimiter = this.#delimiter;
    const cells: string[] = [];
    for (let at = start; ; at += delimiter.length) {
      if (text[at] !== '"') {
        const lineEnd = this.#endOfLine(at, newline);
        const next = text.indexOf(delimiter, at);
        const end = next >= 0 && (lineEnd === undefined || next < lineEnd) ? next : lineEnd;
        if (end === undefined) return undefined;
        const cell = text.slice(at, end);
        if (cell.includes('"'))
          this.#fail(`a quote in the cell ${JSON.stringify(cell)}, which does not begin with one`);
        cells.push(cell);
        at = end;
      } else {
        const close = this.#closingQuote(at);
        if (close === undefined) return undefined;
        cells.push(text.slice(at + 1, close).replaceAll('""', '"'));
        at = close + 1;
      }
      if (text.startsWith(delimiter, at)) continue;
      // What follows a closing quote is the end of the row, or nothing that may be there.
      if (at === text.length) return this.#isLast ? { cells, end: at } : undefined;
      if (at === this.#endOfLine(at, newline)) return { cells, end: at };
      if (!this.#isLast && text.indexOf(newline, at) < 0 && text.length - at < 2) return undefined;
      this.#fail(`text after the closing quote of a cell: ${JSON.stringify(text.slice(at, at + 20))}`);
    }
  }

  /** Undefined if it is not known yet where the cell ends whose quote opens at `open`. */
  #closingQuote(open: number): number | undefined {
    const text = this.#text;
    for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 2)) {
      if (at + 1 === text.length && !this.#isLast) return undefined;
      if (text[at + 1] !== '"') return at;
    }
    if (this.#isLast) this.#fail('a quote is opened and not closed');
    return undefined;
  }

  #fail(message: string): never {
    throw new CommandFailure(`line ${this.#line}: ${message}`);
  }
}

/** What ends the first row; undefined as long as that is not known. */
function newlineOf(text: string, isLast: boolean): '\n' | '\r' | undefined {
  for (let at = 0; ; ) {
    const found = text.slice(at).search(/["\r\n]/);
    if (found < 0) break;
    at += found;
    if (text[at] === '"') {
      const close = text.indexOf('"', at + 1);
      if (close < 0) break;
      at = close + 1;
    } else {
      if (text[at] === '\n') return '\n';
      // Whether a line feed follows a carriage return is not known at the end of a chunk.
      if (at + 1 < text.length || isLast) return text[at + 1] === '\n' ? '\n' : '\r';
      break;
    }
  }
  return isLast ? '\n' : undefined;
}
