/** A spreadsheet: formulas that name cells, and that follow when a cell or a function changes. */
import { CompileError } from 'exprjit';
import { Sheet } from './sheet.ts';

const sheet = new Sheet();
sheet.define('rate() = 0.19; gross(net) = net * (1 + rate())');
sheet.set('A1', '120');
sheet.set('A2', '80');
sheet.set('A3', 'A1 + A2');
sheet.set('B3', 'gross(A3)');
console.log(`net ${sheet.value('A3')}, gross ${sheet.value('B3').toFixed(2)}`);

const changed = sheet.set('A1', '220');
console.log(`changing A1 computed ${changed.join(', ')}: gross ${sheet.value('B3').toFixed(2)}`);

sheet.define('rate() = 0.07');
console.log(`at another rate: gross ${sheet.value('B3').toFixed(2)}`);

// What is typed may be wrong. Nothing has changed then.
for (const [cell, text] of [
  ['C1', 'A1 + gros(A2)'],
  ['A1', 'B3 / 2'],
] as const) {
  try {
    sheet.set(cell, text);
  } catch (error) {
    if (error instanceof CompileError) console.log(error.render());
    else if (error instanceof RangeError) console.log(error.message);
    else throw error;
  }
}
console.log(`still: gross ${sheet.value('B3').toFixed(2)}`);

// A long column, each cell on top of the one before.
for (let row = 1; row <= 1000; row++) sheet.set(`D${row}`, row === 1 ? 'A1' : `D${row - 1} + 1`);
console.log(`changing A1 computed ${sheet.set('A1', '1').length} cells: D1000 is ${sheet.value('D1000')}`);
