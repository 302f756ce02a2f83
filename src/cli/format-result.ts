/** A result as the language writes it: `true`, `-0`, `inf`, `nan`. */
export function formatResult(value: number | boolean): string {
  if (typeof value === 'boolean') return String(value);
  if (Object.is(value, -0)) return '-0';
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return String(value);
}

/** A result as JSON, which has no NaN and no infinities: those are text, as the language writes them. */
export function formatJson(value: number | boolean): string {
  const text = formatResult(value);
  return typeof value === 'number' && !Number.isFinite(value) ? `"${text}"` : text;
}
