import type { Code } from '../snapshot.ts';

export type SortKey = 'name' | 'size' | 'calls' | 'born';

/** Which rows a table shows, and in what order. */
export interface RowWish {
  readonly key: SortKey;
  readonly descending: boolean;
  /** Only names that contain this, whatever the case; an empty text is in all. */
  readonly search: string;
}

/** The functions that are wanted, in order; of equals the older one first. */
export function rowsOf(functions: readonly Code[], { key, descending, search }: RowWish): Code[] {
  const text = search.toLowerCase();
  const wanted =
    text === '' ? [...functions] : functions.filter(({ name }) => name.toLowerCase().includes(text));
  const sign = descending ? -1 : 1;
  if (key === 'name') {
    const { compare } = new Intl.Collator('en');
    return wanted.sort((a, b) => sign * compare(a.name, b.name) || a.id - b.id);
  }
  // What is not known comes last.
  const unknown = descending ? -1 : Number.POSITIVE_INFINITY;
  return wanted.sort((a, b) => sign * ((a[key] ?? unknown) - (b[key] ?? unknown)) || a.id - b.id);
}
