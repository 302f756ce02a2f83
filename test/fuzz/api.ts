/**
 * `npm run fuzz:api [-- <seconds>]`: random sequences of calls of everything that the package exports, with arguments that fit and
 * arguments that do not. Ends with 1 at a find: a crash, a hang, an allocator whose books are wrong, memory that is left, an
 * error that is not documented. A find is made small by leaving calls out.
 */
import { seedFromEnvironment } from '../support/random.ts';
import { sequenceOf } from './api-sequence.ts';
import { campaignCommand } from './campaign.ts';
import { failureOf, runChild } from './child.ts';

const child = new URL('api.child.ts', import.meta.url);
/** Milliseconds to make one find small. */
const patience = 15_000;
/** Finds that are made small in one campaign. */
let mostShrunk = 3;

await campaignCommand(
  { name: 'fuzz:api', child, batch: 100, explain: shrink },
  seedFromEnvironment() % 1_000_000_000,
);

/** The calls that are left when no part of the sequence can be left out. */
async function shrink(seed: number, what: string): Promise<string> {
  if (mostShrunk-- <= 0) return '  (not made small any more)';
  const { theme, steps: all } = sequenceOf(seed);
  let steps = all;
  const end = performance.now() + patience;
  const fails = async (candidate: readonly number[]): Promise<readonly string[] | undefined> => {
    const outcome = await runChild(child, ['steps', String(theme), ...candidate.map(String)]);
    const found = [
      failureOf(outcome),
      ...outcome.lines.filter((line) => line.startsWith('find ')).map((line) => line.slice(5)),
    ];
    return found.some((each) => each !== undefined && kindOf(each) === kindOf(what))
      ? outcome.lines
      : undefined;
  };
  let lines = await fails(steps);
  if (lines === undefined) return '  (the sequence alone does not do it)';
  for (
    let size = Math.ceil(steps.length / 2);
    size >= 1 && performance.now() < end;
    size = Math.floor(size / 2)
  ) {
    for (let at = steps.length - size; at >= 0 && performance.now() < end; at -= size) {
      const candidate = steps.toSpliced(at, size);
      const shorter = await fails(candidate);
      if (shorter === undefined) continue;
      steps = candidate;
      lines = shorter;
    }
  }
  const calls = lines.filter((line) => line.startsWith('call ')).map((line) => line.slice(5));
  const found = lines.filter((line) => line.startsWith('find ')).map((line) => line.slice(5, 300));
  return `  ${calls.length} calls are enough for ${found[0] ?? what.slice(0, 100)}:\n    ${calls.join('; ')}\n    steps ${theme} ${steps.join(' ')}`;
}

/** What went wrong, without the numbers in it. */
function kindOf(what: string): string {
  return what.replaceAll(/[\d.e+-]+/g, '#').slice(0, 80);
}
