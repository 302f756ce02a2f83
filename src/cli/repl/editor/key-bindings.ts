import {
  blankLeft,
  deleteTo,
  type Edit,
  left,
  lineEnd,
  lineStart,
  right,
  textEnd,
  textStart,
  transpose,
  wordLeft,
  wordRight,
} from './edit-state.ts';

/** Keys that move the cursor or delete something, as shells have them. */
export const edits: ReadonlyMap<string, Edit> = new Map([
  ['left', left],
  ['C-b', left],
  ['right', right],
  ['C-f', right],
  ['home', lineStart],
  ['C-a', lineStart],
  ['end', lineEnd],
  ['C-e', lineEnd],
  ['C-home', textStart],
  ['C-end', textEnd],
  ['M-b', wordLeft],
  ['C-left', wordLeft],
  ['M-left', wordLeft],
  ['M-f', wordRight],
  ['C-right', wordRight],
  ['M-right', wordRight],
  ['backspace', deleteTo(left)],
  ['C-h', deleteTo(left)],
  ['delete', deleteTo(right)],
  ['C-d', deleteTo(right)],
  ['C-t', transpose],
]);

/** Those whose text Ctrl-Y brings back. */
export const kills: ReadonlyMap<string, Edit> = new Map([
  ['C-w', deleteTo(blankLeft)],
  ['C-backspace', deleteTo(wordLeft)],
  ['M-backspace', deleteTo(wordLeft)],
  ['M-d', deleteTo(wordRight)],
  ['C-delete', deleteTo(wordRight)],
  ['C-u', deleteTo(lineStart)],
  ['C-k', deleteTo(lineEnd)],
]);

/** Keys of terminals that send no characters for what they cannot do. */
export function isCharacter(name: string, text: string): boolean {
  return name === '' && !/\p{Cc}/u.test(text);
}
