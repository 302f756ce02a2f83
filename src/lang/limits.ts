import { settings } from '../support/settings.ts';

/** Bounds on what one source may cost before any of it runs. All are inclusive. */
export interface SourceLimits {
  /** Of the source, in UTF-16 code units. */
  readonly length: number;
  /** Tokens, without blanks and comments. */
  readonly tokens: number;
  /** How deep brackets, calls, blocks, operators and conditions may stand in one another. */
  readonly nesting: number;
  /** Nodes of the syntax tree. */
  readonly nodes: number;
  /** Parameters of a function or of a program. */
  readonly parameters: number;
}

export const defaultLimits: SourceLimits = Object.freeze({
  length: 100_000,
  tokens: 50_000,
  nesting: 256,
  nodes: 50_000,
  parameters: 255,
});

/** The parser and the passes over trees recurse; this much a worker with a stack of 1 MB can hold. */
const maxNesting = 256;

/**
 * The defaults with the given limits in their place.
 *
 * @throws RangeError if a limit is not a positive integer, or `nesting` is above 256.
 */
export function resolveLimits(limits?: Partial<SourceLimits>): SourceLimits {
  if (limits === undefined) return defaultLimits;
  const given = settings(limits);
  const resolved = { ...defaultLimits };
  for (const name of Object.keys(defaultLimits) as (keyof SourceLimits)[]) {
    const value = given[name];
    if (value === undefined) continue;
    const most = name === 'nesting' ? maxNesting : Number.MAX_SAFE_INTEGER;
    if (!Number.isSafeInteger(value) || value < 1 || value > most) {
      throw new RangeError(`limits.${name} must be an integer from 1 to ${most}, not ${value}`);
    }
    resolved[name] = value;
  }
  return resolved;
}
