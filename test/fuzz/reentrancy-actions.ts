/** Everything that code of the caller's can do in the middle of a call. */
import { createRequire } from 'node:module';
import type { Random } from '../support/random.ts';
import { judge } from './accepted-errors.ts';
import { columnArrays } from './column-arrays.ts';
import { atEndOfStack } from './end-of-stack.ts';
import { GuardedArray, memories } from './guarded-array.ts';
import type { Package } from './package-copies.ts';
import { detach } from './real-slots.ts';
import { changed, type LooseFunction, type Scene, second } from './reentrancy-scene.ts';

export interface Action {
  readonly name: string;
  /** May throw what the package or V8 throws. */
  readonly act: (scene: Scene, random: Random) => void;
}

/** What code of the caller's throws; it has to come back as it is. */
class CallersError extends Error {
  override readonly name = 'CallersError';
}

const simple: readonly Action[] = [
  { name: 'release this', act: ({ f, kernel, isKernel }) => (isKernel ? kernel.release() : f.release()) },
  {
    name: 'release this, take its place',
    act(scene, random) {
      (scene.isKernel ? scene.kernel : scene.f).release();
      for (let i = 0; i < 6; i++)
        runOther(scene, scene.engine.compile(`x + ${i + 1000}`, ['x']), random, (x) => x + i + 1000);
    },
  },
  { name: 'dispose', act: ({ engine }) => engine.dispose() },
  {
    name: 'compile',
    act(scene, random) {
      runOther(scene, scene.engine.compile('x*3 + h(1)', ['x']), random, (x) => x * 3 + 1);
    },
  },
  { name: 'run the same, longer', act: (scene, random) => runAgain(scene, random, 3 * scene.rows + 5) },
  { name: 'run the same, other types', act: (scene, random) => runAgain(scene, random, scene.rows) },
  { name: 'run the same, shorter', act: (scene, random) => runAgain(scene, random, 1) },
  { name: 'push the kernel out', act: pushOut },
  {
    name: 'start an asynchronous run',
    act(scene) {
      const array = new GuardedArray('f64', 2 * scene.rows, 'private').fill(() => 4);
      const columns = Object.fromEntries(scene.formula.parameters.map((name) => [name, array.array]));
      const right = scene.formula.evaluate(...scene.formula.parameters.map(() => 4));
      const check = (result: unknown): void => expectAll(scene, result, right);
      scene.pending.push(scene.f.mapAsync(columns).then(check));
      array.free();
    },
  },
  { name: 'start the operation again', act: (scene) => scene.pending.push(startAgain(scene)) },
  { name: 'detach', act: (scene, random) => random.pick(scene.guarded).detach() },
  { name: 'detach all', act: (scene) => each(scene, (array) => array.detach()) },
  { name: 'free', act: (scene, random) => random.pick(scene.guarded).free() },
  { name: 'free all', act: (scene) => each(scene, (array) => array.free()) },
  { name: 'shrink all', act: (scene) => each(scene, (array) => array.resize(0)) },
  { name: 'shrink', act: (scene, random) => random.pick(scene.guarded).resize(random.fraction()) },
  { name: 'grow', act: (scene) => each(scene, (array) => array.resize(2)) },
  {
    name: 'shrink and grow',
    act: (scene) =>
      each(scene, (array) => {
        array.resize(0);
        array.resize(2);
      }),
  },
  {
    name: 'change the columns',
    act({ inputs }) {
      for (const [position, input] of inputs.entries()) input.fill(changed(position));
    },
  },
  {
    name: 'throw',
    act({ thrown }) {
      const error = new CallersError('thrown in the middle');
      thrown.add(error);
      throw error;
    },
  },
  {
    name: 'throw nothing',
    act({ thrown }) {
      thrown.add(undefined);
      throw undefined;
    },
  },
  { name: 'collect garbage', act: () => globalThis.gc?.() },
  { name: 'run in another evaluation', act: runElsewhere },
  {
    name: 'take the memory of the addon',
    act(scene, random) {
      // Where it works a process is of no use afterwards, and starting another takes as long as many cases.
      if (random.chance(0.2)) takeAddonMemory(scene);
    },
  },
];

