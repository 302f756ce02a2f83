import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WineRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Windows 10 as wine has it, with a prefix of its own, so that nothing of the user's is read or changed. */
export class Wine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'exprjit-wine-'));
  readonly #env = {
    ...process.env,
    WINEPREFIX: join(this.#folder, 'prefix'),
    WINEDEBUG: '-all',
    // Neither a window nor an offer to download anything.
    DISPLAY: '',
    WINEDLLOVERRIDES: 'mscoree=d;mshtml=d',
  };

  /** Throws where wine cannot run. */
  constructor() {
    const { status, stderr, error } = spawnSync('wine', ['winecfg', '/v', 'win10'], {
      env: this.#env,
      encoding: 'utf8',
      timeout: 180_000,
    });
    if (status === 0) return;
    this[Symbol.dispose]();
    throw new Error(
      `wine cannot run here, which the packages wine and wine64 bring: ${error?.message ?? stderr.trim()}`,
    );
  }

  /** Runs a program for Windows to its end. It writes to files: Node for Windows asks wine for more than it knows of pipes. */
  run(
    program: string,
    args: readonly string[],
    options: {
      readonly cwd: string;
      readonly timeout: number;
      readonly env?: Readonly<Record<string, string>>;
    },
  ): WineRun {
    const names = ['stdout', 'stderr'].map((name) => join(this.#folder, name));
    const files = names.map((name) => openSync(name, 'w'));
    try {
      const { status } = spawnSync('wine', [program, ...args], {
        cwd: options.cwd,
        timeout: options.timeout,
        env: { ...this.#env, ...options.env },
        stdio: ['ignore', ...files],
      });
      const [stdout = '', stderr = ''] = names.map((name) => readFileSync(name, 'utf8'));
      return { status, stdout, stderr };
    } finally {
      for (const file of files) closeSync(file);
    }
  }

  [Symbol.dispose](): void {
    spawnSync('wineserver', ['-k'], { env: this.#env });
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
