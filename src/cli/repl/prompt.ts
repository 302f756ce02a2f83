import { ExitCode, type Terminal } from '../command.ts';
import { fitText } from '../fit-text.ts';
import { formatError, paintDiagnostics } from '../format.ts';
import { screenFor } from '../plot/screen.ts';
import { paletteFor } from '../style.ts';
import { complete } from './completion.ts';
import { Keyboard } from './editor/keyboard.ts';
import { readInput } from './editor/line-editor.ts';
import { History, historyFile } from './history.ts';
import { InterruptWatch } from './interrupt-watch.ts';
import { interruptibleOn } from './interruptible.ts';
import { showOutcome } from './outcome.ts';
import { isCommandLine, isPromptCommand } from './prompt-commands.ts';
import type { ReplContext, RunCommandLine } from './repl-command.ts';
import { runCommand } from './run-command.ts';
import { runProgram } from './run-program.ts';
import { isBlank, Session } from './session.ts';
import { splitInputs } from './split-inputs.ts';

const prefixes = { first: '> ', next: '... ' } as const;
const noPrefixes = { first: '', next: '' } as const;

/** Runs a prompt on a terminal until it is left. */
export async function runPrompt(terminal: Terminal): Promise<number> {
  const { stdin, stdout, env = {} } = terminal;
  const interrupts = new InterruptWatch(interruptibleOn(stdin));
  using session = new Session(interrupts.run);
  const palette = paletteFor(stdout, env);
  const context: ReplContext = {
    session,
    palette,
    screen: screenFor(stdout, env),
    get columns() {
      return stdout.columns ?? 80;
    },
    print: (text) => void stdout.write(`${fitText(text, context.columns)}\n`),
  };
  const { backend, cpu } = session.statistics;
  context.print(
    `exprjit on ${backend === 'native' ? cpu : backend === 'wasm' ? 'WebAssembly' : 'the interpreter'}. ${palette.dim('.help says what can be typed.')}`,
  );
  using keyboard = new Keyboard(terminal);
  await new Prompt(context, keyboard, terminal, new History(historyFile(env)), interrupts).run();
  return ExitCode.Success;
}

class Prompt {
  readonly #context: ReplContext;
  readonly #keyboard: Keyboard;
  readonly #terminal: Terminal;
  readonly #history: History;
  readonly #watch: InterruptWatch;
  /** Ctrl-C on empty lines, in a row. */
  #interrupts = 0;

  constructor(
    context: ReplContext,
    keyboard: Keyboard,
    terminal: Terminal,
    history: History,
    watch: InterruptWatch,
  ) {
    this.#watch = watch;
    this.#context = context;
    this.#keyboard = keyboard;
    this.#terminal = terminal;
    this.#history = history;
  }

  async run(): Promise<void> {
    for (;;) {
      const reading = await readInput({
        ...this.#editing,
        prefixes,
        isWhole: (text) => splitInputs(text).at(-1)?.isIncomplete !== true,
        endRuns: false,
      });
      if (reading.kind === 'end') return;
      if (reading.kind === 'interrupt') {
        if (this.#leavesAt(reading.wasEmpty)) return;
        continue;
      }
      this.#interrupts = 0;
      const { text } = reading;
      this.#history.add(text);
      if (isPromptCommand('.exit', text)) return;
      await this.#run(isPromptCommand('.editor', text) ? await this.#edit() : text);
    }
  }

  get #editing() {
    const { session } = this.#context;
    return {
      keyboard: this.#keyboard,
      output: this.#terminal.stdout,
      history: this.#history.entries,
      complete: (line: string) => complete(line, session),
    };
  }

  /** Several lines, as they are finished by Ctrl-D. */
  async #edit(): Promise<string> {
    const { print, palette } = this.#context;
    print(palette.dim('Several lines: Ctrl-D runs them, Ctrl-C gives them up.'));
    const reading = await readInput({
      ...this.#editing,
      prefixes: noPrefixes,
      isWhole: () => false,
      endRuns: true,
    });
    if (reading.kind !== 'input') return '';
    this.#history.add(reading.text);
    return reading.text;
  }

  /** Whether a Ctrl-C ends the prompt: the second in a row on an empty line. */
  #leavesAt(wasEmpty: boolean): boolean {
    if (this.#watch.isMeantForWhatRan()) return false;
    this.#interrupts = wasEmpty ? this.#interrupts + 1 : 0;
    if (this.#interrupts === 1) {
      const { print, palette } = this.#context;
      print(palette.dim('Ctrl-C again, Ctrl-D or .exit leaves.'));
    }
    return this.#interrupts > 1;
  }

  async #run(text: string): Promise<void> {
    if (isBlank(text)) return;
    // What was pressed right behind Enter is still on its way.
    await new Promise((resolve) => setImmediate(resolve));
    const { print, palette, columns } = this.#context;
    try {
      if (this.#keyboard.dropBeforeInterrupt()) throw this.#watch.interrupted();
      await this.#runText(text);
    } catch (error) {
      print(formatError(error, palette, columns).trimEnd());
    }
    this.#watch.settle();
  }

  async #runText(text: string): Promise<void> {
    const context = this.#context;
    const { session, palette, print } = context;
    const run: RunCommandLine = (line, place) =>
      runCommand(line, context, (message) => print(message.trimEnd()), place);
    if (isCommandLine(text) && !text.trim().includes('\n')) {
      await run(text);
      return;
    }
    const runSource = (source: string): void => {
      for (const { code, message } of session.explain(source).warnings) {
        print(paintDiagnostics(`warning[${code}]: ${message}`, palette));
      }
      showOutcome(session.run(source), context);
    };
    await runProgram({ text }, { runSource, runCommand: run });
  }
}
