import { CommandFailure } from '../command.ts';
import { encodingWithin, restoreText } from '../map/text-source.ts';
import type { MergeableAccumulator } from './accumulator.ts';
import { groupTable, linesInOrder } from './group-table.ts';
import type { GroupKey } from './groups.ts';
import { createMergeable } from './mergeable.ts';
import type { StateSink } from './read-states.ts';
import type { StateForm } from './state-form.ts';
import { writeState } from './write-state.ts';

/** Adds states up. All must be of one job over tables of one form. */
export class StateMerger implements StateSink {
  #form: StateForm | undefined;
  #accumulators: readonly MergeableAccumulator[] = [];
  /** By the JSON of their keys. */
  readonly #numbers = new Map<string, number>();
  readonly #keys: GroupKey[] = [];

  /** @throws CommandFailure for a state of something else than those before. */
  begin(form: StateForm): void {
    if (this.#form === undefined) {
      this.#form = form;
      this.#accumulators = form.aggregates.map(({ kind }) => createMergeable(kind));
    } else this.#form = joinForms(this.#form, form);
  }

  /** @throws CommandFailure for values that no state has. */
  add(key: GroupKey, saved: readonly unknown[]): void {
    const group = this.#number(key);
    for (const [index, accumulator] of this.#accumulators.entries()) accumulator.merge(group, saved[index]);
  }

  /** The table of all that was added, as `exprjit reduce --exact` writes it. */
  table(json: boolean): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
    const form = this.#begun();
    const { by, aggregates, text, newline } = form;
    const encoding = encodingWithin(text.name);
    const delimiter = encoding.encode(form.delimiter);
    const shape = {
      by,
      aggregates: aggregates.map(({ heading }) => heading),
      encoding,
      delimiter,
      newline: encoding.encode(newline === '' ? '\n' : newline),
    };
    const pieces = groupTable(shape, json, linesInOrder(this.#keys, delimiter, this.#accumulators));
    return json ? pieces : restoreText(inTurn(pieces), text);
  }

  /** The state of all that was added. */
  state(): Iterable<Uint8Array> {
    return writeState(this.#begun(), this.#keys, this.#accumulators);
  }

  #begun(): StateForm {
    if (this.#form === undefined) throw new CommandFailure('there is no state to merge');
    return this.#form;
  }

  #number(key: GroupKey): number {
    const text = JSON.stringify(key);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#keys.length;
    this.#numbers.set(text, number);
    this.#keys.push(key);
    for (const accumulator of this.#accumulators) accumulator.grow(number + 1);
    return number;
  }
}

async function* inTurn(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/** What states have to agree in, as messages say it. */
const traits: readonly (readonly [name: string, of: (form: StateForm) => string])[] = [
  [
    'aggregates',
    ({ aggregates }) => aggregates.map((each) => `${each.heading}=${each.kind}(${each.formula})`).join(', '),
  ],
  ['groups', ({ by }) => (by.length === 0 ? 'none' : by.map((heading) => `by '${heading}'`).join(' and '))],
  ['filter', ({ filter }) => filter ?? 'none'],
  ['encoding', ({ text }) => text.name],
  ['delimiter', ({ delimiter }) => JSON.stringify(delimiter)],
];

/** @throws CommandFailure that says in what they differ. */
function joinForms(before: StateForm, form: StateForm): StateForm {
  for (const [name, of] of traits) requireSame(name, of(before), of(form));
  const { newline } = before;
  if (newline !== '' && form.newline !== '') {
    requireSame('line ends', JSON.stringify(newline), JSON.stringify(form.newline));
  }
  const isMarked = before.text.isMarked || form.text.isMarked;
  return { ...before, text: { ...before.text, isMarked }, newline: newline === '' ? form.newline : newline };
}

function requireSame(name: string, before: string, now: string): void {
  if (before === now) return;
  throw new CommandFailure(
    `this state is of another job than those before; ${name}: ${shown(now)}, before: ${shown(before)}`,
  );
}

/** Of a text from a file that anybody may have written: short, and nothing that a terminal would obey. */
function shown(text: string): string {
  const plain = text.replace(/\p{Cc}/gu, '?');
  return plain.length > mostShown ? `${plain.slice(0, mostShown)}…` : plain;
}

const mostShown = 300;
