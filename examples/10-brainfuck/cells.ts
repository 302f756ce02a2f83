/**
 * Which cells can be values while some steps run, instead of bytes on the tape.
 *
 * Steps without moves use the same few cells again and again. To load them first and to store them last must not reach outside of the tape
 * where the program does not. So cells count that are used in any case, before anything is written or read; and those between them,
 * since the tape has no holes.
 */
import type { Loop, Step } from './steps.ts';

/** More than the machine's registers hold are not worth it. */
const mostCells = 10;

/** Steps that leave the pointer where it is. */
export function isStill(step: Step): boolean {
  return step.kind !== 'move' && (step.kind !== 'loop' || step.steady);
}

/**
 * Offsets of the cells that can be values while these steps are done once, or round after round as long as the cell at `repeatedBy` is not
 * 0. None if there are too many, or it would gain nothing.
 */
export function cellsToKeep(steps: readonly Step[], repeatedBy?: number): readonly number[] {
  const isWorthIt =
    repeatedBy !== undefined || steps.some(({ kind }) => kind === 'loop' || kind === 'spread');
  if (!isWorthIt || !steps.every(isStill)) return [];
  const own = repeatedBy === undefined ? [] : [repeatedBy];
  const certain = new Set(own);
  steps.every((step) => addCertain(step, certain));
  const [first, last] = [Math.min(...certain), Math.max(...certain)];
  const kept = [...usedCells(steps, new Set(own))].filter((at) => first <= at && at <= last);
  return kept.length > mostCells ? [] : kept;
}

/** Adds what the step uses in any case before it writes or reads; says whether it does neither. */
function addCertain(step: Step, certain: Set<number>): boolean {
  if (step.kind !== 'move' && step.kind !== 'read') certain.add(step.at);
  return step.kind !== 'read' && step.kind !== 'write' && !(step.kind === 'loop' && communicates(step));
}

function communicates({ body }: Loop): boolean {
  return body.some(
    (step) => step.kind === 'read' || step.kind === 'write' || (step.kind === 'loop' && communicates(step)),
  );
}

function usedCells(steps: readonly Step[], used: Set<number>): ReadonlySet<number> {
  for (const step of steps) {
    if (step.kind !== 'move') used.add(step.at);
    if (step.kind === 'loop') usedCells(step.body, used);
    else if (step.kind === 'spread') for (const { at } of step.targets) used.add(at);
  }
  return used;
}

/** The cells that steps without moves may change. */
export function changedCells(steps: readonly Step[], changed = new Set<number>()): ReadonlySet<number> {
  for (const step of steps) {
    if (step.kind !== 'move' && step.kind !== 'write') changed.add(step.at);
    if (step.kind === 'loop') changedCells(step.body, changed);
    else if (step.kind === 'spread') for (const { at } of step.targets) changed.add(at);
  }
  return changed;
}
