/** Which rows go together, of a formula that looks at rows before and after. */

/** Rows that go together, `to` is behind them. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  /** May they look beyond the rows that there are? */
  readonly isEdge: boolean;
}

/** How many rows a formula looks back, and how many ahead. */
export interface Reach {
  readonly before: number;
  readonly after: number;
}

/**
 * The rows in order, cut where the first and the last begin that have neighbours beyond, and behind the first if that is one of its own; other cuts
 * are between bytes of bitmaps, which are lanes of any width, too.
 */
export function segmentsOf({ before, after }: Reach, rows: number, isFirstAlone: boolean): Segment[] {
  const head = Math.min(rows, Math.ceil(before / 8) * 8);
  const tail = after === 0 ? rows : Math.max(head, Math.floor((rows - after) / 8) * 8);
  const segments: Segment[] = [];
  let from = 0;
  const cut = (to: number, isEdge: boolean): void => {
    if (to > from) segments.push({ from, to, isEdge });
    from = Math.max(from, to);
  };
  if (isFirstAlone) cut(Math.min(1, rows), head > 0 || tail === 0);
  cut(head, true);
  cut(tail, false);
  cut(rows, true);
  return segments;
}
