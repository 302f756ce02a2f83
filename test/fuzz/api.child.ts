/**
 * Sequences of the API fuzzer: `api.child.ts <seed> <count> <milliseconds>`, see `campaign.ts`; or one sequence of the steps that are given:
 * `api.child.ts steps <theme> <step> …`.
 */
import { runSequence, type Sequence, sequenceOf } from './api-sequence.ts';
import { tell } from './campaign.ts';

const [first = '', count = '1', milliseconds = '60000'] = process.argv.slice(2);
const end = performance.now() + Number(milliseconds);
let calls = 0;

async function run(name: string, sequence: Sequence, trace: (call: string) => void): Promise<void> {
  tell('begin', name, 'sequence | of calls |');
  const report = await runSequence(sequence, trace);
  for (const complaint of new Set(report.complaints)) tell('find', complaint);
  for (const note of new Set(report.notes)) tell('note', note);
  calls += report.calls;
}

if (first === 'steps') {
  const [theme = 0, ...steps] = process.argv.slice(3).map(Number);
  await run('0', { theme, steps }, (call) => tell('call', call));
} else {
  for (let seed = Number(first); seed < Number(first) + Number(count) && performance.now() < end; seed++) {
    await run(String(seed), sequenceOf(seed), () => {});
  }
}
tell('count', 'calls', calls);
process.exit(0);
