/** What error messages call the arrays of a kernel, for callers who know them by their places. */
import { slots } from '../../support/element.ts';

export function columnNames(count: number): string[] {
  return numbered(count, 'column');
}

export function outputNames(count: number): string[] {
  return count === 1 ? ['out'] : numbered(count, 'output');
}

function numbered(count: number, what: string): string[] {
  return Array.from(slots(count), (_, index) => `${what} ${index + 1}`);
}
