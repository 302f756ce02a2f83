/**
 * Edits an input on a terminal: one line or several, with a history of whole inputs, completion, search and pastes.
 *
 * Node's own editor edits one line, and garbles those into whose middle something is pasted; what was continued comes back line by
 * line, if at all. Here the text is a value, every key makes another of it, and the screen draws that when no key waits.
 */
import type { OutputStream } from '../../command.ts';
import { columnsOf } from '../columns-of.ts';
import { type EditState, empty, insert } from './edit-state.ts';
import { edits, isCharacter, kills } from './key-bindings.ts';
import type { Keyboard, Press } from './keyboard.ts';
import { Recall } from './recall.ts';
import { type Prefixes, Screen } from './screen.ts';

/** What a line may be completed to, and the part of it that is replaced. */
export type Completion = [candidates: string[], completed: string];

export interface EditorOptions {
  readonly keyboard: Keyboard;
  readonly output: OutputStream;
  /** Earlier inputs, the oldest first. */
  readonly history: readonly string[];
  readonly prefixes: Prefixes;
  /** Of a line up to the cursor. */
  complete(line: string): Completion;
  /** Whether Enter runs the text; else it continues it. */
  isWhole(text: string): boolean;
  /** Whether Ctrl-D runs the text, as where Enter never does. */
  readonly endRuns: boolean;
}

/** How an input ended. */
export type Reading =
  | { readonly kind: 'input'; readonly text: string }
  /** Ctrl-C: on an empty text there was nothing to give up. */
  | { readonly kind: 'interrupt'; readonly wasEmpty: boolean }
  | { readonly kind: 'end' };

const searchPrefixes = (part: string, isFound: boolean): Prefixes => {
  const first = `(${isFound ? 'search' : 'not found'} '${part}') `;
  return { first, next: '... ' };
};

export async function readInput(options: EditorOptions): Promise<Reading> {
  return await new LineEditor(options).read();
}

class LineEditor {
  readonly #options: EditorOptions;
  readonly #screen: Screen;
  readonly #recall: Recall;
  readonly #undo: EditState[] = [];
  #state = empty;
  #killed = '';

  constructor(options: EditorOptions) {
    this.#options = options;
    this.#screen = new Screen(options.output);
    this.#recall = new Recall(options.history);
  }

  async read(): Promise<Reading> {
    const { keyboard, output } = this.#options;
    const redraw = (): void => {
      this.#screen.forget();
      this.#draw();
    };
    output.on('resize', redraw);
    try {
      for (;;) {
        if (!keyboard.isAhead) this.#draw();
        const reading = await this.#handle(await keyboard.next());
        if (reading === undefined) continue;
        this.#draw();
        this.#screen.leave();
        return reading;
      }
    } finally {
      output.off('resize', redraw);
    }
  }

