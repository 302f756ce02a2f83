import type { Engine } from 'exprjit';
import { compileIr, JitMemory, TrapError } from 'exprjit/ir';
import { writeGroup } from './output.ts';
import { parseSteps } from './steps.ts';
import { type EndOfInput, toIr } from './to-ir.ts';

export interface BrainfuckOptions {
  /** Where it runs, and its limits: `fuel` ends programs that do not end. */
  readonly engine?: Engine;
  readonly level?: 0 | 1;
  /** Cells of 8 bits, which wrap; 30,000 if left out. To use one before the first or behind the last is `TrapError` `E_BOUNDS`. */
  readonly cells?: number;
  /** 0 if left out. */
  readonly endOfInput?: EndOfInput;
}

/** A compiled program. */
export interface BrainfuckProgram extends Disposable {
  /**
   * `write` gets each byte, at the latest at the end of its line, before the next is read, and when the program ends; `read` gives the
   * next one or -1 at the end. What they throw goes through. Not to be called while it runs.
   */
  run(write: (byte: number) => void, read?: () => number): void;
}

/** @throws SyntaxError if a bracket has no partner */
export function compileBrainfuck(source: string, options: BrainfuckOptions = {}): BrainfuckProgram {
  const { cells = 30_000, endOfInput = 0, engine, level } = options;
  const tape = new JitMemory(cells);
  let put: (byte: number) => void = () => {};
  let get = (): number => -1;
  const code = compileIr(toIr(parseSteps(source), endOfInput), {
    exports: {
      main: { parameters: ['memory'], result: 'void' },
      flush: { parameters: [], result: 'void' },
    },
    hosts: {
      putchars: (group: number) => writeGroup(group, put),
      getchar: () => get(),
    },
    engine,
    level,
  });
  return {
    run(write, read = () => -1) {
      put = write;
      get = read;
      tape.bytes.fill(0);
      try {
        code.functions.main(tape);
      } catch (error) {
        if (error instanceof TrapError) code.functions.flush();
        throw error;
      }
    },
    [Symbol.dispose]: () => code.release(),
  };
}
