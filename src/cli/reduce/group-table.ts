import { formatJson, formatResult } from '../format-result.ts';
import { unquoted } from '../map/cells.ts';
import { type Encoding, latin1, requireText, utf8 } from '../map/encoding.ts';
import { isJsonNumber } from '../map/json-number.ts';
import { quoteCell } from '../map/row-formats.ts';
import type { Accumulator } from './accumulator.ts';
import type { GroupKey } from './groups.ts';

/** How a table of groups is written. */
export interface GroupTableShape {
  /** Headings of what groups have in common. */
  readonly by: readonly string[];
  /** Headings of their aggregates. */
  readonly aggregates: readonly string[];
  readonly encoding: Encoding;
  readonly delimiter: Uint8Array;
  readonly newline: Uint8Array;
}

/** A line of it. */
export interface GroupLine {
  /** As they are written in a table of CSV. */
  readonly cells: readonly Uint8Array[];
  readonly results: readonly (number | boolean)[];
}

/** Lines that are written together. */
const pieceSize = 4096;

/** The text of a table of groups: a table of CSV, or an object of JSON for each line. */
export function* groupTable(
  shape: GroupTableShape,
  json: boolean,
  lines: Iterable<GroupLine>,
): Generator<Uint8Array> {
  const { start, line } = json ? jsonWriter(shape) : csvWriter(shape);
  yield start;
  let pieces: Uint8Array[] = [];
  for (const each of lines) {
    pieces.push(line(each));
    if (pieces.length === pieceSize) {
      yield Buffer.concat(pieces);
      pieces = [];
    }
  }
  yield Buffer.concat(pieces);
}

/** Groups in the order in which they were found, as they were written first. */
export function* linesAsFound(
  cells: (group: number) => readonly Uint8Array[],
  count: number,
  accumulators: readonly Accumulator[],
): Generator<GroupLine> {
  for (let group = 0; group < count; group++) {
    yield { cells: cells(group), results: resultsOf(accumulators, group) };
  }
}

/** Groups in the order of {@link inOrder}, each in quotes only where it has to be. */
export function* linesInOrder(
  keys: readonly GroupKey[],
  delimiter: Uint8Array,
  accumulators: readonly Accumulator[],
): Generator<GroupLine> {
  const text = latin1.decode(delimiter);
  for (const group of inOrder(keys)) {
    const cells = (keys[group] as GroupKey).map((cell) => latin1.encode(quoteCell(cell, text)));
    yield { cells, results: resultsOf(accumulators, group) };
  }
}

/** The numbers of groups, by the bytes of their cells, column by column: an order that no order of rows has a part in. */
export function inOrder(keys: readonly GroupKey[]): number[] {
  return [...keys.keys()].sort((a, b) => compareKeys(keys[a] as GroupKey, keys[b] as GroupKey));
}

function compareKeys(a: GroupKey, b: GroupKey): number {
  for (let column = 0; column < a.length; column++) {
    const left = a[column] as string;
    const right = b[column] as string;
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function resultsOf(accumulators: readonly Accumulator[], group: number): (number | boolean)[] {
  return accumulators.map((accumulator) => accumulator.result(group));
}

interface LineWriter {
  readonly start: Uint8Array;
  readonly line: (line: GroupLine) => Uint8Array;
}

function csvWriter({ by, aggregates, encoding, delimiter, newline }: GroupTableShape): LineWriter {
  const text = encoding.decode(delimiter);
  const cellOf = (content: string): Buffer => encoding.encode(quoteCell(content, text));
  const line = (cells: readonly Uint8Array[]): Buffer =>
    Buffer.concat(cells.flatMap((cell, index) => (index === 0 ? [cell] : [delimiter, cell])).concat(newline));
  return {
    start: line([...by, ...aggregates].map(cellOf)),
    line: ({ cells, results }) => line([...cells, ...results.map((result) => cellOf(formatResult(result)))]),
  };
}

function jsonWriter({ by, aggregates, encoding }: GroupTableShape): LineWriter {
  const keys = [...by, ...aggregates].map((heading) => `${JSON.stringify(heading)}:`);
  const jsonCell = (cell: Uint8Array): string => {
    if (isJsonNumber(cell, 0, cell.length)) return latin1.decode(cell);
    requireText(cell, encoding, undefined);
    return JSON.stringify(unquoted(encoding.decode(cell)));
  };
  return {
    start: new Uint8Array(0),
    line({ cells, results }) {
      const values = [...cells.map(jsonCell), ...results.map(formatJson)];
      return utf8.encode(`{${values.map((value, index) => keys[index] + value).join()}}\n`);
    },
  };
}