  #draw(): void {
    this.#screen.draw(this.#options.prefixes, this.#state);
  }

  async #handle(press: Press): Promise<Reading | undefined> {
    if (press.kind === 'gone') return { kind: 'end' };
    if (press.kind === 'paste') return this.#paste(press.text);
    const { name, text } = press;
    const ends = name === 'C-d' && (this.#options.endRuns || this.#isAtEnd);
    const edit = ends ? undefined : edits.get(name);
    if (edit !== undefined) return this.#change(edit(this.#state));
    if (isCharacter(name, text)) return this.#change(insert(text)(this.#state));
    const kill = kills.get(name);
    if (kill !== undefined) return this.#kill(kill(this.#state));
    switch (name) {
      case 'return':
      case 'enter':
        return this.#enter();
      case 'M-return':
      case 'M-enter':
        return this.#change(insert('\n')(this.#state));
      case 'C-c':
        return this.#interrupt();
      case 'C-d':
        return this.#end();
      case 'up':
      case 'C-p':
        return this.#change(this.#recall.up(this.#state));
      case 'down':
      case 'C-n':
        return this.#change(this.#recall.down(this.#state));
      case 'tab':
        return this.#complete();
      case 'C-y':
        return this.#change(insert(this.#killed)(this.#state));
      case 'C-_':
        this.#state = this.#undo.pop() ?? this.#state;
        return undefined;
      case 'C-l':
        this.#options.output.write('\x1b[H\x1b[2J');
        this.#screen.forget();
        return undefined;
      case 'C-r':
        return await this.#search();
      case 'C-z':
        return await this.#suspend();
      default:
        return undefined;
    }
  }

  get #isAtEnd(): boolean {
    return this.#state.cursor === this.#state.text.length;
  }

  #change(state: EditState): undefined {
    if (state.text !== this.#state.text) this.#undo.push(this.#state);
    this.#state = state;
  }

  #kill(state: EditState): undefined {
    const { text } = this.#state;
    this.#killed = text.slice(state.cursor, state.cursor + text.length - state.text.length);
    return this.#change(state);
  }

  /** Lines that were copied with the end of the last one are run, as those who type them would. */
  #paste(pasted: string): Reading | undefined {
    const wasAtEnd = this.#isAtEnd;
    const runs = wasAtEnd && !this.#options.endRuns && pasted.endsWith('\n');
    this.#change(insert(runs ? pasted.replace(/\n+$/, '') : pasted)(this.#state));
    return runs ? this.#enter() : undefined;
  }

  #enter(): Reading | undefined {
    const { text } = this.#state;
    if (!this.#options.isWhole(text)) return this.#change(insert('\n')(this.#state));
    this.#state = { text, cursor: text.length };
    return { kind: 'input', text };
  }

  #interrupt(): Reading {
    const { text } = this.#state;
    this.#state = { text, cursor: text.length };
    return { kind: 'interrupt', wasEmpty: text === '' };
  }

  /** Only where nothing was typed: a key too many must not throw anything away. */
  #end(): Reading | undefined {
    const { text } = this.#state;
    if (this.#options.endRuns) return { kind: 'input', text };
    return text === '' ? { kind: 'end' } : undefined;
  }

  #complete(): undefined {
    const { text, cursor } = this.#state;
    const line = text.slice(text.lastIndexOf('\n', cursor - 1) + 1, cursor);
    if (cursor === 0) return undefined;
    const [candidates, completed] = this.#options.complete(line);
    const [only] = candidates;
    if (only === undefined) return undefined;
    const common = candidates.length === 1 ? only : candidates.reduce(commonBeginning);
    if (candidates.length === 1 || common.length > completed.length) {
      const start = cursor - completed.length;
      const before = { text: text.slice(0, start) + text.slice(cursor), cursor: start };
      return this.#change(insert(common)(before));
    }
    const { columns } = this.#screen;
    this.#draw();
    this.#screen.leave();
    this.#options.output.write(`${columnsOf(candidates, columns)}\n`);
  }

  /** Ctrl-R: what is typed is looked for in earlier inputs; Ctrl-R again goes further back, any other key edits what was found. */
  async #search(): Promise<Reading | undefined> {
    const { keyboard } = this.#options;
    const before = this.#state;
    let part = '';
    let found: ReturnType<Recall['find']>;
    let isFound = true;
    const look = (index?: number): void => {
      const next = part === '' ? undefined : this.#recall.find(part, index);
      isFound = part === '' || next !== undefined;
      found = next ?? found;
      if (next !== undefined) this.#state = { text: next.text, cursor: next.text.length };
    };
    for (;;) {
      this.#screen.draw(searchPrefixes(part, isFound), this.#state);
      const press = await keyboard.next();
      if (press.kind !== 'key') return await this.#handle(press);
      const { name, text } = press;
      if (name === 'C-g' || name === 'C-c') {
        this.#state = before;
        return undefined;
      }
      if (name === 'C-r') look(found?.index);
      else if (name === 'backspace' || name === 'C-h') {
        part = part.slice(0, -1);
        look();
      } else if (isCharacter(name, text)) {
        part += text;
        look(found && found.index + 1);
      } else {
        this.#undo.push(before);
        return name === 'escape' ? undefined : await this.#handle(press);
      }
    }
  }

  async #suspend(): Promise<undefined> {
    if (process.platform === 'win32') return;
    this.#screen.leave();
    await this.#options.keyboard.suspend();
  }
}

function commonBeginning(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}
