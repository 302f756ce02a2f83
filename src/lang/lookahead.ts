/**
 * By which tokens the grammar decides: what can come first in each alternative, option and repetition.
 *
 * Problem: chevrotain finds this out by itself, from a recording of all rules, and takes longer for it than for everything else that
 * a start does. Strategy: it is written down here. `test/lang/lookahead.test.ts` has chevrotain find it out, and compares.
 */
import type { IToken, TokenType } from 'chevrotain';
import { elementAt } from '../support/element.ts';
import {
  And,
  Bang,
  ComparisonOperator,
  If,
  LeftBrace,
  LeftBracket,
  LeftParenthesis,
  Let,
  Name,
  Not,
  NumberToken,
  Or,
  Postfix,
  PowerOperator,
  ProductOperator,
  Question,
  Sign,
} from './tokens.ts';

/** Methods of chevrotain's notation that decide, by the numbers in the keys under which it looks up how (its `keys.ts`). */
const methods = Object.freeze({ OR: 1, OPTION: 2, MANY: 3, MANY_SEP: 5 });
const occurrenceBits = 8;

/** A place in the grammar where tokens decide. */
interface Decision {
  readonly rule: string;
  readonly method: keyof typeof methods;
  /** The number at the method's name: 1 of `OR1`. */
  readonly occurrence: number;
  /** What can come first in each alternative; an option or a repetition is one. */
  readonly first: readonly (readonly TokenType[])[];
}

const prefixes = [[Sign], [Bang], [Not]];
const atoms = [[NumberToken], [Name], [LeftParenthesis], [LeftBrace], [If]];
const expression = [...prefixes, ...atoms].flat();
const binaryOperators = [
  [Sign],
  [ProductOperator],
  [PowerOperator],
  [ComparisonOperator],
  [And],
  [Or],
  [Postfix],
];

const decisions: readonly Decision[] = [
  { rule: 'program', method: 'MANY_SEP', occurrence: 0, first: [[Let, ...expression]] },
  { rule: 'statement', method: 'OR', occurrence: 0, first: [[Name], [Let], expression] },
  { rule: 'functionDefinition', method: 'MANY_SEP', occurrence: 0, first: [[Name]] },
  { rule: 'expression', method: 'MANY', occurrence: 0, first: [binaryOperators.flat()] },
  { rule: 'expression', method: 'OR', occurrence: 0, first: binaryOperators },
  { rule: 'expression', method: 'OPTION', occurrence: 0, first: [[Question]] },
  { rule: 'operand', method: 'MANY', occurrence: 0, first: [prefixes.flat()] },
  { rule: 'operand', method: 'OR', occurrence: 0, first: prefixes },
  { rule: 'operand', method: 'OR', occurrence: 1, first: atoms },
  { rule: 'operand', method: 'OPTION', occurrence: 0, first: [[LeftParenthesis]] },
  { rule: 'operand', method: 'OPTION', occurrence: 1, first: [[LeftBracket]] },
  { rule: 'operand', method: 'MANY_SEP', occurrence: 0, first: [expression] },
  { rule: 'block', method: 'MANY', occurrence: 0, first: [[Let]] },
];

/** What a decision sees of the parser. */
interface Ahead {
  LA(distance: number): IToken;
}

interface Alternative {
  readonly GATE?: () => boolean;
}

/** The number of the alternative to take, undefined for none; of an option and a repetition, whether to enter. */
export type Lookahead = (this: Ahead, alternatives: readonly Alternative[]) => number | boolean | undefined;

/** How to decide, by chevrotain's keys; rules have numbers in them, by name. */
export function lookaheads(rules: Readonly<Record<string, number>>): Map<number, Lookahead> {
  return new Map(
    decisions.map(({ rule, method, occurrence, first }) => {
      const key = (rules[rule] as number) | (methods[method] << occurrenceBits) | occurrence;
      if (method !== 'OR') return [key, entering(elementAt(first, 0))];
      return [key, rule === 'statement' ? choosingByGates(first) : choosing(first)];
    }),
  );
}

function entering(first: readonly TokenType[]): Lookahead {
  const types = new Set(first);
  return function () {
    return types.has(this.LA(1).tokenType);
  };
}

function choosing(first: readonly (readonly TokenType[])[]): Lookahead {
  const choices = new Map(first.flatMap((types, index) => types.map((type) => [type, index])));
  return function () {
    return choices.get(this.LA(1).tokenType);
  };
}

/** The first alternative that fits and whose gate is open. */
function choosingByGates(first: readonly (readonly TokenType[])[]): Lookahead {
  const types = first.map((alternative) => new Set(alternative));
  return function (alternatives) {
    const { tokenType } = this.LA(1);
    const index = types.findIndex(
      (fitting, index) => fitting.has(tokenType) && elementAt(alternatives, index).GATE?.call(this) !== false,
    );
    return index < 0 ? undefined : index;
  };
}
