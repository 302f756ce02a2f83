import { expect } from 'chai';
import { type CsvRow, readCsv } from '../../../src/cli/map/csv-reader.ts';

const piece = 4096;

async function* inPieces(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += piece) yield text.slice(at, at + piece);
}

async function rowsOf(texts: AsyncIterable<string>): Promise<CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const batch of readCsv(texts, ',')) rows.push(...batch);
  return rows;
}

describe('readCsv', () => {
  it('reads long rows as it reads short ones, also if they come in many pieces', async () => {
    const cell = 'a'.repeat(1_000_000);
    const text = `x,y\n${cell},1\n"${cell}\n""b""",2\n3,4\n"${cell}",5`;
    const rows = await rowsOf(inPieces(text));
    expect(rows.map(({ line, cells }) => [line, cells[0]?.length, cells[1]])).to.deep.equal([
      [1, 1, 'y'],
      [2, 1_000_000, '1'],
      [3, 1_000_004, '2'],
      [5, 1, '4'],
      [6, 1_000_000, '5'],
    ]);
    expect(rows.map((row) => row.text + row.lineEnd).join('')).to.equal(text);
  });

  // Looked at with each piece, these are 34,000 million characters.
  for (const [what, begin] of [
    ['has no end', 'x\n'],
    ['is a quote that is never closed', 'x\n"'],
    ['is the first', ''],
  ] as const) {
    it(`refuses a row that is too long and ${what}, in time proportional to it`, async () => {
      const error = await rowsOf(inPieces(begin + 'a'.repeat(17_000_000))).catch((thrown: unknown) => thrown);
      expect(String(error)).to.include('a row of more than 16777216 characters');
    });
  }
});
