import { type BlockSnapshot, type Code, type CodeColumns, codeKinds, type Update } from './snapshot.ts';

/** Changes that are kept for pages which have not heard of them. A page asks twice a second, and who comes late gets everything. */
const mostChanges = 200_000;

/** How often something was called. */
export interface CallCounter {
  calls: number;
  /** What `calls` was when somebody looked last. */
  seen: number;
}

/** What is noted of one piece of code. */
export interface NotedCode extends Omit<Code, 'calls'> {
  /** Undefined for what nobody counts. */
  readonly counter: CallCounter | undefined;
}

/** The part of an update that the log knows. */
export type Changes = Pick<
  Update,
  'revision' | 'whole' | 'blockAddresses' | 'blocks' | 'added' | 'calls' | 'removed'
>;

/**
 * The code and the blocks of a source, and what changed when.
 *
 * Problem: a page wants to hear twice a second of 100,000 functions, of which a few changed. Strategy: every change is appended to one
 * list, with the number of the look in which it was found, the *revision*; a page names the revision that it has, and the end of the
 * list says what it lacks. So a look costs what changed, nothing is kept for a page however many there are, and what is kept of the
 * past is bounded.
 */
export class CodeLog {
  /** With the revision in which it was found. */
  readonly #code = new Map<number, { readonly code: NotedCode; readonly added: number }>();
  #blocks = new Map<number, { readonly block: BlockSnapshot; readonly changed: number }>();
  #revision = 1;
  /** The ids of what came, was called or went, in the order in which that was found, and when. */
  readonly #changedIds: number[] = [];
  readonly #changedAt: number[] = [];
  /** A page that has an earlier revision may lack changes that are not kept. */
  #oldest = 1;

  add(code: NotedCode): void {
    this.#code.set(code.id, { code, added: this.#revision });
    this.#change(code.id);
  }

  /** The calls of code have changed. */
  called(id: number): void {
    if (this.#code.has(id)) this.#change(id);
  }

  remove(id: number): void {
    if (this.#code.delete(id)) this.#change(id);
  }

  /** What of each block is in use, as it is now. */
  setBlocks(blocks: Iterable<BlockSnapshot>): void {
    const known = this.#blocks;
    this.#blocks = new Map();
    for (const block of blocks) {
      const before = known.get(block.address);
      const isSame = before !== undefined && isSameBlock(before.block, block);
      this.#blocks.set(block.address, isSame ? before : { block, changed: this.#revision });
    }
  }

  /** What changed after a revision; everything for one that is none, or too old. What changes from now on is of a later one. */
  since(revision: number | undefined): Changes {
    const whole = revision === undefined || !(revision >= this.#oldest && revision < this.#revision);
    const from = whole ? 0 : revision;
    const added = columns();
    const calls: number[] = [];
    const removed: number[] = [];
    if (whole) for (const { code } of this.#code.values()) append(added, code);
    else {
      for (const id of this.#changedAfter(from)) {
        const found = this.#code.get(id);
        if (found === undefined) removed.push(id);
        else if (found.added > from) append(added, found.code);
        else if (found.code.counter !== undefined) calls.push(id, found.code.counter.calls);
      }
    }
    const blocks: BlockSnapshot[] = [];
    for (const { block, changed } of this.#blocks.values()) if (changed > from) blocks.push(block);
    const blockAddresses = [...this.#blocks.keys()];
    return { revision: this.#revision++, whole, blockAddresses, blocks, added, calls, removed };
  }

  #changedAfter(revision: number): ReadonlySet<number> {
    let first = this.#changedAt.length;
    while (first > 0 && (this.#changedAt[first - 1] as number) > revision) first--;
    return new Set(this.#changedIds.slice(first));
  }

  #change(id: number): void {
    this.#changedIds.push(id);
    this.#changedAt.push(this.#revision);
    if (this.#changedIds.length <= mostChanges) return;
    const forgotten = mostChanges / 2;
    this.#oldest = this.#changedAt[forgotten - 1] as number;
    this.#changedIds.splice(0, forgotten);
    this.#changedAt.splice(0, forgotten);
  }
}

type Columns = { [Name in keyof CodeColumns]: CodeColumns[Name][number][] };

function columns(): Columns {
  return { ids: [], kinds: [], names: [], addresses: [], sizes: [], born: [], calls: [], owners: [] };
}

function append(to: Columns, { id, kind, name, address, size, born, counter, owner }: NotedCode): void {
  to.ids.push(id);
  to.kinds.push(codeKinds.indexOf(kind));
  to.names.push(name);
  to.addresses.push(address);
  to.sizes.push(size);
  to.born.push(born);
  to.calls.push(counter === undefined ? null : counter.calls);
  to.owners.push(owner);
}

function isSameBlock(a: BlockSnapshot, b: BlockSnapshot): boolean {
  if (a.size !== b.size || a.granularity !== b.granularity || a.runs.length !== b.runs.length) return false;
  for (let i = 0; i < a.runs.length; i++) if (a.runs[i] !== b.runs[i]) return false;
  return true;
}
