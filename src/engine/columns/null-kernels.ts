/**
 * The kernels of a formula whose columns have missing values, made when such columns come.
 *
 * They are kernels like all others, of a null-aware form of the formula (`lang/lower-nulls.ts`): behind the formula's own parameters
 * it takes *presences*, columns of bytes that are 1 where something is there. Bitmaps become presences right before a run, eight rows
 * at a time, so that neither the addon nor any code generator has to know bitmaps (ADR 38).
 */
import type { KernelSpec } from '../../jit/kernel/kernel-spec.ts';
import type { Edges } from '../../lang/row-functions.ts';
import { elementAt, slots } from '../../support/element.ts';
import { typedArrayLength } from '../../support/intrinsics.ts';
import { invariant } from '../../support/invariant.ts';
import { BoundColumns, type Validity } from '../backends/bound-columns.ts';
import type { NumericArray } from '../backends/column-types.ts';
import type { LoadedKernel } from '../backends/loaded-kernel.ts';
import { createElements, spareElements } from './elements.ts';
import { giveMemoryBack, takeMemory } from './idle-memory.ts';
import { presenceBytes, presences } from './validity.ts';

/** What the outputs of a null-aware form are. */
export type NullGoal =
  /** Those of the formula, with a number in the place of what is missing. */
  | { readonly kind: 'values'; readonly missing: number }
  /** Those of the formula, NaN where they are missing, and behind them whether these are there. */
  | { readonly kind: 'both' }
  /** Whether the first one is there. */
  | { readonly kind: 'presence' };

/** Parameters of the formula for which one presence speaks: what is there in all of them. */
export interface PresenceGroup {
  readonly parameters: readonly number[];
  /** What they are: columns, all elements of a column, or what an output was in the row before. */
  readonly of: 'columns' | 'elements' | 'previous';
}

/** A null-aware form, for a set of parameters that may be missing. */
export interface NullForm {
  readonly groups: readonly PresenceGroup[];
  /** Whether what is there in all groups is what is there in each output. */
  readonly isStrict: boolean;
  readonly outputs: readonly { readonly name: string; readonly function: string }[];
  load(spec: KernelSpec): LoadedKernel;
}

/** Where null-aware forms come from. */
export interface NullForms {
  /** `mayMiss` is one for each parameter. Throws CompileError if a form is beyond a limit. */
  form(mayMiss: readonly boolean[], goal: NullGoal): NullForm;
}

/** Those of a formula, and of the functions that a plan for its rows has. */
export interface NullSource extends NullForms {
  /** Of functions by their names in the IR, which take these parameters, the formula's own and hidden ones, where there is that beyond the rows. */
  ofRows(parameters: readonly string[], functions: readonly string[], edges: Edges): NullForms;
}

/** A derivative of a formula, by the parameter at this place. */
export interface NullPartial {
  readonly name: string;
  readonly place: number;
}

/** That of one formula, which has derivatives, too. */
export interface FormulaNulls extends NullSource {
  /** Where the null-aware forms come from of the formula and these derivatives. They are missing where the formula is. */
  gradient(partials: readonly NullPartial[]): NullSource;
}

/** The kernels of a form, whatever makes kernels. */
export interface FormKernels {
  release(): void;
}

/** A form, and what its kernels take. */
interface TakenForm {
  readonly form: NullForm;
  /** Those of the formula, and the presences behind them. */
  readonly parameters: readonly string[];
}

interface Entry<Kernels> extends TakenForm {
  readonly kernels: Kernels;
  readonly goal: NullGoal;
  readonly mayMiss: readonly boolean[];
}

/** How many are kept; then the least recently used goes. */
const capacity = 8;

export class NullKernels<Kernels extends FormKernels> {
  readonly #source: NullForms;
  readonly #create: (parameters: readonly string[], form: NullForm) => Kernels;
  readonly #entries = new Map<string, Entry<Kernels>>();
  #last: Entry<Kernels> | undefined;

  constructor(source: NullForms, create: (parameters: readonly string[], form: NullForm) => Kernels) {
    this.#source = source;
    this.#create = create;
  }

