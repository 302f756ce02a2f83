import type { CodeLine } from '../snapshot.ts';

/** A stretch of a source, with the smallest span of lines that covers it. */
export interface SourcePiece {
  readonly text: string;
  readonly span: readonly [start: number, end: number] | null;
}

/** A source cut where spans of lines begin and end. */
export function sourcePieces(source: string, lines: readonly CodeLine[]): SourcePiece[] {
  const spans = new Map<string, readonly [number, number]>();
  for (const { span } of lines) if (span !== null) spans.set(span.join(), span);
  const byStart = [...spans.values()].sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  const cuts = new Set([0, source.length, ...byStart.flat()]);
  const places = [...cuts].sort((a, b) => a - b);
  // Spans of a tree lie within each other, so the last one that began and goes on is the smallest.
  const around: (readonly [number, number])[] = [];
  let next = 0;
  return places.slice(0, -1).map((start, index) => {
    const end = places[index + 1] as number;
    for (let span = byStart[next]; span !== undefined && span[0] <= start; span = byStart[++next])
      around.push(span);
    while ((around.at(-1)?.[1] ?? end) < end) around.pop();
    return { text: source.slice(start, end), span: around.at(-1) ?? null };
  });
}
