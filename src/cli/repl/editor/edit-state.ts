/** A text that is being edited, and where: an offset in UTF-16 code units. */
export interface EditState {
  readonly text: string;
  readonly cursor: number;
}

/** Gives what becomes of a state; the same one where there is nothing to do. */
export type Edit = (state: EditState) => EditState;

export const empty: EditState = { text: '', cursor: 0 };

export function insert(added: string): Edit {
  return ({ text, cursor }) => ({
    text: text.slice(0, cursor) + added + text.slice(cursor),
    cursor: cursor + added.length,
  });
}

/** Deletes up to where a movement leads. */
export function deleteTo(move: Edit): Edit {
  return (state) => {
    const other = move(state).cursor;
    const [start, end] = [Math.min(other, state.cursor), Math.max(other, state.cursor)];
    return { text: state.text.slice(0, start) + state.text.slice(end), cursor: start };
  };
}

/** By what people see as one character. */
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export const left: Edit = (state) => {
  const line = state.text.slice(0, state.cursor);
  const last = Array.from(segmenter.segment(line.slice(-64))).at(-1)?.segment;
  return at(state, state.cursor - (last?.length ?? 0));
};

export const right: Edit = (state) => {
  const [first] = segmenter.segment(state.text.slice(state.cursor, state.cursor + 64));
  return at(state, state.cursor + (first?.segment.length ?? 0));
};

export const lineStart: Edit = (state) => at(state, startOfLine(state));
export const lineEnd: Edit = (state) => at(state, endOfLine(state));
export const textStart: Edit = (state) => at(state, 0);
export const textEnd: Edit = (state) => at(state, state.text.length);

export const wordLeft: Edit = (state) => {
  const before = /[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u.exec(state.text.slice(0, state.cursor));
  return at(state, before?.index ?? 0);
};

export const wordRight: Edit = (state) => {
  const after = /^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(state.text.slice(state.cursor));
  return at(state, state.cursor + (after?.[0].length ?? 0));
};

/** What is between blanks, as the terminal itself deletes it. */
export const blankLeft: Edit = (state) => {
  const before = /\S*\s*$/.exec(state.text.slice(0, state.cursor));
  return at(state, before?.index ?? 0);
};

/** To the line above or below, in the same column; the same state on the first or the last. */
export const lineUp: Edit = (state) => {
  const start = startOfLine(state);
  if (start === 0) return state;
  const above = startOfLine({ ...state, cursor: start - 1 });
  return at(state, Math.min(above + state.cursor - start, start - 1));
};

export const lineDown: Edit = (state) => {
  const end = endOfLine(state);
  if (end === state.text.length) return state;
  const below = { ...state, cursor: end + 1 };
  return at(state, Math.min(end + 1 + state.cursor - startOfLine(state), endOfLine(below)));
};

/** Exchanges the characters on both sides of the cursor. */
export const transpose: Edit = (state) => {
  const { text } = state;
  const middle = state.cursor === text.length ? left(state).cursor : state.cursor;
  const from = left(at(state, middle)).cursor;
  const to = right(at(state, middle)).cursor;
  const swapped = text.slice(middle, to) + text.slice(from, middle);
  return { text: text.slice(0, from) + swapped + text.slice(to), cursor: to };
};

function at(state: EditState, cursor: number): EditState {
  return cursor === state.cursor ? state : { text: state.text, cursor };
}

function startOfLine({ text, cursor }: EditState): number {
  return cursor === 0 ? 0 : text.lastIndexOf('\n', cursor - 1) + 1;
}

function endOfLine({ text, cursor }: EditState): number {
  const end = text.indexOf('\n', cursor);
  return end < 0 ? text.length : end;
}
