import { expect } from 'chai';
import type { Edit, EditState } from '../../../../src/cli/repl/editor/edit-state.ts';
import {
  blankLeft,
  deleteTo,
  insert,
  left,
  lineDown,
  lineEnd,
  lineStart,
  lineUp,
  right,
  textEnd,
  textStart,
  transpose,
  wordLeft,
  wordRight,
} from '../../../../src/cli/repl/editor/edit-state.ts';

/** A state as it is drawn here: the cursor is `|`. */
function state(drawn: string): EditState {
  return { text: drawn.replace('|', ''), cursor: drawn.indexOf('|') };
}

function drawn({ text, cursor }: EditState): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

describe('edits of a text', () => {
  const cases: readonly (readonly [what: string, edit: Edit, before: string, after: string])[] = [
    ['inserts', insert('10*'), '1+|2', '1+10*|2'],
    ['inserts lines', insert('a\nb'), 'x|y', 'xa\nb|y'],
    ['left', left, 'ab|', 'a|b'],
    ['left, from the first', left, '|ab', '|ab'],
    ['left over marks', left, 'ae\u0301|', 'a|e\u0301'],
    ['left over a line end', left, 'a\n|b', 'a|\nb'],
    ['right over an emoji', right, '|👩‍🔬x', '👩‍🔬|x'],
    ['right, from the last', right, 'ab|', 'ab|'],
    ['start of the line', lineStart, 'a\nbc|d', 'a\n|bcd'],
    ['end of the line', lineEnd, 'a|b\ncd', 'ab|\ncd'],
    ['start of the text', textStart, 'a\nb|', '|a\nb'],
    ['end of the text', textEnd, '|a\nb', 'a\nb|'],
    ['a word left', wordLeft, 'sin(x1)  |', 'sin(|x1)  '],
    ['a word right', wordRight, 'si|n (x)', 'sin| (x)'],
    ['up', lineUp, 'abc\nde|f', 'ab|c\ndef'],
    ['up to a shorter line', lineUp, 'a\nbcd|', 'a|\nbcd'],
    ['up from the first', lineUp, 'a|b\nc', 'a|b\nc'],
    ['down', lineDown, 'ab|c\nd', 'abc\nd|'],
    ['down from the last', lineDown, 'a\nb|', 'a\nb|'],
    ['deletes back', deleteTo(left), 'a\n|b', 'a|b'],
    ['deletes forward', deleteTo(right), 'a|bc', 'a|c'],
    ['deletes what is between blanks', deleteTo(blankLeft), 'let f(x) |', 'let |'],
    ['exchanges', transpose, 'a|b', 'ba|'],
    ['exchanges at the end', transpose, 'abc|', 'acb|'],
    ['exchanges nothing', transpose, '|', '|'],
  ];
  for (const [what, edit, before, after] of cases) {
    it(what, () => {
      expect(drawn(edit(state(before)))).to.equal(after);
    });
  }
});
