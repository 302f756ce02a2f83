/**
 * `npm run fuzz:rows [-- <count>]`: random formulas of columns, with other rows, missing values and groups, on every back end and level,
 * until `count` (2,000 unless given) come to what JavaScript makes of them. `SEED` repeats a run, and a formula is as its own seed says. Ends with 1 at
 * the first difference.
 */
import { differenceOfRows, rowSides } from '../differential/random-rows.ts';
import { seedFromEnvironment } from '../support/random.ts';

const count = Number(process.argv[2] ?? 2000);
const seed = seedFromEnvironment();
const reportEvery = 250;

const sides = rowSides();
console.log(`SEED=${seed}, ${count} formulas on ${sides.length} sides:`);
for (const { name } of sides) console.log(`  ${name}`);

for (let done = 1; done <= count; done++) {
  const own = seed + done - 1;
  const difference = differenceOfRows(own, sides);
  if (difference !== undefined) {
    console.error(`SEED=${own} npm run fuzz:rows -- 1\n${difference}`);
    process.exit(1);
  }
  if (done % reportEvery === 0 || done === count) console.log(`${done} formulas agree`);
}
for (const { engine } of sides) engine.dispose();