  /** Those for columns with missing values. */
  of(bound: BoundColumns, goal: NullGoal): Entry<Kernels> {
    const last = this.#last;
    if (last !== undefined && last.goal === goal && missesIn(bound, last.mayMiss)) return last;
    const mayMiss = validitiesOf(bound).map((validity) => validity !== undefined);
    const wanted = goal.kind === 'values' ? textOf(goal.missing) : goal.kind;
    const key = `${mayMiss.map(Number).join('')} ${wanted}`;
    const entry = this.#entries.get(key) ?? this.#make(bound.parameters, mayMiss, goal);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldest, { kernels }] of this.#entries) {
      if (this.#entries.size <= capacity) break;
      this.#entries.delete(oldest);
      kernels.release();
    }
    this.#last = entry;
    return entry;
  }

  release(): void {
    for (const { kernels } of this.#entries.values()) kernels.release();
    this.#entries.clear();
    this.#last = undefined;
  }

  #make(parameters: readonly string[], mayMiss: readonly boolean[], goal: NullGoal): Entry<Kernels> {
    const form = this.#source.form(mayMiss, goal);
    const all = withPresenceNames(parameters, form);
    return { form, parameters: all, kernels: this.#create(all, form), goal, mayMiss };
  }
}

/** No name of a source begins so. */
function withPresenceNames(parameters: readonly string[], { groups }: NullForm): readonly string[] {
  return [...parameters, ...groups.map((_, index) => `$present${index}`)];
}

/** Are columns with missing values given for just these parameters? */
function missesIn({ validities }: BoundColumns, mayMiss: readonly boolean[]): boolean {
  for (let i = 0; i < mayMiss.length; i++) {
    if ((validities?.[i] !== undefined) !== mayMiss[i]) return false;
  }
  return true;
}

function textOf(number: number): string {
  return Object.is(number, -0) ? '-0' : String(number);
}

/** The columns, and behind them the presences that the form takes; these are in `memories`, one for each, or in memory of their own. */
export function withPresences(
  bound: BoundColumns,
  { form, parameters }: TakenForm,
  rows: number,
  memories?: readonly ArrayBuffer[],
): BoundColumns {
  const all = new BoundColumns(parameters);
  const { groups } = form;
  const ownCount = bound.values.length;
  for (let i = 0; i < ownCount; i++) all.values[i] = bound.values[i];
  for (let i = 0; i < groups.length; i++) {
    const memory = memories && elementAt(memories, i);
    all.values[ownCount + i] = presenceOf(bound, elementAt(groups, i), rows, memory);
  }
  all.length = bound.length;
  return all.seal();
}

function presenceOf(
  bound: BoundColumns,
  group: PresenceGroup,
  rows: number,
  memory: ArrayBuffer | undefined,
): NumericArray | number {
  const validities = validitiesIn(bound, group);
  switch (group.of) {
    case 'previous':
      return elementAt(presences(validities, 1), 0);
    case 'elements': {
      const elements = bound.values[elementAt(group.parameters, 0)];
      invariant(typeof elements === 'object', 'elements are those of an array');
      const count = typedArrayLength(elements) - spareElements;
      return createElements(presences(validities, count));
    }
    default:
      return presences(validities, rows, memory);
  }
}

/** Runs `body` with such columns, whose presences are gone when it returns. */
export function runWithPresences<T>(
  bound: BoundColumns,
  taken: TakenForm,
  rows: number,
  body: (columns: BoundColumns) => T,
): T {
  const memories = taken.form.groups.map(() => takeMemory(presenceBytes(rows)));
  try {
    return body(withPresences(bound, taken, rows, memories));
  } finally {
    for (const memory of memories) giveMemoryBack(memory);
  }
}

/** Those of a group. */
export function validitiesIn(bound: BoundColumns, group: Pick<PresenceGroup, 'parameters'>): Validity[] {
  const validities = validitiesOf(bound);
  return group.parameters.flatMap((index) => validities[index] ?? []);
}

function validitiesOf({ validities, parameters }: BoundColumns): readonly (Validity | undefined)[] {
  return validities ?? slots(parameters.length);
}
