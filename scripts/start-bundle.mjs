/**
 * Bundles the command: `cli.cjs`, which is started, and `start.cjs`, by which `eval` answers before the rest is loaded. Both are
 * CommonJS, which Node loads faster, and small; what the command does beyond that lies in the modules that all share.
 */
import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { chevrotainRuntime } from './chevrotain-runtime.mjs';

/** The math library is a third of the code; it is loaded when a formula calls it. Kernels, for which its tables are, do not start here. */
const mathOnDemand = {
  name: 'math-on-demand',
  setup(build) {
    build.onLoad({ filter: /src\/jit\/math\/library\.ts$/ }, () => ({
      contents: `export const evaluateMath = { get: (name) => require('./start-math.cjs').evaluateMath.get(name) };`,
    }));
    build.onLoad({ filter: /src\/jit\/math\/tables\.ts$/ }, () => ({
      contents: 'export const mathTable = undefined, mathTables = undefined, tableColumn = undefined;',
    }));
    build.onResolve({ filter: /start-math\.cjs$/ }, ({ path }) => ({ path, external: true }));
  },
};

const commandLineOutside = {
  name: 'command-line-outside',
  setup(build) {
    build.onResolve({ filter: /\/command-line\.ts$/ }, () => ({
      path: './chunks/command-line.cjs',
      external: true,
    }));
  },
};

/** Writes both into `output`, where the modules are, and gives esbuild's lists of inputs. */
export async function buildStart(root, output) {
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  };
  const bundle = async (name, entry, options) => {
    const { metafile } = await build({
      ...common,
      entryPoints: [entry],
      outfile: `${output}/${name}.cjs`,
      ...options,
    });
    return metafile;
  };
  // Names may go here: whatever fails is left to the command, so no stack trace shows them.
  const start = await bundle('start', 'src/cli/start.ts', {
    minify: true,
    plugins: [mathOnDemand, chevrotainRuntime],
  });
  const math = await bundle('start-math', 'src/jit/math/library.ts', { minify: true });
  const hash = createHash('sha256').update(await readFile(`${output}/start.cjs`));
  const main = await bundle('cli', 'src/cli/main.ts', {
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 120,
    plugins: [commandLineOutside],
    // By `require`, which takes less.
    supported: { 'dynamic-import': false },
    define: { startHash: JSON.stringify(hash.digest('hex').slice(0, 16)) },
  });
  // For whoever starts the command by the path that it used to have.
  await writeFile(`${output}/cli.js`, "#!/usr/bin/env node\nimport './cli.cjs';\n");
  for (const name of ['cli.cjs', 'cli.js']) await chmod(`${output}/${name}`, 0o755);
  return [start, math, main];
}
