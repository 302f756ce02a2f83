/** How a source is read: in which dialect, and which names there are already if case does not matter. */

import { hasOwnNamed } from '../support/intrinsics.ts';
import { settings } from '../support/settings.ts';
import { builtinConstants, builtins } from './builtins.ts';
import type { Environment } from './environment.ts';
import { rowFunctions } from './row-functions.ts';
import { plainSyntax, type Syntax, syntaxFor } from './syntax.ts';
import { normalizeName } from './tokens.ts';

export interface Reading {
  readonly syntax: Syntax;
  /** Undefined where names are as they are written. */
  readonly spelling: { readonly values: Spelling; readonly functions: Spelling } | undefined;
  /** Is it the name of a function that no source may define? */
  readonly isReserved: (name: string) => boolean;
}

/** Gives a name that was read as it is known. */
export type Spelling = (name: string) => string;

export const plainReading: Reading = Object.freeze({
  syntax: plainSyntax,
  spelling: undefined,
  isReserved: () => false,
});

/** What an environment tells of this. */
export type ReadingOptions = Pick<
  Environment,
  'limits' | 'dialect' | 'parameters' | 'constants' | 'hosts' | 'provided' | 'variables' | 'library'
>;

export function readingOf(given: ReadingOptions): Reading {
  const syntax = syntaxFor(hasOwnNamed(given, 'dialect') ? given.dialect : undefined);
  if (syntax.isPlain) return plainReading;
  const options = settings(given);
  const fold = (name: string): string => (syntax.anyCase ? name.toLowerCase() : name);
  const reserved = new Set(Array.from(reservedOf(options), fold));
  const isReserved = (name: string): boolean => reserved.has(fold(name));
  if (!syntax.anyCase) return { syntax, spelling: undefined, isReserved };
  // Apart, so that a column may be called `Max`.
  const spelling = { values: spellingOf(valuesOf(options)), functions: spellingOf(functionsOf(options)) };
  return { syntax, spelling, isReserved };
}

function* reservedOf({ hosts }: ReadingOptions): Generator<string> {
  for (const { name, yields } of builtins.values()) if (!yields) yield name;
  for (const { name } of hosts ?? []) yield normalizeName(name);
}

/**
 * A name is one that is known as it is written, else one that differs from that in case only; of several, the last. Where none is known, it is as it
 * is written first.
 */
function spellingOf(names: Iterable<string>): Spelling {
  const known = new Set<string>();
  const spellings = new Map<string, string>();
  for (const name of names) {
    known.add(name);
    spellings.set(name.toLowerCase(), name);
  }
  return (name) => {
    if (known.has(name)) return name;
    const folded = name.toLowerCase();
    const spelled = spellings.get(folded);
    if (spelled === undefined) spellings.set(folded, name);
    return spelled ?? name;
  };
}

/** What is nearest to the source last. */
function* valuesOf({ constants, provided, variables, parameters }: ReadingOptions): Generator<string> {
  yield* builtinConstants.keys();
  if (provided !== undefined) yield* provided;
  if (constants !== undefined) yield* constants.keys();
  if (variables !== undefined) yield* variables.keys();
  if (parameters !== undefined) for (const name of parameters) yield normalizeName(name);
}

/** What is nearest to the source last. */
function* functionsOf({ hosts, library }: ReadingOptions): Generator<string> {
  yield* rowFunctions.keys();
  yield* builtins.keys();
  if (hosts !== undefined) for (const { name } of hosts) yield normalizeName(name);
  for (const { definitions } of library ?? [])
    for (const { kind, target } of definitions) if (kind === 'function') yield target.name;
}
