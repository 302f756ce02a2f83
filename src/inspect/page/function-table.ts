import type { EngineModel } from '../engine-model.ts';
import { rowsOf, type SortKey } from '../picture/row-order.ts';
import type { Code } from '../snapshot.ts';
import { create, element } from './dom.ts';
import { formatAge, formatCalls } from './format.ts';

/** Pixels, as in the style sheet. */
const rowHeight = 24;

/** Rows beyond the edges of what is seen, so that scrolling finds them there. */
const margin = 8;

/**
 * The functions of an engine, as rows of which only those exist that can be seen, so that 100,000 of them scroll.
 *
 * Rows stand still while somebody points at them or has the focus in them: their order is kept, what is gone is struck through, and
 * only numbers change.
 */
export class FunctionTable {
  readonly #table = element('function-table');
  readonly #scroll = element('function-scroll');
  readonly #rows = element('rows');
  readonly #search = element<HTMLInputElement>('search');
  readonly #count = element('function-count');
  readonly #onPick: (id: number) => void;
  #key: SortKey = 'size';
  #descending = true;
  #selected: number | undefined;
  #model: EngineModel | undefined;
  #order: readonly Code[] = [];
  #isPointedAt = false;
  /** The number of the row that Tab goes to. */
  #current = 0;

  constructor(onPick: (id: number) => void) {
    this.#onPick = onPick;
    // A table in which arrows move.
    this.#table.role = 'grid';
    for (const button of this.#table.querySelectorAll<HTMLButtonElement>('button[data-key]')) {
      button.addEventListener('click', () => this.#sortBy(button.dataset['key'] as SortKey));
    }
    this.#search.addEventListener('input', () => {
      this.#scroll.scrollTop = 0;
      this.#reorder();
    });
    this.#scroll.addEventListener('scroll', () => this.#drawRows());
    this.#scroll.addEventListener('pointerenter', () => {
      this.#isPointedAt = true;
      this.#sayHeld();
    });
    this.#scroll.addEventListener('pointerleave', () => {
      this.#isPointedAt = false;
      this.#release();
    });
    this.#rows.addEventListener('focusin', () => this.#sayHeld());
    this.#rows.addEventListener('focusout', () => setTimeout(() => this.#release()));
    this.#rows.addEventListener('click', (event) => this.#pickRow(rowOf(event)));
    this.#rows.addEventListener('keydown', (event) => this.#press(event));
    new ResizeObserver(() => this.#drawRows()).observe(this.#scroll);
    this.#mark();
  }

  select(id: number | undefined): void {
    this.#selected = id;
    this.#drawRows();
  }

  draw(model: EngineModel): void {
    const isOther = model.id !== this.#model?.id;
    this.#model = model;
    if (this.#isHeld && !isOther) {
      this.#drawRows();
      return;
    }
    if (isOther) {
      this.#scroll.scrollTop = 0;
      this.#current = 0;
    }
    this.#reorder();
  }

  get #isHeld(): boolean {
    return this.#isPointedAt || this.#rows.contains(document.activeElement);
  }

  #sayHeld(): void {
    element('held').hidden = !this.#isHeld;
  }

  #release(): void {
    this.#sayHeld();
    if (!this.#isHeld) this.#reorder();
  }

  #reorder(): void {
    if (this.#model === undefined) return;
    const { functions } = this.#model;
    const search = this.#search.value.trim();
    this.#order = rowsOf(functions, { key: this.#key, descending: this.#descending, search });
    const [shown, all] = [this.#order.length, functions.length].map((count) => count.toLocaleString('en'));
    this.#count.textContent = search === '' ? `${all}` : `${shown} of ${all}`;
    this.#table.setAttribute('aria-rowcount', String(this.#order.length + 1));
    this.#current = Math.min(this.#current, Math.max(this.#order.length - 1, 0));
    this.#drawRows();
  }

  #sortBy(key: SortKey): void {
    this.#descending = key === this.#key ? !this.#descending : key !== 'name';
    this.#key = key;
    this.#mark();
    this.#reorder();
  }

  /** Says by which column rows are sorted. */
  #mark(): void {
    for (const button of this.#table.querySelectorAll<HTMLButtonElement>('button[data-key]')) {
      const key = button.dataset['key'];
      // What was born last has the least age.
      const ascends = key === 'born' ? this.#descending : !this.#descending;
      const order = key !== this.#key ? 'none' : ascends ? 'ascending' : 'descending';
      button.closest('th')?.setAttribute('aria-sort', order);
    }
  }

  #drawRows(): void {
    const model = this.#model;
    if (model === undefined) return;
    const { scrollTop, clientHeight } = this.#scroll;
    const visible = Math.ceil(clientHeight / rowHeight);
    // Where there are fewer rows than before, the place that was scrolled to is behind them.
    const last = Math.max(this.#order.length - visible, 0);
    const first = Math.max(Math.min(Math.floor(scrollTop / rowHeight), last) - margin, 0);
    const end = Math.min(first + visible + 2 * margin + 1, this.#order.length);
    const rows = [...this.#rows.querySelectorAll<HTMLElement>('tr.row')];
    const focused = rows.find((row) => row === document.activeElement);
    for (let index = first; index < end; index++) {
      const code = this.#order[index] as Code;
      const row = rows[index - first] ?? this.#addRow();
      fillRow(row, code, model, index);
      row.tabIndex = index === this.#current ? 0 : -1;
      row.setAttribute('aria-selected', String(code.id === this.#selected));
    }
    for (const row of rows.slice(Math.max(end - first, 0))) row.remove();
    this.#spacer('above').style.height = `${first * rowHeight}px`;
    this.#spacer('below').style.height = `${(this.#order.length - end) * rowHeight}px`;
    // Who scrolls with the focus in a row keeps it on that function, where that is to be seen.
    if (focused !== undefined && focused.dataset['index'] !== String(this.#current)) {
      this.#rowAt(this.#current)?.focus({ preventScroll: true });
    }
  }

  #spacer(where: 'above' | 'below'): HTMLElement {
    return element(`rows-${where}`);
  }

  #addRow(): HTMLElement {
    const row = create('tr', '', 'row');
    row.append(create('td'), create('td'), create('td'), create('td'));
    this.#rows.append(row);
    return row;
  }

  #rowAt(index: number): HTMLElement | null {
    return this.#rows.querySelector<HTMLElement>(`tr[data-index="${index}"]`);
  }

  #pickRow(row: HTMLElement | null): void {
    const code = this.#order[Number(row?.dataset['index'] ?? -1)];
    if (code === undefined) return;
    this.#goTo(Number(row?.dataset['index']));
    this.#onPick(code.id);
  }

  #press(event: KeyboardEvent): void {
    const page = Math.max(Math.floor(this.#scroll.clientHeight / rowHeight) - 2, 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: this.#current + 1,
      ArrowUp: this.#current - 1,
      PageDown: this.#current + page,
      PageUp: this.#current - page,
      Home: 0,
      End: this.#order.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) this.#goTo(to);
    else if (event.key === 'Enter') this.#pickRow(rowOf(event));
    else return;
    event.preventDefault();
  }

  /** Puts the focus into a row, which is shown. */
  #goTo(index: number): void {
    this.#current = Math.min(Math.max(index, 0), this.#order.length - 1);
    const top = this.#current * rowHeight;
    const { scrollTop, clientHeight } = this.#scroll;
    const room = clientHeight - 2 * rowHeight;
    if (top < scrollTop) this.#scroll.scrollTop = top;
    else if (top > scrollTop + room) this.#scroll.scrollTop = top - room;
    this.#drawRows();
    this.#rowAt(this.#current)?.focus({ preventScroll: true });
  }
}

function fillRow(row: HTMLElement, code: Code, { code: known, last }: EngineModel, index: number): void {
  row.dataset['index'] = String(index);
  row.dataset['id'] = String(code.id);
  row.ariaRowIndex = String(index + 2);
  row.title = code.name;
  row.classList.toggle('gone', !known.has(code.id));
  const texts = [
    code.name,
    code.size.toLocaleString('en'),
    formatCalls(code.calls),
    formatAge(last.time, code.born),
  ];
  for (const [column, text] of texts.entries()) {
    const cell = row.children[column];
    if (cell !== undefined && cell.textContent !== text) cell.textContent = text;
  }
}

function rowOf({ target }: Event): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('tr.row') : null;
}
