import { emitKeypressEvents, type Key } from 'node:readline';
import type { Terminal } from '../../command.ts';

/** Something that was done at a terminal. */
export type Press =
  /** `name` has `C-` for Ctrl and `M-` for Alt in front; empty for a character that is none but itself. */
  | { readonly kind: 'key'; readonly name: string; readonly text: string }
  | { readonly kind: 'paste'; readonly text: string }
  /** Nobody is there any more. */
  | { readonly kind: 'gone' };

/** What the terminal sends before and after what is pasted, when asked to. */
const bracketedPaste = { on: '\x1b[?2004h', off: '\x1b[?2004l' } as const;

/** The keys of a terminal, in the order in which they were pressed; those that come while something runs wait. */
export class Keyboard implements Disposable {
  readonly #terminal: Pick<Terminal, 'stdin' | 'stdout' | 'env'>;
  readonly #waiting: Press[] = [];
  #wake: (() => void) | undefined;
  /** What is being pasted. */
  #paste: string | undefined;

  constructor(terminal: Pick<Terminal, 'stdin' | 'stdout' | 'env'>) {
    this.#terminal = terminal;
    const { stdin } = terminal;
    emitKeypressEvents(stdin);
    stdin.on('keypress', this.#onKey);
    stdin.on('end', this.#onEnd);
    stdin.on('error', this.#onEnd);
    this.#setRaw(true);
    stdin.resume();
    this.#write(bracketedPaste.on);
  }

  /** Whether something was pressed that nobody has taken yet. */
  get isAhead(): boolean {
    return this.#waiting.length > 0;
  }

  async next(): Promise<Press> {
    for (;;) {
      const press = this.#waiting.shift();
      if (press !== undefined) return press;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Drops what was typed ahead of a Ctrl-C, as terminals do; false if there is none. */
  dropBeforeInterrupt(): boolean {
    const index = this.#waiting.findLastIndex((press) => press.kind === 'key' && press.name === 'C-c');
    this.#waiting.splice(0, Math.max(index, 0));
    return index >= 0;
  }

  dropAll(): void {
    this.#waiting.length = 0;
  }

  /** Leaves the terminal to the shell until it gives it back. */
  async suspend(): Promise<void> {
    await new Promise<void>((resolve) => {
      process.once('SIGCONT', resolve);
      this.#write(bracketedPaste.off);
      this.#setRaw(false);
      process.kill(process.pid, 'SIGTSTP');
    });
    this.#setRaw(true);
    this.#write(bracketedPaste.on);
  }

  [Symbol.dispose](): void {
    const { stdin } = this.#terminal;
    this.#write(bracketedPaste.off);
    stdin.off('keypress', this.#onKey);
    stdin.off('end', this.#onEnd);
    stdin.off('error', this.#onEnd);
    this.#setRaw(false);
    stdin.pause();
  }

  #write(sequence: string): void {
    const { stdout, env } = this.#terminal;
    if (env?.['TERM'] !== 'dumb') stdout.write(sequence);
  }

  /** A terminal that is gone throws. */
  #setRaw(isRaw: boolean): void {
    try {
      this.#terminal.stdin.setRawMode?.(isRaw);
    } catch {
      this.#onEnd();
    }
  }

  readonly #onKey = (_: string | undefined, key: Key): void => {
    const text = key.sequence ?? '';
    if (key.name === 'paste-start') this.#paste = '';
    else if (key.name === 'paste-end') {
      this.#add({ kind: 'paste', text: plainText(this.#paste ?? '') });
      this.#paste = undefined;
    } else if (this.#paste !== undefined) this.#paste += text;
    else this.#add({ kind: 'key', name: nameOf(key), text });
  };

  readonly #onEnd = (): void => this.#add({ kind: 'gone' });

  #add(press: Press): void {
    this.#waiting.push(press);
    this.#wake?.();
  }
}

function nameOf({ name = '', sequence = '', ctrl, meta, shift }: Key): string {
  if (sequence === '\x1f') return 'C-_';
  if (sequence.length <= 2 && /^[^\p{Cc}]+$/u.test(sequence)) return '';
  return `${ctrl === true ? 'C-' : ''}${meta === true ? 'M-' : ''}${shift === true && name === 'tab' ? 'S-' : ''}${name}`;
}

/** Line ends as such, tabs as blanks, and nothing that would move the cursor. */
function plainText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/\t/g, '  ')
    .replace(/(?!\n)\p{Cc}/gu, '');
}
