import { spawn, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export interface WineOptions {
  readonly cwd: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface WineRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Windows 10 as wine has it, with a prefix of its own, so that nothing of the user's is read or changed. */
export class Wine {
  readonly #folder = mkdtempSync(join(tmpdir(), 'exprjit-wine-'));
  #runs = 0;
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
  run(program: string, args: readonly string[], { cwd, timeout, env }: WineOptions): WineRun {
    const output = this.#openOutput();
    const { status } = spawnSync('wine', [program, ...args], {
      cwd,
      timeout,
      env: { ...this.#env, ...env },
      stdio: ['ignore', ...output.files],
    });
    return { status, ...output.close() };
  }

  /** The same without waiting for it. */
  async start(
    program: string,
    args: readonly string[],
    { cwd, timeout, env }: WineOptions,
  ): Promise<WineRun> {
    const output = this.#openOutput();
    const child = spawn('wine', [program, ...args], {
      cwd,
      timeout,
      killSignal: 'SIGKILL',
      env: { ...this.#env, ...env },
      stdio: ['ignore', ...output.files],
    });
    const status = await new Promise<number | null>((resolve) => {
      child.on('error', () => resolve(null)).on('close', resolve);
    });
    return { status, ...output.close() };
  }

  /** Makes a library one of the system's. */
  addLibrary(file: string): void {
    copyFileSync(file, join(this.#env.WINEPREFIX, 'drive_c', 'windows', 'system32', basename(file)));
  }

  #openOutput(): { readonly files: readonly number[]; close(): { stdout: string; stderr: string } } {
    const number = ++this.#runs;
    const names = ['stdout', 'stderr'].map((name) => join(this.#folder, `${name}${number}`));
    const files = names.map((name) => openSync(name, 'w'));
    return {
      files,
      close() {
        for (const file of files) closeSync(file);
        const [stdout = '', stderr = ''] = names.map((name) => readFileSync(name, 'utf8'));
        for (const name of names) rmSync(name);
        return { stdout, stderr };
      },
    };
  }

  [Symbol.dispose](): void {
    spawnSync('wineserver', ['-k'], { env: this.#env });
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
