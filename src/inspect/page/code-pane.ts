import type { CodeLine } from '../snapshot.ts';
import { create } from './dom.ts';

/** A line of the detail, or a stretch of the source, that lights up with others. */
export interface Lit {
  readonly value: string | null;
  readonly span: readonly [start: number, end: number] | null;
}

/**
 * Lines of text of which one is the current one, under the pointer or by the arrow keys; whoever looks at one hears of it. A list box
 * to those who hear pages.
 */
export class CodePane {
  readonly element: HTMLElement;
  readonly #lines: readonly Lit[];
  readonly #options: readonly HTMLElement[];
  readonly #onLook: (line: Lit | undefined) => void;
  #current = -1;

  constructor(
    name: string,
    lines: readonly Lit[],
    options: readonly HTMLElement[],
    onLook: (line: Lit | undefined) => void,
  ) {
    this.#lines = lines;
    this.#options = options;
    this.#onLook = onLook;
    this.element = create('div', '', `pane ${name}`);
    this.element.setAttribute('role', 'listbox');
    this.element.setAttribute('aria-label', name);
    this.element.tabIndex = 0;
    options.forEach((option, index) => {
      option.id = `${name}-${index}`;
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', 'false');
      option.addEventListener('pointerenter', () => this.#look(index));
    });
    this.element.append(...options);
    this.element.addEventListener('pointerleave', () => this.#look(-1));
    this.element.addEventListener('focus', () => this.#look(Math.max(this.#current, this.#next(-1, 1))));
    this.element.addEventListener('blur', () => this.#look(-1));
    this.element.addEventListener('keydown', (event) => this.#press(event));
  }

  /** Lights up the lines that `isLit` wants; scrolls to the first of them if this is not where somebody looks. */
  light(isLit: (line: Lit) => boolean): void {
    let first: HTMLElement | undefined;
    this.#options.forEach((option, index) => {
      const lit = isLit(this.#lines[index] as Lit);
      option.classList.toggle('lit', lit);
      if (lit) first ??= option;
    });
    if (first === undefined || this.element.matches(':hover, :focus')) return;
    const { offsetTop, offsetHeight } = first;
    const { scrollTop, clientHeight } = this.element;
    const isSeen = offsetTop >= scrollTop && offsetTop + offsetHeight <= scrollTop + clientHeight;
    if (!isSeen) this.element.scrollTop = offsetTop - clientHeight / 3;
  }

  #look(index: number): void {
    this.#options[this.#current]?.setAttribute('aria-selected', 'false');
    this.#current = index;
    const option = this.#options[index];
    option?.setAttribute('aria-selected', 'true');
    if (option === undefined) this.element.removeAttribute('aria-activedescendant');
    else this.element.setAttribute('aria-activedescendant', option.id);
    this.#onLook(this.#lines[index]);
  }

  #press(event: KeyboardEvent): void {
    const forward = event.key === 'ArrowDown' || event.key === 'ArrowRight';
    if (!forward && event.key !== 'ArrowUp' && event.key !== 'ArrowLeft') return;
    event.preventDefault();
    const next = this.#next(this.#current, forward ? 1 : -1);
    if (next < 0) return;
    this.#look(next);
    this.#options[next]?.scrollIntoView({ block: 'nearest' });
  }

  /** The next line that has something to light up, or -1. */
  #next(from: number, step: 1 | -1): number {
    for (let index = from + step; index >= 0 && index < this.#lines.length; index += step) {
      const line = this.#lines[index];
      if (line !== undefined && (line.value !== null || line.span !== null)) return index;
    }
    return -1;
  }
}

/** A line of IR or code, with what only experts look at, offsets and bytes of instructions, in the background. */
export function lineElement({ text }: CodeLine): HTMLElement {
  const line = create('div', '', 'line');
  const parts = /^( {2}[0-9a-f]{4} {2})([0-9a-f]+ +)(\S.*)$/s.exec(text);
  const [, offset = '', bytes = '', instruction = text] = parts ?? [];
  if (parts !== null) line.append(create('span', offset, 'faint'), create('span', bytes, 'faint bytes'));
  line.append(instruction === '' ? ' ' : instruction);
  return line;
}
