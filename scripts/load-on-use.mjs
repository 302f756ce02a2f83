/**
 * For esbuild: parts of the package that are loaded when they are first called. `import 'exprjit'` reads the classes of its interface and,
 * of everything else, where it is.
 *
 * In the place of a module of a part, its importers get functions of the same names, which load the part and pass the call on. So such
 * a module may export functions and types only. Others import the module itself.
 */
import { readFile } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';

/** Whatever an engine does, it needs what machine code is made of; so that is one part, and comes in few files. */
const compiler = {
  importers: ['src/index.ts', 'src/browser.ts', 'src/engine/engine.ts'],
  modules: [
    'src/engine/backends/choose-backend.ts',
    'src/engine/backends/host-report.ts',
    'src/engine/callables/compiled-callable.ts',
    'src/engine/callables/share-code.ts',
    'src/engine/columns/create-kernel.ts',
    'src/engine/engine-options.ts',
    'src/engine/gradient-program.ts',
    'src/engine/inspect/analysis.ts',
    'src/engine/inspect/explain.ts',
    'src/engine/inspect/explain-forms.ts',
    'src/engine/inspect/inspect-engines.ts',
    'src/engine/kernel-program.ts',
    'src/engine/null-source.ts',
    'src/engine/pipeline.ts',
    'src/engine/plugin/install-ir.ts',
    'src/engine/plugin/load-ir.ts',
    'src/engine/to-wasm.ts',
    'src/engine/trees.ts',
    'src/engine/workspace/function-module.ts',
    'src/engine/workspace/open-workspace.ts',
    'src/engine/workspace/prelude.ts',
    'src/jit/ir/printer.ts',
    'src/lang/environment.ts',
    'src/lang/source-input.ts',
    'src/lang/vocabulary.ts',
    'src/support/options.ts',
  ],
};

const parts = { compiler };

/** V8 can end a script (of `vm`, with a time limit) while it loads something. Node would take what it has of that for the whole. */
const forgetHalves = `function forgetHalves() {
  const cache = typeof require === 'function' ? require.cache : undefined;
  if (cache === undefined || typeof __dirname !== 'string') return;
  // Not by what modules say their file is, which is nothing at first.
  for (const [name, { loaded }] of Object.entries(cache))
    if (!loaded && name.startsWith(__dirname)) delete cache[name];
}`;

/** Stands around an `import()` that is to become a `require`. */
export const atOnce = 'loadAtOnce';

export const loadOnUse = {
  name: 'load-on-use',
  setup(build) {
    const root = build.initialOptions.absWorkingDir;
    const nameOf = (path) => relative(root, path).split(sep).join('/');
    const isUsed = new Set();

    build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, importer, resolveDir, kind }) => {
      const file = resolve(resolveDir, path);
      if (kind === 'dynamic-import') return { path: file, namespace: 'later' };
      const module = nameOf(file);
      const part = Object.keys(parts).find(
        (name) => parts[name].importers.includes(nameOf(importer)) && parts[name].modules.includes(module),
      );
      if (part === undefined) return undefined;
      isUsed.add(module);
      return { path: module, namespace: 'on-use', pluginData: part, sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: 'on-use' }, async ({ path, pluginData: part }) => {
      const source = await readFile(resolve(root, path), 'utf8');
      const other = /^export (?!(?:async )?function |interface |type ).*/m.exec(source);
      if (other !== null) return { errors: [{ text: `${path} is to be loaded on use: ${other[0]}` }] };
      const names = Array.from(source.matchAll(/^export (?:async )?function (\w+)/gm), ([, name]) => name);
      const passed = Array.from(
        new Set(names),
        (name) => `export function ${name}(...args) { return load().${name}(...args); }`,
      );
      return {
        contents: [`import { load } from 'loader:${part}';`, ...passed].join('\n'),
        resolveDir: root,
      };
    });
    build.onResolve({ filter: /^loader:/ }, ({ path }) => ({
      path: path.slice('loader:'.length),
      namespace: 'loader',
    }));
    build.onLoad({ filter: /.*/, namespace: 'loader' }, ({ path }) => ({
      contents: `${forgetHalves}
        let part;
        export function load() {
          if (part === undefined) {
            forgetHalves();
            part = ${atOnce}(import('part:${path}'));
          }
          return part;
        }`,
      resolveDir: root,
    }));
    build.onEnd(() => {
      const unused = Object.values(parts).flatMap(({ modules }) =>
        modules.filter((each) => !isUsed.has(each)),
      );
      return unused.length === 0 ? undefined : { errors: [{ text: `not imported: ${unused.join(', ')}` }] };
    });

    // Who loads something later has loaded what `import 'exprjit'` reads. esbuild puts modules into one file that are needed together
    // always, so everything that is loaded says that it needs that.
    build.onResolve({ filter: /^base:$/ }, () => ({
      path: resolve(root, 'src/index.ts'),
      sideEffects: true,
    }));
    build.onLoad({ filter: /.*/, namespace: 'later' }, ({ path }) => ({
      contents: `import 'base:'; export * from ${JSON.stringify(path)};`,
      resolveDir: root,
    }));
    build.onResolve({ filter: /^part:/ }, ({ path }) => ({
      path: path.slice('part:'.length),
      namespace: 'part',
    }));
    build.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({
      contents: ["import 'base:';", ...parts[path].modules.map((each) => `export * from './${each}';`)].join(
        '\n',
      ),
      resolveDir: root,
    }));
  },
};
