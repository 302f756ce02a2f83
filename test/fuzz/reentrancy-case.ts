/** One case of the re-entrancy harness: an operation, a point where the caller's code runs, and what that does there. */
import { judge } from './accepted-errors.ts';
import { randomOf } from './campaign.ts';
import { type Action, actions } from './reentrancy-actions.ts';
import { checkOutcome } from './reentrancy-check.ts';
import { type Point, weightedPoints } from './reentrancy-points.ts';
import { Scene } from './reentrancy-scene.ts';
import { Trigger } from './trigger.ts';

export interface CaseReport {
  readonly complaints: readonly string[];
  /** Messages that say no more than V8 does. */
  readonly notes: readonly string[];
  /** How often the caller's code was reached, and acted. */
  readonly reached: number;
  readonly acted: number;
  /** Whether nothing can be expected of this process any more. */
  readonly isSpoilt: boolean;
}

/** Where patched prototypes are likely to lead into the harness itself, one is enough. */
const mostTraps = 2;

/** Runs the case of a seed; `begin` hears what it is before anything happens. `last` stands for an action of its own. */
export async function runCase(
  seed: number,
  begin: (what: string) => void,
  last?: () => void,
): Promise<CaseReport> {
  const random = randomOf(seed);
  const scene = new Scene(random);
  const action = random.pick(actions);
  const act = last ?? (() => action.act(scene, random));
  const trigger = new Trigger(
    actingOn(scene, act, random.chance(0.7)),
    random.pick([1, 1, 1, 1, 2, 3, 5, 40]),
    random.pick([1, 1, 3]),
  );
  if (random.chance(0.5)) warmUp(scene);
  const set: { point: Point; detail: string; undo: (() => void) | undefined }[] = [];
  for (let left = random.chance(0.8) ? 1 : mostTraps; left > 0; ) {
    const point = random.pick(weightedPoints);
    const trap = scene.takesColumns || point.isAnywhere ? point.set(scene, trigger, random) : undefined;
    if (trap === undefined) continue;
    left--;
    set.push({ point, detail: trap.detail, undo: trap.undo });
  }
  begin(describe(scene, set, last === undefined ? action : undefined));
  const outcome = await run(scene, trigger, () => {
    for (const { undo } of set) undo?.();
  });
  scene.onHostCall = () => {};
  await settle(scene);
  const notes: string[] = [];
  if ('error' in outcome) {
    const { kind, text } = judge(outcome.error, scene.thrown);
    if (kind === 'fault') scene.complaints.push(text);
    if (kind === 'careless') notes.push(text);
  }
  checkOutcome(scene, 'error' in outcome ? undefined : outcome);
  checkAfterwards(scene);
  return {
    complaints: scene.complaints,
    notes,
    reached: trigger.reached,
    acted: trigger.acted,
    isSpoilt: scene.isSpoilt || scene.complaints.length > 0,
  };
}

/** Acts and, at times, keeps the errors of that to itself; what comes through is the caller's own then. */
function actingOn(scene: Scene, act: () => void, swallows: boolean): () => void {
  return () => {
    try {
      act();
    } catch (error) {
      const { kind, text } = judge(error, scene.thrown);
      if (kind === 'fault') scene.complaints.push(`in the middle: ${text}`);
      scene.thrown.add(error);
      if (!swallows) throw error;
    }
  };
}

/** Kernels that are found ready take other ways than those that are still to be compiled. */
function warmUp(scene: Scene): void {
  if (!scene.takesColumns) return;
  const { f, kernel, isKernel, columns, options } = scene;
  const { type, length } = options;
  const { out } = options;
  const target = isKernel ? kernel : f;
  const copies =
    out === undefined
      ? undefined
      : isKernel
        ? Object.fromEntries(
            Object.entries(Object(out) as object).map(([name, array]) => [
              name,
              (array as Float64Array).slice(),
            ]),
          )
        : (out as Float64Array).slice();
  target.map(columns, { type, length, ...(copies === undefined ? {} : { out: copies }) });
  if (scene.operation.startsWith('reduce')) f.reduce('sum', columns);
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

async function run(scene: Scene, trigger: Trigger, undo: () => void): Promise<Outcome> {
  let outcome: Outcome;
  trigger.arm();
  try {
    outcome = { value: scene.run() };
  } catch (error) {
    outcome = { error };
  }
  if (!scene.isAsync || 'error' in outcome) {
    trigger.disarm();
    undo();
    return outcome;
  }
  try {
    return { value: await outcome.value };
  } catch (error) {
    return { error };
  } finally {
    trigger.disarm();
    undo();
  }
}

async function settle(scene: Scene): Promise<void> {
  for (const end of await Promise.allSettled(scene.pending)) {
    if (end.status === 'fulfilled') continue;
    const { kind, text } = judge(end.reason, scene.thrown);
    if (kind === 'fault') scene.complaints.push(`a run from the middle: ${text}`);
  }
}

/** The engine must be as good as new, or disposed of; and nothing of it may be left. */
function checkAfterwards(scene: Scene): void {
  const { engine, f, kernel } = scene;
  try {
    const after = engine.compile('x + h(1)', ['x']);
    if (after(2) !== 3) scene.complaints.push(`afterwards a call gives ${after(2)} instead of 3`);
    const sum = after.reduce('sum', { x: new Float64Array(1000).fill(2) });
    if (sum !== 3000) scene.complaints.push(`afterwards a sum is ${sum} instead of 3000`);
    for (const each of [after, f, kernel]) if (!each.released) each.release();
  } catch (error) {
    if ((error as Error)?.name === 'ReleasedError') return;
    scene.complaints.push(`afterwards: ${judge(error).text}`);
  }
  try {
    engine.dispose();
  } catch (error) {
    scene.complaints.push(`at the disposal: ${judge(error).text}`);
  }
}

function describe(
  scene: Scene,
  set: readonly { readonly point: Point; readonly detail: string }[],
  action: Action | undefined,
): string {
  const where = set.map(({ point, detail }) => `${point.name} ${detail}`.trim()).join(' and ');
  const memory = scene.guarded.map(({ memory, elements }) => `${memory} ${elements}`).join(', ');
  const what = `${scene.formula.source.slice(0, 40)}; ${scene.rows} rows; ${memory}`;
  return `${scene.operation} | ${where} | ${action?.name ?? 'end of the thread'} [${what}]`;
}
