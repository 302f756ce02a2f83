import { type EditState, lineDown, lineUp } from './edit-state.ts';

/** Goes through earlier inputs, whole ones, from a text that may begin with what they are to begin with. */
export class Recall {
  readonly #entries: readonly string[];
  /** What was being typed, and the beginning that entries must share. */
  #start: { readonly typed: EditState; readonly beginning: string } | undefined;
  #index: number;

  /** `entries` from the oldest to the newest. */
  constructor(entries: readonly string[]) {
    this.#entries = entries;
    this.#index = entries.length;
  }

  /** To the line above, and from the first one to the input before; the same state if there is none. */
  up(state: EditState): EditState {
    const above = lineUp(state);
    return above === state || this.#isShowing(state) ? this.#go(state, -1) : above;
  }

  down(state: EditState): EditState {
    const below = lineDown(state);
    return below === state || this.#isShowing(state) ? this.#go(state, 1) : below;
  }

  /** An entry that nobody has moved in: Up and Down go on through the entries, however many lines they have. */
  #isShowing({ text, cursor }: EditState): boolean {
    return this.#start !== undefined && text === this.#entries[this.#index] && cursor === text.length;
  }

  #go(state: EditState, direction: 1 | -1): EditState {
    if (this.#start === undefined || (this.#index < this.#entries.length && !this.#isShowing(state))) {
      this.#start = { typed: state, beginning: state.text.slice(0, state.cursor) };
    }
    const { typed, beginning } = this.#start;
    for (let index = this.#index + direction; index < this.#entries.length; index += direction) {
      const text = this.#entries[index];
      if (text === undefined) return state;
      if (!text.startsWith(beginning) || text === state.text) continue;
      this.#index = index;
      return { text, cursor: text.length };
    }
    if (direction < 0 || this.#index === this.#entries.length) return state;
    this.#index = this.#entries.length;
    this.#start = undefined;
    return typed;
  }

  /** The newest entry with `part` in it, of those before `index`. */
  find(part: string, index = this.#entries.length): { text: string; index: number } | undefined {
    const found = this.#entries.slice(0, Math.max(index, 0)).findLastIndex((entry) => entry.includes(part));
    const text = this.#entries[found];
    return text === undefined ? undefined : { text, index: found };
  }
}
