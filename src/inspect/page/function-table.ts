import type { FunctionSnapshot, NamedSnapshot } from '../snapshot.ts';
import { formatAge, formatCalls } from './format.ts';

type Key = 'name' | 'size' | 'calls' | 'born';

/** More rows than anyone reads, few enough to draw twice a second. */
const mostRows = 200;

/** The functions of an engine, sorted by the column that was clicked. */
export class FunctionTable {
  readonly #rows: HTMLElement;
  readonly #onPick: (id: number) => void;
  #key: Key = 'size';
  #descending = true;
  #selected: number | undefined;
  #snapshot: NamedSnapshot | undefined;

  constructor(table: HTMLElement, rows: HTMLElement, onPick: (id: number) => void) {
    this.#rows = rows;
    this.#onPick = onPick;
    for (const button of table.querySelectorAll<HTMLButtonElement>('button[data-key]')) {
      button.addEventListener('click', () => this.#sortBy(table, button));
    }
  }

  select(id: number | undefined): void {
    this.#selected = id;
  }

  draw(snapshot: NamedSnapshot): void {
    this.#snapshot = snapshot;
    const sign = this.#descending ? -1 : 1;
    const sorted = [...snapshot.functions].sort((a, b) => sign * compare(a, b, this.#key));
    this.#rows.replaceChildren(...sorted.slice(0, mostRows).map((entry) => this.#row(entry, snapshot.time)));
  }

  #row(entry: FunctionSnapshot, time: number): HTMLElement {
    const row = document.createElement('tr');
    row.classList.toggle('selected', entry.id === this.#selected);
    row.title = entry.name;
    row.addEventListener('click', () => this.#onPick(entry.id));
    for (const text of [
      entry.name,
      entry.size.toLocaleString('en'),
      formatCalls(entry.calls),
      formatAge(time, entry.born),
    ]) {
      row.append(Object.assign(document.createElement('td'), { textContent: text }));
    }
    return row;
  }

  #sortBy(table: HTMLElement, button: HTMLButtonElement): void {
    const key = button.dataset['key'] as Key;
    this.#descending = key === this.#key ? !this.#descending : key !== 'name';
    this.#key = key;
    for (const header of table.querySelectorAll('th')) header.removeAttribute('aria-sort');
    button.closest('th')?.setAttribute('aria-sort', this.#descending ? 'descending' : 'ascending');
    if (this.#snapshot !== undefined) this.draw(this.#snapshot);
  }
}

function compare(a: FunctionSnapshot, b: FunctionSnapshot, key: Key): number {
  return key === 'name' ? a.name.localeCompare(b.name) : (a[key] ?? -1) - (b[key] ?? -1);
}
