/**
 * Where rows and cells of CSV lie in the bytes that they are read from.
 *
 * Whoever adds a column must not change the others, and most cells are neither numbers that are used nor texts that are looked at.
 * So nothing is cut out or decoded here: a batch is a window of bytes, and in it the ends of cells. A cell that begins with a quote
 * ends with one; a quote inside of it is written twice (RFC 4180). Rows end with a line feed, before which a carriage return may
 * stand, or with a carriage return alone if the first row does.
 *
 * 1. The byte behind the window is a line end, so the search for the end of a cell needs no bound.
 * 2. A row that the window does not have in full is looked at again from its begin when more has come: when as much again has
 *    come, once it is long, so that the time stays proportional to its length.
 * 3. In the encodings that come here no byte of ASCII, and no first byte of a delimiter, is the inside of another character.
 */
import { CommandFailure } from '../command.ts';
import { Byte } from './byte.ts';
import type { Encoding } from './encoding.ts';

/** Rows that lie in `bytes`, which are good until more is read. */
export interface RowBatch {
  readonly bytes: Uint8Array;
  readonly rowCount: number;
  /** Cells in each row. */
  readonly width: number;
  /** Bytes between two cells. */
  readonly delimiterLength: number;
  /** Where each row begins. */
  readonly starts: Int32Array;
  /** Where each cell ends, row by row, exclusive, with its quotes. The next one begins a delimiter later. */
  readonly ends: Int32Array;
  /** Where the last row ends, its line end included. */
  readonly end: number;
  /** Of the first row's begin, from 1. */
  readonly line: number;
}

/** Bytes in a row: far more than any has, and little enough to be held when a quote is never closed. */
const mostRowLength = 2 ** 24;

/** Bytes of an unfinished row from which on it is looked at again only when it is twice as long. */
const longRow = 2 ** 18;

/** What may stand between cells where nobody says it, if the first line has it and what comes before it here it has not. */
const usualDelimiters = ',\t;|';

export class CsvScanner {
  readonly #encoding: Encoding;
  /** Undefined until it is known. */
  #delimiter: Uint8Array | undefined;
  #isGuessed = false;
  #bytes: Uint8Array = new Uint8Array(2 ** 16);
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  /** Where the row that comes next begins. */
  #start = 0;
  /** Where what was read ends. */
  #limit = 0;
  /** That of `#limit` from which on it is worth it to look at an unfinished row again. */
  #worthwhile = 0;
  /** Of the row that is looked at. */
  #line = 1;
  /** Line ends in the quotes of that row. */
  #quotedLines = 0;
  /** What ends every row, known from the first on. */
  #newline: number | undefined;
  /** Cells in a row; 0 before the first. */
  #width = 0;
  #isLast = false;
  /** 1 for bytes that may end a cell. */
  readonly #stops = new Uint8Array(256);

  /** The delimiter is guessed by the first row if it is not given. */
  constructor(encoding: Encoding, delimiter: string | undefined) {
    this.#encoding = encoding;
    if (delimiter !== undefined) this.#delimiter = encoding.encode(delimiter);
  }

  /** What stands between cells: known when the first row is. */
  get delimiter(): Uint8Array {
    return this.#delimiter ?? new Uint8Array(0);
  }

