/**
 * From the text of a Brainfuck program to steps that do more at once.
 *
 * Runs of `+` and `-` become one addition, moves become offsets of the cells behind them, `[-]` a constant, and loops that only hand on
 * multiples of their cell, such as `[->+++<]`, one step. A loop that comes back to where it began (it is *steady*) leaves the offsets as
 * they were, so the pointer moves only for loops that end elsewhere, such as `[>]`.
 */
export type Step =
  | { readonly kind: 'add' | 'set'; readonly at: number; readonly value: number }
  | { readonly kind: 'read' | 'write'; readonly at: number }
  | { readonly kind: 'move'; readonly by: number }
  | Spread
  | Loop;

/** If the cell is not 0: adds multiples of it to others and makes it 0. */
export interface Spread {
  readonly kind: 'spread';
  readonly at: number;
  readonly targets: readonly { readonly at: number; readonly factor: number }[];
}

/** Repeats its body as long as the cell is not 0. Where it is not steady, its cell is at 0 and its body ends in a move. */
export interface Loop {
  readonly kind: 'loop';
  readonly at: number;
  readonly steady: boolean;
  readonly body: readonly Step[];
  /** How many steps it has in all. */
  readonly weight: number;
}

/** Offsets `at` are relative to the pointer, which is at cell 0 in the beginning. */
export function parseSteps(source: string): readonly Step[] {
  const steps = new StepList(true);
  steps.append(parseBrackets(source).items);
  return steps.finish();
}

export function weightOf(steps: readonly Step[]): number {
  return steps.reduce((sum, step) => sum + (step.kind === 'loop' ? step.weight : 1), 0);
}

interface Brackets {
  readonly items: (string | Brackets)[];
  readonly position: number;
  /** How far one round moves the pointer, if loops in it are steady. */
  net: number;
  steady: boolean;
}

/** Far more than any program has, and little enough for stages that call themselves. */
const deepest = 500;

function parseBrackets(source: string): Brackets {
  let current: Brackets = { items: [], position: -1, net: 0, steady: true };
  const open: Brackets[] = [];
  for (let position = 0; position < source.length; position++) {
    const command = source.charAt(position);
    if (command === '[') {
      if (open.length === deepest) throw wrong(source, position, `more than ${deepest} loops in each other`);
      open.push(current);
      current = { items: [], position, net: 0, steady: true };
    } else if (command === ']') {
      const outer = open.pop();
      if (outer === undefined) throw wrong(source, position, "']' without '['");
      current.steady &&= current.net === 0;
      outer.items.push(current);
      outer.steady &&= current.steady;
      current = outer;
    } else if ('+-<>.,'.includes(command)) {
      current.items.push(command);
      current.net += Number(command === '>') - Number(command === '<');
    }
  }
  if (open.length > 0) throw wrong(source, current.position, "'[' without ']'");
  return current;
}

function wrong(source: string, position: number, what: string): SyntaxError {
  const before = source.slice(0, position).split('\n');
  return new SyntaxError(`${what} in line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`);
}

class StepList {
  readonly #steps: Step[] = [];
  /** What is still to be done to cells, at most one step for each. */
  readonly #pending = new Map<number, { kind: 'add' | 'set'; value: number }>();
  /** The pointer is at cell 0, and none was changed but those that are pending. */
  #fresh: boolean;
  /** Where the pointer is to be, relative to where it is. */
  #offset = 0;

  constructor(fresh: boolean) {
    this.#fresh = fresh;
  }

  append(items: readonly (string | Brackets)[]): void {
    for (const item of items) {
      if (typeof item !== 'string') this.#loop(item);
      else if (item === '>') this.#offset++;
      else if (item === '<') this.#offset--;
      else if (item === '+') this.#add(1);
      else if (item === '-') this.#add(-1);
      else this.#push({ kind: item === '.' ? 'write' : 'read', at: this.#offset });
    }
  }

  finish(): readonly Step[] {
    this.#flush();
    return this.#steps;
  }

  /** The steps, followed by the move that makes `offset` the pointer. */
  finishAt(offset: number): readonly Step[] {
    this.#offset -= offset;
    this.#move();
    return this.#steps;
  }

  #add(value: number): void {
    const before = this.#pending.get(this.#offset) ?? { kind: 'add', value: 0 };
    this.#pending.set(this.#offset, { kind: before.kind, value: (before.value + value) & 255 });
  }

  #loop(loop: Brackets): void {
    if (this.#isZero(this.#offset)) return;
    const changes = changesOf(loop);
    const own = changes?.get(0) ?? 0;
    if (changes === undefined || own % 2 === 0) {
      if (!loop.steady) this.#move();
      const at = this.#offset;
      const inner = new StepList(false);
      inner.#offset = at;
      inner.append(loop.items);
      const body = loop.steady ? inner.finish() : inner.finishAt(at);
      this.#push({ kind: 'loop', at, steady: loop.steady, body, weight: 2 + weightOf(body) });
    } else if (changes.size === 1) {
      this.#pending.set(this.#offset, { kind: 'set', value: 0 });
    } else {
      const rounds = inverse(-own);
      const targets = [...changes]
        .filter(([offset, value]) => offset !== 0 && value % 256 !== 0)
        .map(([offset, value]) => ({ at: this.#offset + offset, factor: (value * rounds) & 255 }));
      this.#push({ kind: 'spread', at: this.#offset, targets });
    }
  }

  /** A cell behind its loop is 0, as is the first in the beginning; a loop there does nothing. */
  #isZero(at: number): boolean {
    const pending = this.#pending.get(at);
    if (pending !== undefined) return pending.kind === 'set' && pending.value === 0;
    const last = this.#steps.at(-1);
    return (
      (this.#fresh && at === 0) || ((last?.kind === 'loop' || last?.kind === 'spread') && last.at === at)
    );
  }

  #move(): void {
    this.#flush();
    if (this.#offset !== 0) this.#push({ kind: 'move', by: this.#offset });
    this.#offset = 0;
  }

  #push(step: Step): void {
    this.#flush();
    this.#steps.push(step);
    this.#fresh &&= step.kind === 'write';
  }

  #flush(): void {
    for (const [at, { kind, value }] of this.#pending) {
      if (kind === 'add' && value === 0) continue;
      this.#steps.push({ kind, at, value });
      this.#fresh = false;
    }
    this.#pending.clear();
  }
}

/** What one round adds to which cells, relative to the loop's; undefined if it does more than that. */
function changesOf({ items, steady }: Brackets): ReadonlyMap<number, number> | undefined {
  if (!steady) return undefined;
  const changes = new Map<number, number>();
  let offset = 0;
  for (const item of items) {
    if (item === '>') offset++;
    else if (item === '<') offset--;
    else if (item === '+') changes.set(offset, (changes.get(offset) ?? 0) + 1);
    else if (item === '-') changes.set(offset, (changes.get(offset) ?? 0) - 1);
    else return undefined;
  }
  return changes;
}

/** Of an odd number modulo 256, by Newton's method: each step doubles the bits that are right. */
function inverse(odd: number): number {
  let x = odd;
  for (let i = 0; i < 3; i++) x = (x * (2 - odd * x)) & 255;
  return x;
}
