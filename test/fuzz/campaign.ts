/**
 * Campaigns of random cases, by seed, in child processes.
 *
 * A child is called with a seed and a count, and runs that many cases. It writes a line before each of them, so that
 * a dead child has told which one it died of:
 *
 *     begin <seed> <what the case does>
 *     find <what was wrong>
 *     note <what deserves a look and is no fault>
 *     count <name> <number>
 *
 * A death is tried again with its seed alone; if that survives, with more and more of the cases before it.
 */
import { writeSync } from 'node:fs';
import { Random } from '../support/random.ts';
import { failureOf, runChild } from './child.ts';

export interface Campaign {
  readonly name: string;
  readonly child: URL;
  readonly seconds: number;
  readonly seed: number;
  /** Cases of one child. */
  readonly batch: number;
  /** Makes a find small, and says how it is repeated. */
  readonly explain?: (seed: number, what: string) => Promise<string>;
}

interface Find {
  readonly what: string;
  readonly case: string;
  readonly seed: number;
  readonly repeat: string;
  times: number;
}

/** Beyond so many the rest is likely to be more of the same. */
const mostNotes = 15;
const mostReproductions = 6;
const mostFindsPrinted = 60;

/** The choices of a case: neighbouring seeds have next to nothing in common. */
export function randomOf(seed: number): Random {
  const random = new Random(Math.imul(seed + 1, 0x9e37_79b1));
  for (let i = 0; i < 8; i++) random.fraction();
  return random;
}

/** Sends one line to the campaign, at once: the next instruction may be the last. */
export function tell(kind: 'begin' | 'find' | 'note' | 'count' | 'call', ...words: readonly unknown[]): void {
  writeSync(1, `${[kind, ...words].map(String).join(' ').replaceAll('\n', '\\n')}\n`);
}

/** Runs cases for so many seconds, prints what was done, and gives the number of different finds. */
async function runCampaign(campaign: Campaign): Promise<number> {
  const { name, child, seconds, batch } = campaign;
  const end = performance.now() + seconds * 1000;
  const finds = new Map<string, Find>();
  const notes = new Map<string, number>();
  const counts = new Map<string, number>();
  let cases = 0;
  let reproductions = 0;
  console.log(`${name}: SEED=${campaign.seed}, ${seconds} s`);
  for (let seed = campaign.seed; performance.now() < end; ) {
    const first = seed;
    let current = '';
    const found = new Map<string, Find>();
    const outcome = await runChild(child, [String(first), String(batch), String(end - performance.now())], {
      onLine: (line) => {
        const [kind = '', ...rest] = line.split(' ');
        const text = rest.join(' ');
        if (kind === 'begin') {
          cases++;
          seed = Number(rest[0]);
          current = rest.slice(1).join(' ');
        } else if (kind === 'find') {
          note(found, { what: text, case: current, seed, repeat: `SEED=${seed} COUNT=1`, times: 1 });
        } else if (kind === 'note') notes.set(text, (notes.get(text) ?? 0) + 1);
        else if (kind === 'count')
          counts.set(rest[0] ?? '', (counts.get(rest[0] ?? '') ?? 0) + Number(rest[1]));
      },
    });
    const failure = failureOf(outcome);
    if (failure !== undefined) {
      const known = finds.has(keyOf(failure, current));
      const repeat =
        known || reproductions++ > mostReproductions
          ? `SEED=${first} COUNT=${seed - first + 1}`
          : await reproduce(child, first, seed);
      note(found, { what: failure, case: current, seed, repeat, times: 1 });
    }
    for (const [key, find] of found) {
      const known = finds.get(key);
      if (known !== undefined) known.times += find.times;
      else {
        finds.set(key, find);
        console.log(
          `\nFIND ${find.what.replaceAll('\\n', '\n')}\n  in ${find.case}\n  ${find.repeat} npm run ${name}`,
        );
        if (campaign.explain !== undefined) console.log(await campaign.explain(find.seed, find.what));
      }
    }
    seed++;
    if (outcome.lines.length === 0 && failure !== undefined) break;
  }
  summarize(name, cases, finds, notes, counts);
  return finds.size;
}

/** Finds of one kind are one: the same complaint at the same point. */
function keyOf(what: string, where: string): string {
  return `${what.replaceAll(/[\d.e+-]+/g, '#')} at ${where
    .replaceAll(/ \[.*?\]/g, '')
    .split(' | ')[1]
    ?.replaceAll(/of \d.*/g, '')}`;
}

function note(finds: Map<string, Find>, find: Find): void {
  const key = keyOf(find.what, find.case);
  const known = finds.get(key);
  if (known === undefined) finds.set(key, find);
  else known.times++;
}

/** The settings that bring a death back, with as few cases before it as the bisection finds. */
async function reproduce(child: URL, first: number, last: number): Promise<string> {
  const dies = async (from: number): Promise<boolean> =>
    failureOf(await runChild(child, [String(from), String(last - from + 1), '60000'])) !== undefined;
  if (await dies(last)) return `SEED=${last} COUNT=1`;
  if (first === last || !(await dies(first)))
    return `SEED=${first} COUNT=${last - first + 1} (not every time)`;
  let [low, high] = [first, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (await dies(middle)) low = middle;
    else high = middle;
  }
  return `SEED=${low} COUNT=${last - low + 1}`;
}

function summarize(
  name: string,
  cases: number,
  finds: ReadonlyMap<string, Find>,
  notes: ReadonlyMap<string, number>,
  counts: ReadonlyMap<string, number>,
): void {
  if (notes.size > 0) console.log('\nnot documented, and no fault:');
  for (const [text, times] of [...notes].slice(0, mostNotes)) console.log(`  ${times} × ${text}`);
  const sums = [...counts].sort().map(([what, sum]) => `${sum} ${what}`);
  console.log(`\n${name}: ${[`${cases} cases`, ...sums].join(', ')}; ${finds.size} finds`);
  for (const { what, case: where, repeat, times } of [...finds.values()].slice(0, mostFindsPrinted)) {
    console.log(`  ${times} × ${what.split('\\n')[0]?.slice(0, 160)} | ${where} | ${repeat}`);
  }
}

/** Runs a campaign as a command: `npm run <name> [-- <seconds>]`; `SEED` and `COUNT` run just these cases, in one child. */
export async function campaignCommand(
  campaign: Omit<Campaign, 'seconds' | 'seed'>,
  seed: number,
): Promise<void> {
  const { COUNT } = process.env;
  const seconds = Number(process.argv[2] ?? 60);
  if (COUNT === undefined) {
    process.exitCode = (await runCampaign({ ...campaign, seed, seconds })) > 0 ? 1 : 0;
    return;
  }
  const outcome = await runChild(campaign.child, [String(seed), COUNT, '600000'], { onLine: console.log });
  const failure = failureOf(outcome);
  if (failure !== undefined) console.log(failure);
  process.exitCode = failure !== undefined || outcome.lines.some((line) => line.startsWith('find ')) ? 1 : 0;
}
