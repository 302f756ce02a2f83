/**
 * `npm run fuzz:slow [-- <seconds>]`: looks for sources that are slow or take much memory to compile, a minute long unless
 * given; `SEED` repeats a run. A child process compiles them, so that it can be ended. The slowest are kept, changed and
 * tried again, and printed in the end. Ends with 1 if one is beyond the budget.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { elementAt } from '../../src/support/element.ts';
import type { CompileCost } from '../support/compile-cost.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { sourceFamilies } from '../support/source-families.ts';
import {
  mutatedSlowProgram,
  printSlowProgram,
  randomSlowProgram,
  type SlowProgram,
} from './slow-program-shape.ts';

/** Milliseconds of processor time and bytes that a source within the default limits may take. */
const budget = { time: 10_000, memory: 800e6 };
/** Milliseconds after which the child is ended. */
const patience = 60_000;
/** Programs that are kept. */
const kept = 12;

interface Find {
  readonly source: string;
  readonly program: SlowProgram | undefined;
  readonly cost: CompileCost;
}

class Measurer {
  #child: ChildProcess | undefined;

  async measure(source: string, parameters: readonly string[]): Promise<CompileCost> {
    this.#child ??= fork(new URL('slow-programs.child.ts', import.meta.url), { execArgv: ['--import=tsx'] });
    const child = this.#child;
    const cancel = new AbortController();
    const { signal } = cancel;
    child.send({ source, parameters });
    const answer = await Promise.race([
      once(child, 'message', { signal }).then(([cost]) => cost as CompileCost),
      once(child, 'exit', { signal }).then(([code, name]) => `ended with ${code ?? name}`),
      setTimeout(patience, 'took too long', { signal }),
    ]);
    cancel.abort();
    if (typeof answer !== 'string') return answer;
    this.end();
    return { time: Number.POSITIVE_INFINITY, memory: 0, refusal: answer };
  }

  end(): void {
    this.#child?.kill('SIGKILL');
    this.#child = undefined;
  }
}

const seconds = Number(process.argv[2] ?? 60);
const seed = seedFromEnvironment();
const random = new Random(seed);
const measurer = new Measurer();
const end = performance.now() + seconds * 1000;
const slowest: Find[] = [];
let count = 0;
let isBroken = false;
console.log(`SEED=${seed}, ${seconds} s`);

async function tryOut(source: string, program?: SlowProgram): Promise<void> {
  const cost = await measurer.measure(source, ['x', 'y']);
  count++;
  slowest.push({ source, program, cost });
  slowest.sort((a, b) => b.cost.time - a.cost.time);
  slowest.length = Math.min(slowest.length, kept);
  if (cost.time <= budget.time && cost.memory <= budget.memory) return;
  isBroken = true;
  console.error(`beyond the budget: ${describe({ source, program, cost })}\n${source.slice(0, 400)}`);
  measurer.end();
}

const families = [...sourceFamilies];
while (performance.now() < end) {
  const family = families.shift();
  if (family !== undefined) await tryOut(family.source(family.most));
  const known = slowest.flatMap(({ program }) => program ?? []);
  const program =
    known.length === 0 || random.chance(0.5)
      ? randomSlowProgram(random)
      : mutatedSlowProgram(random, elementAt(known, random.integer(0, known.length - 1)));
  await tryOut(printSlowProgram(program), program);
}
measurer.end();
console.log(`${count} programs; the slowest:`);
for (const find of slowest) console.log(`  ${describe(find)}`);
process.exitCode = isBroken ? 1 : 0;

function describe({ source, cost: { time, memory, refusal } }: Find): string {
  const perCharacter = ((time * 1000) / source.length).toFixed(1);
  const outcome = refusal === undefined ? '' : `, refused: ${refusal}`;
  const start = source.slice(0, 90).replaceAll('\n', ' ; ');
  return `${Math.round(time)} ms, ${perCharacter} µs a character, ${Math.round(memory / 1e6)} MB${outcome}: ${start} … (${source.length})`;
}
