import { characterWidth } from '../../../../src/cli/text-width.ts';

/** What a terminal shows of what is written to it; it knows the few control sequences of the prompt's editor, and scrolls never. */
export class TinyTerminal {
  readonly columns: number;
  readonly #rows: string[][] = [[]];
  row = 0;
  column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this is about
    for (const part of text.match(/\x1b\[\d*[A-Z]|./gsu) ?? []) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this is about
      const [, count = '1', command] = /^\x1b\[(\d*)([A-Z])$/.exec(part) ?? [];
      const n = Number(count);
      if (command === 'A') this.row -= n;
      else if (command === 'B') this.row += n;
      else if (command === 'G') this.column = n - 1;
      else if (command === 'J') this.#clearBelow();
      else if (command !== undefined) throw new Error(`unknown sequence ${JSON.stringify(part)}`);
      else if (part === '\r') this.column = 0;
      else if (part === '\n') this.#goTo(this.row + 1);
      else this.#put(part);
      if (this.row < 0) throw new Error('the cursor left the screen');
    }
  }

  /** Rows without what is empty at their ends. */
  get rows(): string[] {
    return this.#rows.map((row) => Array.from(row, (cell) => cell ?? ' ').join(''));
  }

  #goTo(row: number): void {
    this.row = row;
    while (this.#rows.length <= row) this.#rows.push([]);
  }

  /** As xterm does: behind the last column the cursor waits there until something comes. */
  #put(character: string): void {
    const width = characterWidth(character);
    if (this.column + width > this.columns) {
      this.#goTo(this.row + 1);
      this.column = 0;
    }
    const row = this.#rows[this.row] ?? [];
    row[this.column] = character;
    if (width === 2) row[this.column + 1] = '';
    this.column += width;
  }

  #clearBelow(): void {
    this.#rows.length = this.row + 1;
    const row = this.#rows[this.row] ?? [];
    row.length = Math.min(row.length, this.column);
  }
}
