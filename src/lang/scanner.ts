/**
 * From characters to tokens, by the first character of each: what it can begin is at most two things.
 *
 * Not by chevrotain's lexer, whose tables by character have holes, so that an element of `Object.prototype` would
 * change what a source means.
 */
import type { IToken, TokenType } from 'chevrotain';
import { slots } from '../support/element.ts';
import { plainSyntax, type Syntax } from './syntax.ts';
import { Name, NumberToken, symbolTypes, tokenOf } from './tokens.ts';

/** Whatever is beyond ASCII but blanks and line ends; `lexer.ts` checks what is not ASCII with `isName`. */
const beyondAscii =
  '\\x80-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-\\uffff';
const name = new RegExp(`[A-Za-z_${beyondAscii}][A-Za-z0-9_${beyondAscii}]*`, 'y');
/** Hexadecimal, binary or decimal; `_` may stand between two digits. */
const number =
  /0[xX][\da-fA-F]+(?:_[\da-fA-F]+)*|0[bB][01]+(?:_[01]+)*|(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?/y;
const blankBeyondAscii = '\\u00a0\\u1680\\u2000-\\u200a\\u202f\\u205f\\u3000\\ufeff';
const blanks = new RegExp(`[ \\t\\v\\f${blankBeyondAscii}]+`, 'y');
const isBlank = new RegExp(`[${blankBeyondAscii}]`);
const comment = /(?:#|\/\/)[^\n\r\u2028\u2029]*/y;

/** By character code: what is a token whatever follows it, as most symbols are; they need no pattern. */
const alone = slots<TokenType>(0x80);
for (const symbol of '^%+-?:,(){}[];') alone[symbol.charCodeAt(0)] = symbolTypes.get(symbol);

/** Blanks and comments left out. `unknown` are the offsets of the runs of characters that nothing begins with. */
export function scan(text: string, syntax: Syntax = plainSyntax): { tokens: IToken[]; unknown: number[] } {
  const { symbol } = syntax;
  const tokens: IToken[] = [];
  const unknown: number[] = [];
  let isKnown = true;
  for (let start = 0; start < text.length; ) {
    const code = text.charCodeAt(start);
    const type = code < 0x80 ? alone[code] : undefined;
    if (type !== undefined) {
      tokens.push(tokenOf(type, text.charAt(start), start));
      isKnown = true;
      start++;
      continue;
    }
    const pattern = patternOf(code, text.charCodeAt(start + 1), symbol);
    pattern.lastIndex = start;
    if (!pattern.test(text)) {
      if (isKnown) unknown.push(start);
      isKnown = false;
      start++;
      continue;
    }
    isKnown = true;
    const end = pattern.lastIndex;
    if (pattern !== blanks && pattern !== comment) {
      const image = text.slice(start, end);
      tokens.push(createToken(pattern, image, start, syntax));
    }
    start = end;
  }
  return { tokens, unknown };
}

/** What can begin with a character that stands before another. */
function patternOf(code: number, next: number, symbol: RegExp): RegExp {
  if (code >= 0x61 ? code <= 0x7a : code === 0x5f || (code >= 0x41 && code <= 0x5a)) return name;
  if (code === 0x20 || code === 0x09 || code === 0x0b || code === 0x0c) return blanks;
  if ((code >= 0x30 && code <= 0x39) || code === 0x2e) return number;
  if (code === 0x23 || (code === 0x2f && next === 0x2f)) return comment;
  if (code < 0x80 || code === 0x2028 || code === 0x2029) return symbol;
  return isBlank.test(String.fromCharCode(code)) ? blanks : name;
}

function createToken(pattern: RegExp, image: string, startOffset: number, syntax: Syntax): IToken {
  if (pattern === number) return tokenOf(NumberToken, image, startOffset);
  if (pattern !== name) return tokenOf(syntax.symbols.get(image) as TokenType, image, startOffset);
  const word = syntax.anyCase ? image.toLowerCase() : image;
  const type = syntax.words.get(word);
  return type === undefined ? tokenOf(Name, image, startOffset) : tokenOf(type, word, startOffset);
}
