import { UsageError } from '../command.ts';

/** `--as name=formula`. */
export interface NamedOutput {
  readonly heading: string;
  readonly formula: string;
}

/**
 * What `--as` was given: names with formulas, and names for a formula that stands elsewhere.
 *
 * @throws UsageError for a formula without a name.
 */
export function parseNames(texts: readonly string[]): { outputs: NamedOutput[]; headings: string[] } {
  const outputs: NamedOutput[] = [];
  const headings: string[] = [];
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals === 0) throw new UsageError(`--as ${text} has no name before the =`);
    if (equals < 0) headings.push(text);
    else outputs.push({ heading: text.slice(0, equals), formula: text.slice(equals + 1) });
  }
  return { outputs, headings };
}

/** @throws UsageError for two outputs of one name, and for more than one of `headings`, which go to one formula. */
export function requireNamed(outputs: readonly NamedOutput[], headings: readonly string[]): void {
  const surplus = headings.at(1);
  if (surplus !== undefined) throw new UsageError(`--as ${surplus} has no formula; say --as ${surplus}=…`);
  const known = new Set<string>();
  for (const { heading } of outputs) {
    if (known.has(heading)) throw new UsageError(`two new columns are called '${heading}'`);
    known.add(heading);
  }
}
