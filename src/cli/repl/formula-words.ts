import { parse } from '../../index.ts';
import type { Word } from './repl-command.ts';
import { isIncomplete } from './session.ts';

/**
 * Formulas that stand one after the other, with blanks in them and between them. A formula ends where the next word cannot
 * continue it, so `sin(t) / t cos` are two; and before a sign that stands at a word as at a number, so `x -1` are two, and
 * `x - 1` is one. What is in quotes is one.
 */
export function formulasOf(words: readonly Word[]): string[] {
  const formulas: string[] = [];
  let current = '';
  let isClosed = true;
  for (const { text, isQuoted } of words) {
    const continued = `${current} ${text}`;
    if (isQuoted || isClosed || (isWhole(current) && (/^[+-]./s.test(text) || !canBegin(continued)))) {
      if (current !== '') formulas.push(current);
      current = text;
    } else {
      current = continued;
    }
    isClosed = isQuoted;
  }
  return current === '' ? formulas : [...formulas, current];
}

function isWhole(source: string): boolean {
  return failureOf(source) === undefined;
}

/** Whether something can follow that makes a formula of it. */
function canBegin(source: string): boolean {
  const failure = failureOf(source);
  return failure === undefined || isIncomplete(failure.error);
}

function failureOf(source: string): { readonly error: unknown } | undefined {
  try {
    parse(source);
    return undefined;
  } catch (error) {
    return { error };
  }
}
