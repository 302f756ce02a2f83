/**
 * Bundles what runs on Node: the doors of the package and the command line, shared code split out, and what is loaded on use
 * (`load-on-use.mjs`).
 *
 * esbuild splits modules of ECMAScript only, and these cannot load each other later without a promise. So chunks become CommonJS,
 * and doors load them by `require`. Bundlers do not follow that, so they have doors of their own, which import.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { build } from 'esbuild';
import { chevrotainRuntime } from './chevrotain-runtime.mjs';
import { moduleUrl, toBundlersDoor, toCommonJs, toDoor } from './common-js.mjs';
import { loadOnUse } from './load-on-use.mjs';

const doors = { index: 'src/index.ts', ir: 'src/ir.ts', jit: 'src/jit/index.ts', mem: 'src/mem/index.ts' };

/** Writes into `output`; gives esbuild's list of inputs. */
export async function buildForNode(root, output) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: {
      ...Object.fromEntries(Object.entries(doors).map(([name, entry]) => [name, `door:${entry}`])),
      ...Object.fromEntries(
        Object.entries(doors).map(([name, entry]) => [`bundlers/${name}`, `bundlers-door:${entry}`]),
      ),
      'chunks/command-line': 'src/cli/command-line.ts',
    },
    chunkNames: 'chunks/[name]-[hash]',
    outdir: output,
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // What people may have, or not.
    external: ['apache-arrow'],
    define: { 'import.meta.url': moduleUrl },
    plugins: [doorsOfBothKinds, loadOnUse, chevrotainRuntime],
    minifySyntax: true,
    // Names and lines stay, for stack traces.
    minifyWhitespace: true,
    lineLimit: 120,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true });
    const [folder] = relative(output, path).split(/[\\/]/);
    if (folder === 'chunks') await writeFile(path.replace(/\.js$/, '.cjs'), toCommonJs(text));
    else await writeFile(path, folder === 'bundlers' ? toBundlersDoor(text) : toDoor(text));
  }
  return metafile;
}

/**
 * Since there are two doors to everything, everything lies in chunks, and once. Those for bundlers tell where the bundle is: see
 * `src/support/code-url.ts`.
 */
const doorsOfBothKinds = {
  name: 'doors-of-both-kinds',
  setup(build) {
    const resolveDir = build.initialOptions.absWorkingDir;
    const tell = `import { setCodeUrl } from './src/support/code-url.ts'; setCodeUrl(import.meta.url);`;
    build.onResolve({ filter: /^(bundlers-)?door:/ }, ({ path }) => {
      const [namespace, entry] = path.split(':');
      return { path: entry, namespace };
    });
    build.onLoad({ filter: /.*/, namespace: 'door' }, ({ path }) => ({
      contents: `import 'base:'; export * from './${path}';`,
      resolveDir,
    }));
    build.onLoad({ filter: /.*/, namespace: 'bundlers-door' }, ({ path }) => ({
      contents: `import 'base:'; export * from './${path}'; ${tell}`,
      resolveDir,
    }));
  },
};
