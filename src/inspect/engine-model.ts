import { invariant } from '../support/invariant.ts';
import { type BlockSnapshot, type Code, codeKinds, type NamedUpdate } from './snapshot.ts';

/** What was called since the update before, and how often. */
export interface Called {
  readonly code: Code;
  readonly count: number;
}

/** What a page knows of one engine, brought up to date by what it hears. */
export class EngineModel {
  readonly id: number;
  /** The last update, for all that is not kept here. */
  last: NamedUpdate;
  /** By id. */
  readonly code = new Map<number, Code>();
  blocks: readonly BlockSnapshot[] = [];
  /** Nothing after an update of everything, since nobody knows when that was. */
  called: readonly Called[] = [];
  #byAddress: readonly Code[] | undefined;
  #functions: readonly Code[] | undefined;

  /** The update is of everything. */
  constructor(update: NamedUpdate) {
    this.id = update.id;
    this.last = update;
    this.apply(update);
  }

  get revision(): number {
    return this.last.revision;
  }

  /** All code that lies in memory, in the order of its addresses. */
  get byAddress(): readonly Code[] {
    this.#byAddress ??= [...this.code.values()]
      .filter(({ size }) => size > 0)
      .sort((a, b) => a.address - b.address);
    return this.#byAddress;
  }

  get functions(): readonly Code[] {
    this.#functions ??= [...this.code.values()].filter(({ kind }) => kind === 'function');
    return this.#functions;
  }

  apply(update: NamedUpdate): void {
    const { added, removed, whole } = update;
    this.last = update;
    if (whole) this.code.clear();
    for (const id of removed) this.code.delete(id);
    const called: Called[] = [];
    for (let i = 0; i < added.ids.length; i++) {
      const code = codeAt(update, i);
      this.code.set(code.id, code);
      if (!whole && code.calls !== null && code.calls > 0) called.push({ code, count: code.calls });
    }
    this.#countCalls(update, called);
    this.called = called;
    if (whole || added.ids.length > 0 || removed.length > 0) {
      this.#byAddress = undefined;
      this.#functions = undefined;
    }
    const blocks = new Map(whole ? [] : this.blocks.map((block) => [block.address, block]));
    for (const block of update.blocks) blocks.set(block.address, block);
    this.blocks = update.blockAddresses.map((address) => {
      const block = blocks.get(address);
      invariant(block !== undefined, 'every block was told of');
      return block;
    });
  }

  #countCalls({ calls }: NamedUpdate, called: Called[]): void {
    for (let i = 0; i < calls.length; i += 2) {
      const code = this.code.get(calls[i] as number);
      if (code === undefined) continue;
      const now = calls[i + 1] as number;
      called.push({ code, count: now - (code.calls ?? 0) });
      code.calls = now;
    }
  }
}

function codeAt({ added }: NamedUpdate, index: number): Code {
  return {
    id: added.ids[index] as number,
    kind: codeKinds[added.kinds[index] as number] ?? 'library',
    name: added.names[index] as string,
    address: added.addresses[index] as number,
    size: added.sizes[index] as number,
    born: added.born[index] as number | null,
    calls: added.calls[index] as number | null,
    owner: added.owners[index] as number | null,
  };
}
