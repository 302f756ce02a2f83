/**
 * Makes CommonJS of chunks that esbuild wrote as modules of ECMAScript without white space, and has doors load it. Nothing but `import`
 * and `export` has to change, and esbuild writes these in one way.
 *
 * What is imported is copied, not looked up at each use: chunks make no circles and change nothing that they export.
 */
import { Script } from 'node:vm';
import { atOnce } from './load-on-use.mjs';

/** What esbuild is to put in the place of `import.meta.url`. */
export const moduleUrl = 'moduleUrl';

const importStatement = /\bimport(?:(\w+|\{[^}]*\})from)?"([^"]+)";/g;
const exportStatement = /\bexport(\{[^}]*\});\s*$/;
const importAtOnce = new RegExp(`\\b${atOnce}\\(import\\("([^"]+)"\\)\\)`, 'g');
const laterImport = /\bimport\("(\.[^"]+)"\)/g;
const renaming = /([\w$]+) as ([\w$]+)/g;

export function toCommonJs(text) {
  const code = withWholeStrings(text)
    .replace(importStatement, (_, names, path) =>
      names === undefined ? `${load(path)};` : constant(names, load(path)),
    )
    .replace(exportStatement, (_, names) => `module.exports=${names.replace(renaming, '$2:$1')};\n`)
    .replace(importAtOnce, (_, path) => load(path))
    .replace(laterImport, (_, path) => `Promise.resolve().then(()=>${load(path)})`);
  const script = `"use strict";${needsUrl(text) ? urlOfFile : ''}${code}`;
  // Throws where something of the other kind is left.
  new Script(`(function(exports,require,module,__filename,__dirname){${script}\n})`);
  return script;
}

/** A module that Node loads. It runs nothing, and chunks load what they need themselves: what it imports no name of is left out. */
export function toDoor(text) {
  const code = text.replace(importStatement, (_, names, path) =>
    names === undefined ? '' : constant(names, load(path)),
  );
  return `import{createRequire}from"node:module";const require=createRequire(import.meta.url);${code}`;
}

/** A module that bundlers can follow. Of CommonJS all agree on what the default import is. */
export function toBundlersDoor(text) {
  let count = 0;
  const code = text.replace(importStatement, (_, names, path) => {
    if (names === undefined) return '';
    const chunk = `chunk${count++}`;
    return `import ${chunk} from"${commonJsName(path)}";${constant(names, chunk)}`;
  });
  return `${needsUrl(text) ? `const ${moduleUrl}=import.meta.url;` : ''}${code}`;
}

/** Without strings that go on in the next line, which esbuild makes of long ones: Rollup indents what it wraps, strings too. */
function withWholeStrings(text) {
  return text.replace(/\\([\s\S])/g, (all, escaped) => (escaped === '\n' ? '' : all));
}

function constant(names, value) {
  return `const ${names.replace(renaming, '$1:$2')}=${value};`;
}

/** Built-in modules not by `require`, which is not there in bundles that are modules of ECMAScript. */
function load(path) {
  return path.startsWith('node:')
    ? `process.getBuiltinModule("${path}")`
    : `require("${commonJsName(path)}")`;
}

function commonJsName(path) {
  return path.replace(/\.js$/, '.cjs');
}

function needsUrl(text) {
  return new RegExp(`\\b${moduleUrl}\\b`).test(text);
}

/** In a bundle that is a module of ECMAScript, `__filename` is not there either. */
const urlOfFile = `const ${moduleUrl}=typeof __filename==="string"?${load('node:url')}.pathToFileURL(__filename).href:void 0;`;
