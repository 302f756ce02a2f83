import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Inputs that are read of the file. */
const mostEntries = 1000;

/** Where inputs are kept from one run to the next: `EXPRJIT_HISTORY`, else in XDG's place for state; undefined: nowhere. */
export function historyFile(environment: Environment): string | undefined {
  const { EXPRJIT_HISTORY: chosen, XDG_STATE_HOME: state } = environment;
  if (chosen !== undefined) return chosen === '' ? undefined : chosen;
  // The specification has relative paths ignored.
  const base = state?.startsWith('/') === true ? state : join(homedir(), '.local', 'state');
  return join(base, 'exprjit', 'history');
}

/**
 * What was typed, whole inputs, from the oldest to the newest. A file keeps them, one a line, for its owner alone; every input is
 * added at once, so that prompts side by side lose nothing of each other. Where it cannot be written, those of this run are known.
 */
export class History {
  readonly #entries: string[] = [];
  #file: string | undefined;

  constructor(file: string | undefined) {
    if (file === undefined) return;
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      appendFileSync(file, '', { mode: 0o600 });
      const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
      this.#entries.push(...lines.slice(-mostEntries).map(decode));
      this.#file = file;
      if (lines.length > 2 * mostEntries) replaceFile(file, lines.slice(-mostEntries));
    } catch {
      // Without.
    }
  }

  get entries(): readonly string[] {
    return this.#entries;
  }

  add(input: string): void {
    if (input.trim() === '' || input === this.#entries.at(-1)) return;
    this.#entries.push(input);
    if (this.#file === undefined) return;
    try {
      appendFileSync(this.#file, `${encode(input)}\n`, { mode: 0o600 });
    } catch {
      this.#file = undefined;
    }
  }
}

/** By another file that takes its place: a prompt that reads meanwhile finds one or the other. */
function replaceFile(file: string, lines: readonly string[]): void {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  renameSync(temporary, file);
}

function encode(input: string): string {
  return input.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function decode(line: string): string {
  return line.replace(/\\([\\n])/g, (_, sign: string) => (sign === 'n' ? '\n' : '\\'));
}
