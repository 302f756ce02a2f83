/**
 * Signs of mathematics, as people write and paste them: `2·π·r²` is `2*pi*r^2` to the language, which has none of them.
 *
 * Every character that is written remembers what it was typed as, so that errors point into what was typed. Comments and longer
 * names (`πr`) stay as they are.
 */

/** What a sign is in the language. */
const signs: ReadonlyMap<string, string> = new Map([
  ['∞', 'inf'],
  ['·', '*'],
  ['⋅', '*'],
  ['×', '*'],
  ['÷', '/'],
  ['−', '-'],
  ['≤', '<='],
  ['≥', '>='],
  ['≠', '!='],
]);

const names: ReadonlyMap<string, string> = new Map([
  ['π', 'pi'],
  ['τ', 'tau'],
]);

/** Where an exponent stands above the line: each digit by its own value, then the signs. */
const raised = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻';

/** Names under which `\name` and Tab give a sign, as LaTeX and Julia have them. */
export const signNames: ReadonlyMap<string, string> = new Map([
  ['\\pi', 'π'],
  ['\\tau', 'τ'],
  ['\\infty', '∞'],
  ['\\cdot', '·'],
  ['\\times', '×'],
  ['\\div', '÷'],
  ['\\sqrt', '√'],
  ['\\le', '≤'],
  ['\\ge', '≥'],
  ['\\ne', '≠'],
  ...Array.from(raised, (sign, value): [string, string] => [
    `\\^${value < 10 ? value : value === 10 ? '+' : '-'}`,
    sign,
  ]),
]);

/** A source of the language, and where each part of it was typed. */
export interface TypedSource {
  readonly typed: string;
  readonly text: string;
  /** The place of a span of `text` in `typed`; offsets in UTF-16 code units. */
  place(start: number, end: number): { readonly start: number; readonly end: number };
}

/** Texts without any stay as they are. */
const anySign = /[πτ∞·⋅×÷−≤≥≠√⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]/u;

/** What was typed, in the language's own signs. */
export function readTyped(typed: string): TypedSource {
  if (!anySign.test(typed)) return { typed, text: typed, place: (start, end) => ({ start, end }) };
  const writer = new Writer(typed);
  while (!writer.isDone) writer.step();
  return writer;
}

/** A name. To Unicode, and so to the language, `·` is part of one, as Catalan has it. */
const word = /[\p{ID_Start}_](?:(?!·)\p{ID_Continue})*/uy;

class Writer implements TypedSource {
  readonly typed: string;
  text = '';
  #at = 0;
  /** Of each code unit of the text: where what it stands for begins and ends. */
  readonly #begins: number[] = [];
  readonly #ends: number[] = [];

  constructor(typed: string) {
    this.typed = typed;
  }

  get isDone(): boolean {
    return this.#at >= this.typed.length;
  }

  // Bound, since it is handed on without its writer.
  readonly place = (start: number, end: number): { start: number; end: number } => {
    const from = this.#begins[start] ?? this.typed.length;
    return { start: from, end: end > start ? (this.#ends[end - 1] ?? this.typed.length) : from };
  };

  /** One token, or whatever stands there. */
  step(): void {
    if (this.#take(/(?:#|\/\/)[^\n]*/y, (comment) => comment)) return;
    if (this.#take(word, (name) => names.get(name) ?? name)) return;
    if (this.#take(new RegExp(`[${raised}]+`, 'uy'), exponent)) return;
    if (this.#look(/√/y) !== undefined) this.#root();
    else this.#take(/./suy, (character) => signs.get(character) ?? character);
  }

  /** As in Julia, a root is of a power: `√x²` is `sqrt(x^2)`. */
  #root(): void {
    const begin = this.#at;
    this.#at++;
    this.#write('sqrt(', begin, this.#at);
    this.#power();
    this.#write(')', begin, begin + 1);
  }

  #power(): void {
    this.#blanks();
    if (this.#look(/√/y) !== undefined) {
      this.#root();
      return;
    }
    if (this.#look(/\(/y) !== undefined) this.#brackets();
    else if (!this.#take(/(?:\d[\w.]*|\.\d\w*)/y, (number) => number)) {
      if (this.#look(/[\p{ID_Start}_]/uy) === undefined) return;
      this.step();
      if (this.#look(/\(/y) !== undefined) this.#brackets();
    }
    if (this.#look(new RegExp(`[${raised}]`, 'uy')) !== undefined) this.step();
    if (!this.#take(/\s*(?:\^|\*\*)\s*[-+]?/y, (operator) => operator)) return;
    this.#power();
  }

  /** From a bracket to the one that closes it. */
  #brackets(): void {
    let depth = 0;
    while (!this.isDone) {
      const character = this.typed.charAt(this.#at);
      this.step();
      if (character === '(') depth++;
      if (character === ')' && --depth === 0) return;
    }
  }

  #blanks(): void {
    this.#take(/[ \t]+/y, (blanks) => blanks);
  }

  #look(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.typed)?.[0];
  }

  #take(pattern: RegExp, write: (found: string) => string): boolean {
    const found = this.#look(pattern);
    if (found === undefined) return false;
    const begin = this.#at;
    this.#at += found.length;
    const written = write(found);
    if (written !== found) this.#write(written, begin, this.#at);
    else for (let i = 0; i < found.length; i++) this.#write(found.charAt(i), begin + i, begin + i + 1);
    return true;
  }

  #write(text: string, begin: number, end: number): void {
    this.text += text;
    for (let i = 0; i < text.length; i++) {
      this.#begins.push(begin);
      this.#ends.push(end);
    }
  }
}

function exponent(digits: string): string {
  const plain = Array.from(digits, (sign) => {
    const value = raised.indexOf(sign);
    return value < 10 ? String(value) : value === 10 ? '+' : '-';
  });
  return `^${plain.join('')}`;
}
