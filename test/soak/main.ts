/**
 * `npm run soak [-- <cycles>]`: a million compile-run-release cycles unless told otherwise. `SEED` repeats a run. Ends
 * with 1 if memory grew or a mapping was left.
 */
import { median } from '../../bench/support/statistics.ts';
import { seedFromEnvironment } from '../support/random.ts';
import { countMappings, type SoakRound, soak } from './soak.ts';

const total = Number(process.argv[2] ?? 1_000_000);
const seed = seedFromEnvironment();
const threads = 4;
const rounds = 30;
const allowedGrowth = 5;

const mappingsBefore = countMappings();
const history: SoakRound[] = [];
let cycles = 0;
console.log(`SEED=${seed}, ${total} cycles in ${threads} threads, ${rounds} rounds`);
for await (const round of soak({
  seed,
  rounds,
  threads,
  cycles: Math.ceil(total / rounds / (threads - 1)),
})) {
  history.push(round);
  cycles += round.cycles;
  console.log(
    `round ${history.length}: ${cycles} cycles, ${round.residentMegabytes.toFixed(1)} MB resident, ` +
      `${round.mappings} mappings`,
  );
}

const tenth = Math.ceil(history.length / 10);
const resident = (part: readonly SoakRound[]) =>
  median(part.map(({ residentMegabytes }) => residentMegabytes));
const growth = resident(history.slice(-tenth)) - resident(history.slice(0, tenth));
const left = countMappings() - mappingsBefore;
console.log(
  `${cycles} cycles: resident memory ${growth >= 0 ? '+' : ''}${growth.toFixed(1)} MB, ${left} mappings left`,
);
if (growth > allowedGrowth || left !== 0) process.exitCode = 1;
