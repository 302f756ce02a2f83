import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `node:readline` draws for a prompt on an empty line. */
export const prompt = '\x1b[1G\x1b[0J> \x1b[3G';

const cli = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

/**
 * The shipped command on a pseudo-terminal of 40 rows, made by script(1) of util-linux. Whoever types waits
 * for an answer, never for time.
 */
export class PseudoTerminal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<unknown>;
  #output = '';
  /** Where the search for the next answer starts. */
  #seen = 0;
  #wake = (): void => {};

  constructor(args: readonly string[], env: Readonly<Record<string, string>>, columns = 100) {
    const command = [process.execPath, cli, ...args].map((word) => `'${word}'`).join(' ');
    const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
    this.#child = spawn('script', ['-qefc', `stty cols ${columns} rows 40; exec ${command}`, '/dev/null'], {
      env: { ...inherited, TERM: 'xterm-256color', ...env },
    });
    this.#closed = once(this.#child, 'close');
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#wake();
    });
    this.#closed.then(() => this.#wake());
  }

  /** Everything that was shown, control sequences included. */
  get output(): string {
    return this.#output;
  }

  /** Sends keys as they are. */
  press(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Waits until `pattern` is shown after what was waited for before, and gives what was shown up to its end. */
  async expect(pattern: string | RegExp): Promise<string> {
    for (;;) {
      const rest = this.#output.slice(this.#seen);
      const match = typeof pattern === 'string' ? indexOf(rest, pattern) : pattern.exec(rest);
      if (match !== null) {
        const end = match.index + match[0].length;
        this.#seen += end;
        return rest.slice(0, end);
      }
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`the command ended before it showed ${pattern}: ${JSON.stringify(rest)}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Types a line, and gives the answer up to the next prompt. */
  async type(line: string): Promise<string> {
    this.press(`${line}\r`);
    return this.expect(prompt);
  }

  /** The exit code, when the command has ended. */
  async exitCode(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** For the tests of a suite: each has a folder of its own, and the prompts that it opens end with it. */
export class PromptSuite {
  /** Of the test that runs. */
  folder = '';
  readonly #terminals: PseudoTerminal[] = [];

  constructor() {
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), 'exprjit-'));
    });
    afterEach(() => {
      for (const terminal of this.#terminals.splice(0)) terminal.kill();
      rmSync(this.folder, { recursive: true });
    });
  }

  async open(env: Readonly<Record<string, string>>, columns?: number): Promise<PseudoTerminal> {
    const terminal = new PseudoTerminal([], env, columns);
    this.#terminals.push(terminal);
    await terminal.expect(prompt);
    return terminal;
  }
}

function indexOf(text: string, part: string): { readonly index: number; readonly 0: string } | null {
  const index = text.indexOf(part);
  return index < 0 ? null : { index, 0: part };
}