  /** Takes more bytes. Batches that were given out are gone. */
  push(chunk: Uint8Array): void {
    const open = this.#limit - this.#start;
    // One more, for the line end behind them.
    const needed = open + chunk.length + 1;
    const bytes = needed <= this.#bytes.length ? this.#bytes : new Uint8Array(Math.max(needed, 2 * open));
    bytes.set(this.#bytes.subarray(this.#start, this.#limit));
    bytes.set(chunk, open);
    this.#bytes = bytes;
    this.#worthwhile -= this.#start;
    this.#start = 0;
    this.#limit = open + chunk.length;
  }

  /** No more bytes come. */
  end(): void {
    this.#isLast = true;
  }

  /**
   * The first row that is not blank, which says how many cells all have; undefined as long as it is not there in full.
   *
   * @throws CommandFailure that names the line.
   */
  first(): RowBatch | undefined {
    if (!this.#isWorthwhile()) return undefined;
    const batch = this.#firstBatch();
    if (batch === undefined) this.#wait();
    else this.#width = batch.width;
    return batch;
  }

  /**
   * All rows that are there in full, after the first. A blank line is a row where there is one column, else nothing.
   *
   * @throws CommandFailure that names the line.
   */
  rows(): RowBatch {
    const newline = this.#newline;
    if (newline === undefined || !this.#isWorthwhile()) return this.#batch(0, this.#line);
    const batch = this.#scan(newline, this.delimiter, Number.POSITIVE_INFINITY);
    this.#wait();
    return batch;
  }

  #isWorthwhile(): boolean {
    return this.#isLast || this.#limit >= this.#worthwhile;
  }

  #wait(): void {
    const open = this.#limit - this.#start;
    if (open > mostRowLength) {
      this.#fail(`a row of more than ${mostRowLength} bytes; is a quote not closed?`);
    }
    this.#worthwhile = this.#start + (open > longRow ? Math.min(2 * open, mostRowLength + 1) : 0);
  }

  #firstBatch(): RowBatch | undefined {
    this.#newline ??= this.#findNewline();
    const newline = this.#newline;
    if (newline === undefined) return undefined;
    while (this.#start < this.#limit) {
      const end = this.#endOfLine(newline);
      if (end === undefined) return undefined;
      if (!this.#isBlank(end)) {
        this.#delimiter ??= this.#guessDelimiter(end);
        const batch = this.#scan(newline, this.#delimiter, 1);
        return batch.rowCount === 1 ? batch : undefined;
      }
      this.#start = Math.min(end + 1, this.#limit);
      this.#line++;
    }
    return undefined;
  }

  /** What ends the first row; undefined as long as that is not known. */
  #findNewline(): number | undefined {
    const bytes = this.#bytes;
    let isQuoted = false;
    for (let at = this.#start; at < this.#limit; at++) {
      const byte = bytes[at];
      if (byte === Byte.Quote) isQuoted = !isQuoted;
      else if (!isQuoted && byte === Byte.LineFeed) return Byte.LineFeed;
      else if (!isQuoted && byte === Byte.CarriageReturn) {
        // Whether a line feed follows a carriage return is not known at the end of what was read.
        if (at + 1 === this.#limit && !this.#isLast) return undefined;
        const isPair = at + 1 < this.#limit && bytes[at + 1] === Byte.LineFeed;
        return isPair ? Byte.LineFeed : Byte.CarriageReturn;
      }
    }
    return this.#isLast ? Byte.LineFeed : undefined;
  }

  /** Where the next line end that is in no quotes lies; undefined if that is not known yet. */
  #endOfLine(newline: number): number | undefined {
    let isQuoted = false;
    for (let at = this.#start; at < this.#limit; at++) {
      if (this.#bytes[at] === Byte.Quote) isQuoted = !isQuoted;
      else if (!isQuoted && this.#bytes[at] === newline) return at;
    }
    return this.#isLast ? this.#limit : undefined;
  }

  #isBlank(end: number): boolean {
    const length = end - this.#start;
    return length === 0 || (length === 1 && end < this.#limit && this.#isReturn(this.#start));
  }

  #isReturn(at: number): boolean {
    return this.#bytes[at] === Byte.CarriageReturn;
  }

