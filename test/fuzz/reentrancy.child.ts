/** Cases of the re-entrancy harness: `reentrancy.child.ts <seed> <count> <milliseconds>`, see `campaign.ts`. */
import { tell } from './campaign.ts';
import { runCase } from './reentrancy-case.ts';

const [first = 0, count = 1, milliseconds = 60_000] = process.argv.slice(2).map(Number);
const end = performance.now() + milliseconds;

process.on('unhandledRejection', (error) => {
  // A run that was abandoned by code in the middle of something: its error has nobody else to go to.
  tell('note', `unhandled rejection: ${error}`);
});

let reached = 0;
let acted = 0;
for (let seed = first; seed < first + count && performance.now() < end; seed++) {
  const report = await runCase(seed, (what) => tell('begin', seed, what));
  for (const complaint of new Set(report.complaints)) tell('find', complaint);
  for (const note of report.notes) tell('note', note);
  reached += report.reached;
  acted += report.acted;
  if (report.isSpoilt) break;
}
tell('count', 'points', reached);
tell('count', 'actions', acted);
process.exit(0);
