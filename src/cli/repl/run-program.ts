import { CompileError } from '../../index.ts';
import { messageOf } from '../format.ts';
import { relocate } from '../relocate.ts';
import { Interrupted } from './interruptible.ts';
import { isPromptCommand } from './prompt-commands.ts';
import type { RunCommandLine } from './repl-command.ts';
import { type Input, splitInputs } from './split-inputs.ts';

/** A text of several lines, and the file that it is from. */
export interface ProgramText {
  readonly text: string;
  readonly file?: string;
}

/** What is done with the parts of a program. */
export interface ProgramActions {
  /** Runs a source and shows what it brought. Throws what is wrong with it. */
  readonly runSource: (source: string) => void;
  readonly runCommand: RunCommandLine;
}

/**
 * Runs a text as a program: its commands and expressions in their turn, and definitions that follow each other at once, so that
 * a function may use those below it. Up to `.exit` or to what fails, which is thrown with its place in the text.
 */
export async function runProgram(program: ProgramText, actions: ProgramActions): Promise<void> {
  for (const group of groups(splitInputs(program.text))) {
    const [first] = group;
    if (first?.kind !== 'command') {
      runSources(group, program, actions);
      continue;
    }
    if (isPromptCommand('.exit', first.text)) return;
    if (!(await actions.runCommand(first.text, { ...program, start: first.start }))) {
      throw new Error(`${placeOf(first, program)} failed, and what follows was not run`);
    }
  }
}

/** Definitions that follow each other, unless one of them replaces another; all else alone. */
function groups(inputs: readonly Input[]): Input[][] {
  const result: Input[][] = [];
  let defined: Set<string> | undefined;
  for (const input of inputs) {
    const { defines } = input;
    const last = result.at(-1);
    if (defines === undefined || defined === undefined || defines.some((name) => defined?.has(name))) {
      result.push([input]);
      defined = defines && new Set(defines);
      continue;
    }
    last?.push(input);
    for (const name of defines) defined.add(name);
  }
  return result;
}

function runSources(group: readonly Input[], program: ProgramText, { runSource }: ProgramActions): void {
  try {
    runInputs(group, program, runSource);
  } catch (error) {
    // What is right line by line only: a value that one line takes from before and a later one defines anew.
    if (group.length === 1 || !(error instanceof CompileError)) throw error;
    try {
      for (const input of group) runInputs([input], program, runSource);
    } catch (alone) {
      throw alone instanceof Interrupted ? alone : error;
    }
  }
}

/** Inputs that follow each other, with the lines between them, as one source. */
function runInputs(
  inputs: readonly Input[],
  program: ProgramText,
  runSource: (source: string) => void,
): void {
  const [first, last] = [inputs[0], inputs.at(-1)];
  if (first === undefined || last === undefined) return;
  const { start } = first;
  const { text, file } = program;
  const source = text.slice(start, last.start + last.text.length);
  try {
    runSource(source);
  } catch (error) {
    if (error instanceof CompileError) {
      throw relocate(error, (compiled) =>
        compiled === source
          ? { text, name: file, place: (from, to) => ({ start: start + from, end: start + to }) }
          : undefined,
      );
    }
    if (file === undefined || error instanceof Interrupted) throw error;
    throw new Error(`${placeOf(first, program)}: ${messageOf(error)}`, { cause: error });
  }
}

function placeOf({ start }: Input, { text, file }: ProgramText): string {
  const line = text.slice(0, start).split('\n').length;
  return file === undefined ? `line ${line}` : `${file}:${line}`;
}
