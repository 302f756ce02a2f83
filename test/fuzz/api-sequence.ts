/** One sequence of calls: each step has a seed of its own, so that it does much the same when others are left out. */
import { countMappings } from '../soak/soak.ts';
import type { Random } from '../support/random.ts';
import { judge } from './accepted-errors.ts';
import { type ApiCall, engineCalls } from './api-calls.ts';
import { memoryCalls, releaseMappings } from './api-memory-calls.ts';
import { World } from './api-world.ts';
import { randomOf } from './campaign.ts';
import { atEndOfStack } from './end-of-stack.ts';

const calls: readonly (readonly [string, ApiCall])[] = Object.entries({
  ...engineCalls,
  ...memoryCalls,
  'at the end of the stack': exhausted,
});

/** Those whose books must not be left half written. */
const changing = [
  ...[
    'allocator.alloc',
    'allocator.release',
    'allocator.shrink',
    'allocator.write',
    'VirtMem.alloc',
    'VirtMem.release',
  ],
  ...['compile', 'kernel', 'f.release', 'kernel.release', 'f.map', 'f(…)', 'workspace.*', 'engine.dispose'],
  ...['runtime.add', 'runtime.release', 'runtime.callable of good code', 'call good code'],
];

function exhausted(world: World, random: Random): void {
  const name = random.pick(changing);
  const call = engineCalls[name] ?? memoryCalls[name];
  const errors = atEndOfStack(() => call?.(world, random), random.integer(5, 60), random.integer(1, 6));
  const fault = errors.find((error) => judge(error, world.thrown).kind === 'fault');
  if (fault !== undefined) throw fault;
}

export interface SequenceReport {
  readonly complaints: readonly string[];
  readonly notes: readonly string[];
  readonly calls: number;
}

export interface Sequence {
  /** Which calls it is made of: few kinds each time, so that these meet often. */
  readonly theme: number;
  readonly steps: readonly number[];
}

/** The sequence that a seed stands for. */
export function sequenceOf(seed: number): Sequence {
  const random = randomOf(seed);
  const step = (): number => random.integer(0, 2 ** 31 - 1);
  return { theme: step(), steps: Array.from({ length: random.integer(10, 120) }, step) };
}

function callsOf(theme: number): typeof calls {
  const random = randomOf(theme);
  const chosen = random.shuffle(calls).slice(0, random.pick([5, 10, 20, calls.length]));
  return random.chance(0.3) ? [...chosen, ['at the end of the stack', exhausted]] : chosen;
}

/** Runs the steps; `trace` hears of each before it runs. */
export async function runSequence(
  { theme, steps }: Sequence,
  trace: (call: string) => void,
): Promise<SequenceReport> {
  const chosen = callsOf(theme);
  const mappingsBefore = countMappings();
  const world = new World();
  const complaints: string[] = [];
  const notes: string[] = [];
  const hear = (what: string, error: unknown): void => {
    const { kind, text } = judge(error, world.thrown);
    if (kind === 'fault') complaints.push(`${what}: ${text}`);
    if (kind === 'careless') notes.push(`${what}: ${text}`);
  };
  for (const step of steps) {
    const random = randomOf(step);
    const [name, call] = random.pick(chosen);
    trace(name);
    try {
      call(world, random);
    } catch (error) {
      hear(name, error);
    }
    try {
      world.verify();
    } catch (error) {
      complaints.push(`after ${name}: ${judge(error).text}`);
    }
    // Threads and finalizers get their turn.
    if (random.chance(0.1)) await new Promise(setImmediate);
  }
  for (const end of await Promise.allSettled(world.pending)) {
    if (end.status === 'rejected') hear('asynchronous run', end.reason);
  }
  complaints.push(...dispose(world, mappingsBefore));
  return { complaints, notes, calls: steps.length };
}

/** Gives everything back; what is left then is a leak. */
function dispose(world: World, mappingsBefore: number): string[] {
  const complaints: string[] = [];
  const attempt = (what: string, action: () => void): void => {
    try {
      action();
    } catch (error) {
      // Listeners throw, and that is passed on.
      if (leavesOf(error).every((each) => judge(each, world.thrown).text.includes('a listener'))) return;
      complaints.push(`${what} at the end: ${judge(error).text}`);
    }
  };
  for (const code of world.codes) {
    while (code.activations > 0) attempt('leave', () => code.leave());
  }
  for (const engine of world.engines) attempt('dispose of an engine', () => engine.dispose());
  for (const runtime of world.runtimes) {
    attempt('dispose of a runtime', () => runtime[Symbol.dispose]());
    const { usedSize, reservedSize } = runtime.statistics();
    if (usedSize + reservedSize > 0)
      complaints.push(`a runtime that is disposed of holds ${usedSize} of ${reservedSize} bytes`);
  }
  for (const allocator of world.allocators) {
    attempt('dispose of an allocator', () => allocator[Symbol.dispose]());
    const { usedSize, reservedSize, allocationCount } = allocator.statistics();
    if (usedSize + reservedSize + allocationCount > 0)
      complaints.push(`an allocator that is disposed of holds ${reservedSize} bytes`);
  }
  releaseMappings(world);
  const left = countMappings() - mappingsBefore;
  if (left > 0) complaints.push(`${left} mappings are left`);
  return complaints;
}

/** The errors that an error is made of. */
function leavesOf(error: unknown): unknown[] {
  return error instanceof AggregateError ? error.errors.flatMap(leavesOf) : [error];
}
