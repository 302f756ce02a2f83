import { isCommandLine, isPromptCommand } from './prompt-commands.ts';
import type { RunCommandLine } from './repl-command.ts';
import { isBlank, isIncomplete, type Outcome, type Session } from './session.ts';

/** Puts lines together to inputs: a line that ends in the middle of something is continued by the next. */
export class InputBuffer {
  readonly #session: Session;
  #pending = '';
  /** What is wrong with the input as long as it is not continued. */
  #incomplete: { readonly error: unknown } | undefined;

  constructor(session: Session) {
    this.#session = session;
  }

  get incomplete(): { readonly error: unknown } | undefined {
    return this.#incomplete;
  }

  /** Runs what `line` completes; undefined if there is nothing to run yet. Throws what is wrong for good. */
  feed(line: string): Outcome | undefined {
    const source = this.#pending + line;
    if (isBlank(source)) return undefined;
    this.#pending = '';
    this.#incomplete = undefined;
    try {
      return this.#session.run(source);
    } catch (error) {
      if (!isIncomplete(error)) throw error;
      this.#pending = `${source}\n`;
      this.#incomplete = { error };
      return undefined;
    }
  }
}

/** What is done with lines. */
export interface LineActions {
  show(outcome: Outcome): void;
  runCommand: RunCommandLine;
}

/** Runs a line, and says what became of it. Throws what is wrong with an input for good. */
export async function runInput(
  line: string,
  buffer: InputBuffer,
  { show, runCommand }: LineActions,
): Promise<'done' | 'exit' | 'failed'> {
  if (buffer.incomplete === undefined && isCommandLine(line)) {
    if (isPromptCommand('.exit', line)) return 'exit';
    return (await runCommand(line)) ? 'done' : 'failed';
  }
  const outcome = buffer.feed(line);
  if (outcome !== undefined) show(outcome);
  return 'done';
}
