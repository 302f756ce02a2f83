import { parse } from '../../index.ts';
import { isCommandLine } from './prompt-commands.ts';
import { isBlank, isIncomplete } from './session.ts';
import { readTyped } from './typed-symbols.ts';

/** One thing to run of a text of several lines. */
export interface Input {
  readonly kind: 'command' | 'source';
  readonly text: string;
  /** Where it begins in the text, in UTF-16 code units. */
  readonly start: number;
  /** What it defines, if it does nothing else. */
  readonly defines: readonly string[] | undefined;
  /** Whether it ends in the middle of something. */
  readonly isIncomplete: boolean;
}

/**
 * The inputs of a text, as many lines each as they need. A line is continued by the next if it ends in the middle of something, or if the
 * next begins with what no statement begins with.
 */
export function splitInputs(text: string): Input[] {
  const inputs: Input[] = [];
  const lines = text.split('\n');
  let start = 0;
  for (let index = 0; index < lines.length; ) {
    const first = lines[index] ?? '';
    if (isBlank(first)) {
      start += first.length + 1;
      index++;
      continue;
    }
    if (isCommandLine(first)) {
      inputs.push({ kind: 'command', text: first, start, defines: undefined, isIncomplete: false });
      start += first.length + 1;
      index++;
      continue;
    }
    let source = first;
    index++;
    let depth = depthOf(first);
    let state = depth > 0 ? open : stateOf(source);
    while (index < lines.length && (state.isIncomplete || isContinued(lines, index))) {
      const line = lines[index] ?? '';
      source += `\n${line}`;
      index++;
      depth += depthOf(line);
      state = depth > 0 ? open : stateOf(source);
    }
    if (state === open) state = stateOf(source);
    inputs.push({ kind: 'source', text: source, start, ...state });
    start += source.length + 1;
  }
  return inputs;
}

type State = Pick<Input, 'defines' | 'isIncomplete'>;

/** Within brackets nobody has to ask the parser, whose time for each of many lines would add up. */
const open: State = { defines: undefined, isIncomplete: true };

/** Brackets that a line opens and does not close. */
function depthOf(line: string): number {
  const code = line.replace(/(?:#|\/\/).*$/, '');
  return (code.match(/[([{]/g)?.length ?? 0) - (code.match(/[)\]}]/g)?.length ?? 0);
}

function stateOf(source: string): State {
  try {
    const { definitions, result } = parse(readTyped(source).text);
    const defines = result === undefined ? definitions.map(({ target }) => target.name) : undefined;
    return { defines, isIncomplete: false };
  } catch (error) {
    // One that is wrong is told before what uses it.
    return { defines: definition.test(source) ? [] : undefined, isIncomplete: isIncomplete(error) };
  }
}

const definition = /^\s*(?:let\s|[\p{ID_Start}_]\p{ID_Continue}*\s*\([^()]*\)\s*=(?!=))/u;

/** Whether the next line with anything in it begins as no statement does. */
function isContinued(lines: readonly string[], index: number): boolean {
  const next = lines.slice(index).find((line) => !isBlank(line));
  return next !== undefined && !isCommandLine(next) && continuation.test(next);
}

/** What the language says of line ends: see its documentation, on separators. */
const continuation =
  /^\s*(?:[*%^<>=&|?:,)\]}·⋅×÷≤≥≠⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]|\/(?!\/)|!=|(?:then|else|and|or)(?!\p{ID_Continue}))/u;
