/** Node in a process of its own, so that a crash or a hang of what runs there is an outcome like others. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { bundle } from '../support/bundle.ts';

export interface ChildOutcome {
  readonly kind: 'exited' | 'killed' | 'hung';
  /** Of a process that exited. */
  readonly status: number | null;
  /** Of one that was killed. */
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

export interface ChildOptions {
  /** Milliseconds without a line on standard output after which the process hangs. */
  readonly patience?: number;
  readonly onLine?: (line: string) => void;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Each is told to the whole; what matters stands at the end. */
const keptOfErrors = 4000;

/** Runs a TypeScript file with `gc` exposed to its end, its death, or until it has been silent for too long. */
export function runChild(
  file: URL,
  args: readonly string[],
  { patience = 20_000, onLine }: ChildOptions = {},
): Promise<ChildOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', '--expose-gc', fileURLToPath(bundle(file)), ...args],
      // A process of its own group would outlive an interrupted campaign.
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const lines: string[] = [];
    let rest = '';
    let stderr = '';
    let hung = false;
    const kill = (): void => {
      hung = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(kill, patience);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      clearTimeout(timer);
      timer = setTimeout(kill, patience);
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        lines.push(line);
        onLine?.(line);
      }
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-keptOfErrors);
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const kind = hung ? 'hung' : signal === null ? 'exited' : 'killed';
      resolve({ kind, status, signal, lines, stderr });
    });
  });
}

/** What went wrong, in a few words; undefined if nothing did. */
export function failureOf({ kind, status, signal, stderr }: ChildOutcome): string | undefined {
  if (kind === 'hung') return 'hang';
  if (kind === 'killed') return `${signal}`;
  // Node says so itself before it gives up: an exit all the same, and no answer to any input.
  return status === 0 ? undefined : `exit ${status}: ${stderr.trim().split('\n').slice(-12).join('\n')}`;
}