export const actions: readonly Action[] = [
  ...simple,
  { name: 'exhaust the stack', act: (scene, random) => exhaust(scene, random, random.pick(simple)) },
  {
    name: 'several',
    act(scene, random) {
      for (let left = random.integer(2, 4); left > 0; left--) random.pick(simple).act(scene, random);
    },
  },
];

function exhaust(scene: Scene, random: Random, { act }: Action): void {
  const errors = atEndOfStack(() => act(scene, random), random.integer(5, 60), random.integer(1, 8));
  for (const error of errors) {
    const { kind, text } = judge(error, scene.thrown);
    if (kind === 'fault') scene.complaints.push(`at the end of the stack: ${text}`);
  }
}

let elsewhere: Package | undefined;

/** Has the actions use another evaluation of the modules in this thread. */
export function useEvaluation(other: Package): void {
  elsewhere = other;
}

/** Another evaluation has the same addon, and so must not get into the calls of this one. */
function runElsewhere(scene: Scene): void {
  if (elsewhere === undefined) return;
  const engine = new elsewhere.Engine({ functions: { h: (x: number) => x + 1000 } });
  const f = engine.compile('h(x) + sum(i, 1, 2, h(i))', ['x']);
  if (f(1) !== 3004) scene.complaints.push(`a call in another evaluation gave ${f(1)} instead of 3004`);
  expectAll(scene, f.map({ x: new Float64Array(100).fill(1) }), 3004);
  if (scene.random.chance(0.5)) engine.dispose();
}

function each({ guarded }: Scene, change: (array: GuardedArray) => void): void {
  for (const array of guarded) change(array);
}

function runOther(scene: Scene, other: LooseFunction, random: Random, evaluate: (x: number) => number): void {
  const column = new (random.pick(columnArrays))(scene.rows + 3).fill(9);
  expectAll(scene, other.map({ x: column }), evaluate(9));
  if (other(9) !== evaluate(9)) scene.complaints.push('a call in the middle gave a wrong number');
  other.release();
}

function runAgain(scene: Scene, random: Random, rows: number): void {
  const { parameters, evaluate } = scene.formula;
  const columns = Object.fromEntries(
    parameters.map((name) => [name, new (random.pick(columnArrays))(rows).fill(4)]),
  );
  const values = parameters.map(() => 4);
  if (scene.isKernel) {
    const { p, q } = scene.kernel.map(columns) as Record<string, unknown>;
    expectAll(scene, p, evaluate(...values));
    expectAll(scene, q, second.evaluate(4));
    return;
  }
  const out = new GuardedArray('f64', rows, random.pick(memories));
  expectAll(scene, scene.f.map(columns, { out: out.array }), evaluate(...values));
  const sum = scene.f.reduce('sum', columns);
  if (sum !== rows * evaluate(...values)) scene.complaints.push(`a sum in the middle is ${sum}`);
  const damage = out.damage();
  if (damage !== undefined) scene.complaints.push(`an out in the middle: ${damage}`);
}

/** Runs as many signatures as make the kernels forget the one that is running. */
function pushOut(scene: Scene): void {
  for (const first of columnArrays) {
    for (const other of columnArrays.slice(0, 4)) {
      const columns = Object.fromEntries(
        scene.formula.parameters.map((name, position) => [
          name,
          new (position === 0 ? first : other)(2).fill(4),
        ]),
      );
      (scene.isKernel ? scene.kernel : scene.f).map(columns);
    }
  }
}

function startAgain(scene: Scene): Promise<unknown> {
  const { f, kernel, isKernel, columns } = scene;
  return isKernel ? kernel.mapAsync(columns) : f.mapAsync(columns);
}

/** All memory that the addon shows to whoever asks the cache of modules for it. */
function takeAddonMemory(scene: Scene): void {
  for (const module of Object.values(createRequire(import.meta.url).cache)) {
    if (module?.filename.endsWith('.node') !== true) continue;
    for (const value of Object.values(Object(module.exports))) {
      if (!ArrayBuffer.isView(value)) continue;
      try {
        detach(value);
        scene.isSpoilt = true;
      } catch {
        // It cannot be taken, which is just as well.
      }
    }
  }
}

function expectAll(scene: Scene, result: unknown, value: number): void {
  const wrong = Array.from(result as ArrayLike<number>).find((each) => each !== value);
  if (wrong !== undefined) scene.complaints.push(`a run in the middle gave ${wrong} instead of ${value}`);
}
