import { CompileError, Engine, type Workspace } from '../index.ts';
import { formatResult } from './format.ts';

/** Codes of errors that more input can cure. */
const curable: ReadonlySet<string> = new Set(['unexpected-end', 'unclosed-bracket']);

/** What is typed, statement by statement, and what it defines. */
export class Session {
  readonly #workspace: Workspace = new Engine().workspace();

  /** Runs one input; gives the text of its value, or undefined if it only defines. Throws what is wrong with it. */
  run(source: string): string | undefined {
    const { value } = this.#workspace.run(source);
    return value === undefined ? undefined : formatResult(value);
  }

  /** Names that are defined. */
  get names(): readonly string[] {
    return this.#workspace.definitions.map(({ name }) => name);
  }
}

/** Whether the source is right as far as it goes, but ends in the middle of something. */
export function isIncomplete(error: unknown): boolean {
  return error instanceof CompileError && curable.has(error.code);
}

/** Whether there is anything to run: more than blanks and comments. */
export function isBlank(source: string): boolean {
  return source.split('\n').every((line) => /^\s*(#.*|\/\/.*)?$/.test(line));
}
