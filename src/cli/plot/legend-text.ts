import type { Curve } from './curve.ts';

/** What a legend says of a curve. */
export function legendLabel({ label, visible }: Curve): string {
  return visible === undefined ? `${label} (nothing to see)` : label;
}

/** A text in one line of that many characters at the most. */
export function cutOff(text: string, room: number): string {
  const oneLine = text.replace(/\s+/g, ' ');
  return oneLine.length <= room ? oneLine : `${oneLine.slice(0, Math.max(room - 3, 0))}...`;
}
