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
  const sorted = [...spans.values()].sort((a, b) => a[1] - a[0] - (b[1] - b[0]));
  const cuts = new Set([0, source.length, ...sorted.flat()]);
  const places = [...cuts].sort((a, b) => a - b);
  return places.slice(0, -1).map((start, index) => {
    const end = places[index + 1] as number;
    const span = sorted.find(([from, to]) => from <= start && end <= to) ?? null;
    return { text: source.slice(start, end), span };
  });
}
