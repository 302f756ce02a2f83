/**
 * Bundles `src` into `dist`: the package's doors and what they load (`node-bundle.mjs`), those for browsers, the inspector's page,
 * declarations, and the licences of what was bundled. Chevrotain is bundled because its own modules take 370 ms to
 * import and the bundle 15.
 *
 * `dist` is replaced at once when all is there, so that nobody who runs it meanwhile finds half of it.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { browserTwins } from './browser-twins.mjs';
import { chevrotainRuntime } from './chevrotain-runtime.mjs';
import { writeDeclarations } from './declarations.mjs';
import { licenceNotice } from './licence-notice.mjs';
import { buildForNode } from './node-bundle.mjs';
import { buildStart } from './start-bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const next = `${root}dist.next`;
const previous = `${root}dist.previous`;

for (const folder of [next, previous]) await rm(folder, { recursive: true, force: true });
const metafile = await buildForNode(root, next);
const page = await build({
  absWorkingDir: root,
  entryPoints: ['src/inspect/page/main.ts', 'src/inspect/page/page.css', 'src/inspect/page/index.html'],
  entryNames: '[name]',
  outdir: `${next}/inspect`,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  loader: { '.html': 'copy' },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
const browser = await build({
  absWorkingDir: root,
  entryPoints: { browser: 'src/browser.ts', 'browser-ir': 'src/ir.ts' },
  outdir: next,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  plugins: [browserTwins, chevrotainRuntime],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
await build({
  absWorkingDir: root,
  entryPoints: { arrow: 'src/arrow/index.ts' },
  outdir: next,
  bundle: true,
  // It makes vectors of the library that its caller has.
  external: ['apache-arrow'],
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  legalComments: 'none',
  logLevel: 'warning',
});
const start = await buildStart(root, next);
await writeFile(
  `${next}/THIRD-PARTY-LICENSES.txt`,
  await licenceNotice(
    root,
    [metafile, page.metafile, browser.metafile, ...start].flatMap(({ inputs }) => Object.keys(inputs)),
  ),
);

let failure;
await writeDeclarations(root, `${next}/types`).catch((error) => {
  failure = error;
});
await rename(`${root}dist`, previous).catch(() => {});
await rename(next, `${root}dist`);
await rm(previous, { recursive: true, force: true });
if (failure !== undefined) {
  console.error(failure.message);
  process.exitCode = 1;
}
