import { CompileError } from '../index.ts';

/** A result as the language writes it: `true`, `-0`, `inf`, `nan`. */
export function formatResult(value: number | boolean): string {
  if (typeof value === 'boolean') return String(value);
  if (Object.is(value, -0)) return '-0';
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return String(value);
}

/** Any failure of a source for a terminal, ending in a newline. */
export function formatError(error: unknown): string {
  if (error instanceof CompileError) return error.render();
  return `error: ${error instanceof Error ? error.message : String(error)}\n`;
}
