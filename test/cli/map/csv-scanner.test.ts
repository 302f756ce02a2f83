import { expect } from 'chai';
import { rowTexts } from '../../../src/cli/map/cells.ts';
import { openCsv } from '../../../src/cli/map/csv-table.ts';
import { utf8 } from '../../../src/cli/map/encoding.ts';

interface Row {
  readonly text: string;
  readonly cells: readonly string[];
}

const piece = 4096;

async function* inPieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}

async function rowsOf(chunks: AsyncIterable<Uint8Array>): Promise<Row[]> {
  const source = { chunks, encoding: utf8, form: { name: 'utf-8', isMarked: false } } as const;
  const { headings, batches } = await openCsv(source, undefined);
  const rows: Row[] = [{ text: headings.join(), cells: headings }];
  for await (const batch of batches) {
    for (let row = 0; row < batch.rowCount; row++) {
      const end = row + 1 < batch.rowCount ? batch.starts[row + 1] : batch.end;
      const text = utf8.decode(batch.bytes.subarray(batch.starts[row], end));
      rows.push({ text, cells: rowTexts(batch, row, utf8) });
    }
  }
  return rows;
}

describe('CsvScanner', () => {
  it('reads long rows as it reads short ones, also if they come in many pieces', async () => {
    const cell = 'a'.repeat(1_000_000);
    const text = `x,y\n${cell},1\n"${cell}\n""b""",2\n3,4\n"${cell}",5`;
    const rows = await rowsOf(inPieces(text));
    expect(rows.map(({ cells }) => [cells[0]?.length, cells[1]])).to.deep.equal([
      [1, 'y'],
      [1_000_000, '1'],
      [1_000_004, '2'],
      [1, '4'],
      [1_000_000, '5'],
    ]);
    expect(rows.map((row) => row.text).join('')).to.equal(text.replace('\n', ''));
  });

  // Looked at with each piece, these are 34,000 million bytes.
  for (const [what, begin] of [
    ['has no end', 'x\n'],
    ['is a quote that is never closed', 'x\n"'],
    ['is the first', ''],
    ['is the first, in a quote', '"'],
  ] as const) {
    it(`refuses a row that is too long and ${what}, in time proportional to it`, async () => {
      const error = await rowsOf(inPieces(begin + 'a'.repeat(17_000_000))).catch((thrown: unknown) => thrown);
      expect(String(error)).to.include('a row of more than 16777216 bytes');
    });
  }
});
