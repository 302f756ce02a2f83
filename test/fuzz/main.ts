/**
 * `npm run fuzz [-- <count>]`: random programs, each on every side, until `count` (100,000 unless given) have agreed
 * with JavaScript. `SEED` repeats a run. Ends with 1 at the first program that differs, made small.
 */
import { Differential } from '../differential/differential.ts';
import { programShape, randomArguments } from '../differential/program-shape.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { randomProgram } from '../support/random-program.ts';

const count = Number(process.argv[2] ?? 100_000);
const seed = seedFromEnvironment();
const reportEvery = 5_000;

const differential = new Differential();
console.log(`SEED=${seed}, ${count} programs on ${differential.sides.length} sides:`);
for (const { name } of differential.sides) console.log(`  ${name}`);

const random = new Random(seed);
const start = performance.now();
for (let done = 1; done <= count; done++) {
  const program = randomProgram(random, programShape);
  const mismatch = differential.compare(program, randomArguments(random, program, 3));
  if (mismatch !== undefined) {
    console.error(differential.explain(mismatch, seed));
    process.exit(1);
  }
  if (done % reportEvery === 0 || done === count) report(done);
}
differential.dispose();

function report(done: number): void {
  const seconds = (performance.now() - start) / 1000;
  const { compared, abandoned } = differential;
  console.log(
    `${done} programs agree: ${compared} evaluations, ${abandoned} given up as too long, ` +
      `${Math.round(done / seconds)} programs a second`,
  );
}
