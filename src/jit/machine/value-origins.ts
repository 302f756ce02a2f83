import { lastOf } from '../../support/element.ts';
import type { Block } from '../ir/function.ts';
import type { LoggedInstruction } from '../x64/listing.ts';

/** What a value is called beyond its function. */
export function valueName(fn: string, id: number): string {
  return `${fn} v${id}`;
}

/**
 * Which value each instruction of a listing is for: for those who show IR and machine code side by side. Selection says where the
 * instructions of values begin, emission which of them it has put into bytes.
 */
export class ValueOrigins {
  /** By instruction: {@link valueName}. What belongs to no value is not here. */
  readonly names = new Map<LoggedInstruction, string>();
  readonly #log: readonly LoggedInstruction[];
  #function = '';
  /** Values of the function before legalisation: what that adds belongs to the value after it. */
  #count = 0;
  #starts: { readonly instruction: number; id: number }[] = [];
  /** How many entries of the log are settled. */
  #settled = 0;

  constructor(log: readonly LoggedInstruction[]) {
    this.#log = log;
  }

  /** Selection of a function that had so many values begins. */
  start(fn: string, count: number): void {
    this.#function = fn;
    this.#count = count;
    this.#starts = [];
  }

  begin(id: number, instruction: number): void {
    this.#starts.push({ instruction, id: id < this.#count ? id : -1 });
    if (id >= this.#count) return;
    for (let i = this.#starts.length - 2; i >= 0 && this.#starts[i]?.id === -1; i--) {
      (this.#starts[i] as { id: number }).id = id;
    }
  }

  /** The instructions of a block's values end; its jumps follow, which compare for themselves what they branch on. */
  end({ terminator }: Block, instruction: number): void {
    if (this.#starts.length > 0 && lastOf(this.#starts).id === -1) this.#starts.pop();
    const id = terminator?.kind === 'branch' ? terminator.condition.id : this.#count;
    this.#starts.push({ instruction, id: id < this.#count ? id : -2 });
  }

  /** What was logged since is of an instruction, moves that make its operands ready included: these are of no other (-1). */
  emitted(instruction: number): void {
    if (instruction >= 0) this.#settle(this.#valueAt(instruction));
  }

  /** What was logged since is of no value: how functions begin and end. */
  skip(): void {
    this.#settle(-1);
  }

  #settle(id: number): void {
    for (; this.#settled < this.#log.length; this.#settled++) {
      const entry = this.#log[this.#settled];
      if (id >= 0 && entry !== undefined) this.names.set(entry, valueName(this.#function, id));
    }
  }

  /** Of the last start that is not behind the instruction; of several there the last, since values without code begin nothing. */
  #valueAt(instruction: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle]?.instruction ?? 0) <= instruction) low = middle + 1;
      else high = middle;
    }
    return this.#starts[low - 1]?.id ?? -1;
  }
}