  #guessDelimiter(end: number): Uint8Array {
    const text = this.#encoding.decode(this.#bytes.subarray(this.#start, end)).replaceAll(/"[^"]*"/g, '');
    const usual = [...usualDelimiters].find((delimiter) => text.includes(delimiter));
    this.#isGuessed = usual !== undefined && usual !== ',';
    return this.#encoding.encode(usual ?? ',');
  }

  #scan(newline: number, delimiter: Uint8Array, mostRows: number): RowBatch {
    this.#makeRoom();
    const bytes = this.#bytes;
    const starts = this.#starts;
    const ends = this.#ends;
    const limit = this.#limit;
    const isLast = this.#isLast;
    const first = delimiter[0] as number;
    const delimiterLength = delimiter.length;
    const stops = this.#stops;
    for (const byte of [newline, Byte.Quote, first]) stops[byte] = 1;
    bytes[limit] = newline;
    let firstLine = this.#line;
    let rowCount = 0;
    let count = 0;
    let start = this.#start;
    rows: while (start < limit && rowCount < mostRows) {
      const firstCell = count;
      let at = start;
      let cell = start;
      this.#quotedLines = 0;
      for (;;) {
        cell = at;
        if (bytes[at] === Byte.Quote) {
          const end = this.#endOfQuotes(at, newline, delimiter);
          if (end === undefined) break rows;
          at = end;
        } else {
          while (stops[bytes[at] as number] === 0) at++;
          // The first byte of a delimiter of several may be that of another character.
          while (bytes[at] === first && delimiterLength > 1 && !isAt(bytes, at, delimiter)) {
            at++;
            while (stops[bytes[at] as number] === 0) at++;
          }
        }
        const byte = bytes[at];
        if (byte === newline) break;
        if (byte === Byte.Quote) {
          this.#refuseQuote(cell, newline, delimiter);
          break rows;
        }
        ends[count++] = at;
        at += delimiterLength;
      }
      if (at === limit && !isLast) break;
      let next = at + 1;
      if (newline === Byte.CarriageReturn) {
        if (next === limit && !isLast) break;
        if (next < limit && bytes[next] === Byte.LineFeed) next++;
      }
      const isPair = newline === Byte.LineFeed && at > cell && at < limit && this.#isReturn(at - 1);
      const end = isPair ? at - 1 : at;
      ends[count++] = end;
      const width = count - firstCell;
      if (width === this.#width || this.#width === 0) {
        if (rowCount === 0) firstLine = this.#line;
        starts[rowCount++] = start;
      } else if (end === start) count = firstCell;
      else this.#refuseWidth(width);
      start = Math.min(next, limit);
      this.#line += 1 + this.#quotedLines;
    }
    this.#start = start;
    // What the first row has; all others have the same.
    return this.#batch(rowCount, firstLine, this.#width === 0 ? count : this.#width);
  }

  #batch(rowCount: number, line: number, width = this.#width): RowBatch {
    return {
      bytes: this.#bytes,
      rowCount,
      width,
      delimiterLength: this.delimiter.length,
      starts: this.#starts,
      ends: this.#ends,
      end: this.#start,
      line,
    };
  }

  /** So that every byte could end a cell. */
  #makeRoom(): void {
    const most = this.#limit - this.#start + 1;
    if (this.#ends.length >= most) return;
    this.#ends = new Int32Array(most);
    this.#starts = new Int32Array(most);
  }

  /** Where the cell ends whose quote opens at `open`, at what ends it; undefined if that is not known yet. */
  #endOfQuotes(open: number, newline: number, delimiter: Uint8Array): number | undefined {
    const bytes = this.#bytes;
    const limit = this.#limit;
    for (let at = open + 1; at < limit; at++) {
      const byte = bytes[at];
      if (byte === newline) this.#quotedLines++;
      if (byte !== Byte.Quote) continue;
      const after = at + 1;
      if (after === limit) return this.#isLast ? limit : undefined;
      if (bytes[after] === Byte.Quote) {
        at++;
        continue;
      }
      if (bytes[after] === newline || isAt(bytes, after, delimiter)) return after;
      const isPair = this.#isReturn(after) && bytes[after + 1] === Byte.LineFeed && newline === Byte.LineFeed;
      if (isPair && after + 1 < limit) return after + 1;
      // It may begin a line end or a delimiter of several bytes that has not come in full.
      if (!this.#isLast && limit - after < Math.max(2, delimiter.length)) return undefined;
      const text = this.#encoding.decode(bytes.subarray(after, Math.min(after + 40, limit)));
      this.#fail(`text after the closing quote of a cell: ${JSON.stringify(text.slice(0, 20))}`);
    }
    if (this.#isLast) this.#fail('a quote is opened and not closed');
    return undefined;
  }

  /** Throws as soon as it is known where the cell ends that has a quote in it. */
  #refuseQuote(start: number, newline: number, delimiter: Uint8Array): void {
    const bytes = this.#bytes;
    let end = start;
    while (end < this.#limit && bytes[end] !== newline && !isAt(bytes, end, delimiter)) end++;
    if (end === this.#limit && !this.#isLast) return;
    if (newline === Byte.LineFeed && end < this.#limit && this.#isReturn(end - 1) && bytes[end] === newline)
      end--;
    const cell = JSON.stringify(this.#encoding.decode(bytes.subarray(start, end)));
    this.#fail(`a quote in the cell ${cell}, which does not begin with one`);
  }

  #refuseWidth(width: number): never {
    const found = width === 1 ? '1 cell' : `${width} cells`;
    const there = this.#width === 1 ? 'is 1 heading' : `are ${this.#width} headings`;
    const delimiter = JSON.stringify(this.#encoding.decode(this.delimiter));
    const guess = this.#isGuessed
      ? `; by the first line ${delimiter} stands between cells, see --delimiter`
      : '';
    this.#fail(`${found}, but there ${there}${guess}`);
  }

  #fail(message: string): never {
    throw new CommandFailure(`line ${this.#line}: ${message}`);
  }
}

/** Whether `bytes` has `text` at `at`. */
function isAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}
