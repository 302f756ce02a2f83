import type { OutputStream } from '../../command.ts';
import { characterWidth } from '../../text-width.ts';
import type { EditState } from './edit-state.ts';

/** What stands in front of the first line and of those that continue it. */
export interface Prefixes {
  readonly first: string;
  readonly next: string;
}

/** Rows below that of the first character, and characters from the left, both from 0. */
interface Place {
  readonly row: number;
  readonly column: number;
}

interface Drawing {
  readonly prefixes: Prefixes;
  readonly state: EditState;
  readonly cursor: Place;
  readonly end: Place;
}

/** Draws a text that is being edited, as many rows as it takes, and draws it again as it changes. */
export class Screen {
  readonly #output: OutputStream;
  #drawn: Drawing | undefined;

  constructor(output: OutputStream) {
    this.#output = output;
  }

  get columns(): number {
    return Math.max(this.#output.columns ?? 80, 2);
  }

  draw(prefixes: Prefixes, state: EditState): void {
    const drawing = this.#measure(prefixes, state);
    const added = this.#appended(drawing);
    if (added !== undefined) this.#output.write(added);
    else this.#output.write(this.#whole(drawing));
    this.#drawn = drawing;
  }

  /** Leaves what was drawn where it is: what is written next stands below. */
  leave(): void {
    if (this.#drawn === undefined) return;
    const { cursor, end } = this.#drawn;
    this.#output.write(`${down(end.row - cursor.row)}\r\n`);
    this.#drawn = undefined;
  }

  /** The terminal has another width: it has moved what was drawn to rows that only it knows. */
  forget(): void {
    this.#drawn = undefined;
  }

  /** What to write where only the end has grown, and no row is full. */
  #appended({ prefixes, state, cursor, end }: Drawing): string | undefined {
    const before = this.#drawn;
    if (before === undefined || before.prefixes !== prefixes) return undefined;
    const { text } = before.state;
    const isAtEnd = before.state.cursor === text.length && state.cursor === state.text.length;
    if (!isAtEnd || !state.text.startsWith(text) || end.row !== before.end.row) return undefined;
    return cursor.column === end.column ? state.text.slice(text.length) : undefined;
  }

  #whole({ prefixes, state, cursor, end }: Drawing): string {
    const rows = `${prefixes.first}${state.text.replaceAll('\n', `\r\n${prefixes.next}`)}`;
    // At the right border most terminals wait with the next row until something is written there.
    const isFull = end.column === 0 && end.row > 0;
    return [
      up(this.#drawn?.cursor.row ?? 0),
      '\x1b[1G\x1b[0J',
      rows,
      isFull ? '\r\n' : '',
      up(end.row - cursor.row),
      `\x1b[${cursor.column + 1}G`,
    ].join('');
  }

  #measure(prefixes: Prefixes, state: EditState): Drawing {
    const { columns } = this;
    let row = 0;
    let column = prefixes.first.length;
    let cursor: Place | undefined;
    let offset = 0;
    for (const character of state.text) {
      const width = character === '\n' ? 0 : characterWidth(character);
      if (width > 0 && column + width > columns) {
        row++;
        column = 0;
      }
      if (offset === state.cursor) cursor = { row, column };
      offset += character.length;
      if (character === '\n') {
        row++;
        column = prefixes.next.length;
      } else column += width;
    }
    if (column === columns) {
      row++;
      column = 0;
    }
    const end = { row, column };
    return { prefixes, state, cursor: within(cursor ?? end, columns), end };
  }
}

/** In front of a line end the cursor may stand behind the last column: there it stays on it. */
function within({ row, column }: Place, columns: number): Place {
  return { row, column: Math.min(column, columns - 1) };
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : '';
}

function down(rows: number): string {
  return rows > 0 ? `\x1b[${rows}B` : '';
}
