/**
 * Sequences of the API fuzzer: `api.child.ts <seed> <count> <milliseconds>`, see `campaign.ts`; or one sequence of the steps that are given:
 * `api.child.ts steps <step> …`.
 */
import { runSequence, stepsOf } from './api-sequence.ts';
import { tell } from './campaign.ts';

const [first = '', count = '1', milliseconds = '60000'] = process.argv.slice(2);
const end = performance.now() + Number(milliseconds);
let calls = 0;

async function run(name: string, steps: readonly number[], trace: (call: string) => void): Promise<void> {
  tell('begin', name, 'sequence | of calls |');
  const report = await runSequence(steps, trace);
  for (const complaint of new Set(report.complaints)) tell('find', complaint);
  for (const note of new Set(report.notes)) tell('note', note);
  calls += report.calls;
}

if (first === 'steps') {
  await run('0', process.argv.slice(3).map(Number), (call) => tell('call', call));
} else {
  for (let seed = Number(first); seed < Number(first) + Number(count) && performance.now() < end; seed++) {
    await run(String(seed), stepsOf(seed), () => {});
  }
}
tell('count', 'calls', calls);
process.exit(0);
