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

/** Runs lines up to the first that fails, and gives that failure. */
export function runInputs(
  lines: Iterable<string>,
  session: Session,
  show: (outcome: Outcome) => void,
): { readonly error: unknown } | undefined {
  const buffer = new InputBuffer(session);
  for (const line of lines) {
    try {
      const outcome = buffer.feed(line);
      if (outcome !== undefined) show(outcome);
    } catch (error) {
      return { error };
    }
  }
  return buffer.incomplete;
}
