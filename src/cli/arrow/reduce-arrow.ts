import type { Data, Field, RecordBatch } from 'apache-arrow';
import { utf8 } from '../map/encoding.ts';
import { quoteCell } from '../map/row-formats.ts';
import type { GroupColumn, RowSource } from '../reduce/row-source.ts';
import { BatchFormulas } from './batch-formulas.ts';
import { type CellReader, cellReader, textOf } from './cell-reader.ts';
import type { IpcInput } from './ipc-input.ts';
import { type IpcTable, openIpc } from './read-ipc.ts';

/**
 * What `reduce` makes of the rows of an input. It is written as UTF-8, with a comma if no delimiter is given.
 *
 * @throws CommandFailure for an input that is damaged; what `reduce` throws.
 */
export async function* reduceArrow(
  input: IpcInput,
  delimiter: string | undefined,
  reduce: (source: RowSource<RecordBatch>) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  await using table = await openIpc(input);
  yield* reduce(batchRows(table, delimiter ?? ','));
}

function batchRows({ schema, batches }: IpcTable, delimiter: string): RowSource<RecordBatch> {
  const { fields } = schema;
  return {
    headings: fields.map(({ name }) => name),
    text: {
      encoding: utf8,
      form: { name: 'utf-8', isMarked: false },
      delimiter: utf8.encode(delimiter),
      lineEnd: utf8.encode('\n'),
    },
    batches,
    compile(request, run) {
      const formulas = new BatchFormulas(schema, request, run);
      return {
        countsRows: formulas.countsRows,
        async map(batch) {
          const { rows, results } = await formulas.compute(batch);
          const columns = results.map(({ values, validity }) => ({
            values: values instanceof Float64Array ? values : Float64Array.from(values),
            validity,
          }));
          return { rows, columns };
        },
      };
    },
    groupColumn: (column) => new TextColumn(fields[column] as Field, column, delimiter),
  };
}

/** Values with the same text are the same, and what is missing is as an empty text: CSV, which becomes of them, has no other. */
class TextColumn implements GroupColumn<RecordBatch> {
  readonly cells: Buffer[] = [];
  readonly #read: CellReader;
  readonly #column: number;
  readonly #delimiter: string;
  readonly #numbers = new Map<string, number>();

  constructor(field: Field, column: number, delimiter: string) {
    this.#read = cellReader(field);
    this.#column = column;
    this.#delimiter = delimiter;
  }

  of({ data }: RecordBatch, rows: Uint32Array): Int32Array {
    const cellAt = this.#read(data.children[this.#column] as Data);
    const numbers = new Int32Array(rows.length);
    for (const [index, row] of rows.entries()) {
      const text = textOf(cellAt(row));
      numbers[index] = this.#numbers.get(text) ?? this.#add(text);
    }
    return numbers;
  }

  #add(text: string): number {
    const number = this.cells.length;
    this.#numbers.set(text, number);
    this.cells.push(utf8.encode(quoteCell(text, this.#delimiter)));
    return number;
  }
}
