import type { IToken } from 'chevrotain';
import { CompileError } from './compile-error.ts';
import { createDiagnostic, type Diagnostic, maxSyntaxErrors } from './diagnostic.ts';
import { markComparisons, markOperators } from './dialect-tokens.ts';
import { layOut } from './layout.ts';
import type { SourceLimits } from './limits.ts';
import { plainReading, type Reading } from './reading.ts';
import { scan } from './scanner.ts';
import type { SourceText } from './source-text.ts';
import type { Syntax } from './syntax.ts';
import { isName, Name, namePrefixLength } from './tokens.ts';

/**
 * The tokens of a source, with separators only where a statement ends.
 *
 * @throws CompileError for characters outside the language and for exceeded limits.
 */
export function tokenize(
  source: SourceText,
  limits: SourceLimits,
  reading: Reading = plainReading,
): IToken[] {
  const { syntax } = reading;
  const { text } = source;
  if (text.length > limits.length) {
    const message = `the source has ${text.length} characters; at most ${limits.length} are allowed`;
    throw new CompileError([createDiagnostic(source, 'E_LENGTH', { start: 0, end: 0 }, message)]);
  }
  const { tokens: written, unknown } = scan(text, syntax);
  const tokens = syntax.isPlain ? written : markOperators(written, syntax);
  if (!/^[\0-\x7f]*$/.test(text)) unknown.push(...unknownInNames(written));
  if (unknown.length > 0) {
    unknown.sort((a, b) => a - b);
    throw new CompileError(
      unknown.slice(0, maxSyntaxErrors).map((offset) => unknownCharacter(source, offset, syntax)),
    );
  }
  if (tokens.length > limits.tokens) {
    const start = tokens[limits.tokens]?.startOffset ?? 0;
    const message = `the source has ${tokens.length} tokens; at most ${limits.tokens} are allowed`;
    throw new CompileError([createDiagnostic(source, 'E_TOKENS', { start, end: start }, message)]);
  }
  const laidOut = /[;\n\r\u2028\u2029]/.test(text) ? layOut(tokens) : tokens;
  return syntax.equalSigns ? markComparisons(laidOut, reading) : laidOut;
}

/** Offsets of the characters beyond ASCII that no name can have at their place. */
function unknownInNames(tokens: readonly IToken[]): number[] {
  const offsets: number[] = [];
  for (const { tokenType, image, startOffset } of tokens) {
    if (tokenType !== Name || isName(image)) continue;
    offsets.push(startOffset + namePrefixLength(image));
  }
  return offsets;
}

const characterHints: ReadonlyMap<string, string> = new Map([
  ['&', 'the logical operator is `&&`, the bitwise one is `bitand(a, b)`'],
  ['|', 'the logical operator is `||`, the bitwise one is `bitor(a, b)`'],
  ['~', 'the bitwise complement is `bitnot(a)`'],
  ['"', 'the language has numbers and booleans, no strings'],
  ["'", 'the language has numbers and booleans, no strings'],
  ['`', 'the language has numbers and booleans, no strings'],
  ['×', 'multiplication is written `*`'],
  ['·', 'multiplication is written `*`'],
  ['÷', 'division is written `/`'],
  ['−', 'the minus sign is written `-`'],
  ['–', 'the minus sign is written `-`'],
  ['²', 'a power is written `^2`'],
  ['³', 'a power is written `^3`'],
  ['√', 'the square root is written `sqrt(x)`'],
  ['≤', 'write `<=`'],
  ['≥', 'write `>=`'],
  ['≠', 'write `!=`'],
  ['∞', 'infinity is written `inf`'],
  ['½', 'one half is written `0.5`'],
  ['$', 'a name has letters, digits and `_`'],
  ['@', 'a name has letters, digits and `_`'],
]);

function unknownCharacter(source: SourceText, start: number, { bitOperators }: Syntax): Diagnostic {
  const [character = ''] = source.text.slice(start, start + 2);
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
  const message = `the character ${printable ? `\`${character}\`` : `U+${code}`} has no meaning here`;
  const span = { start, end: start + character.length };
  const known = character === '.' ? dotHint(source.text, start) : characterHints.get(character);
  const hint = bitOperators ? known?.replace('^', '**') : known;
  return createDiagnostic(source, 'E_UNKNOWN_CHARACTER', span, message, hint);
}

/** `Math.sin`, `order.price`, and a dot without a digit. */
function dotHint(text: string, at: number): string {
  const [before = ''] = /[\p{ID_Continue}]+$/u.exec(text.slice(Math.max(at - longestWord, 0), at)) ?? [];
  const [after = ''] = /^[\p{ID_Continue}]+/u.exec(text.slice(at + 1, at + 1 + longestWord)) ?? [];
  if (!isName(before) || !isName(after)) return 'a decimal point needs a digit beside it';
  if (before.length === longestWord || after.length === longestWord) return 'names have no dots';
  return before === 'Math'
    ? `functions stand alone: \`${after}(…)\``
    : `names have no dots: call it \`${before}_${after}\`, and pass that`;
}

/** Of words in a hint. */
const longestWord = 30;
