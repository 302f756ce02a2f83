import { undefinedSymbols } from './coff-symbols.ts';
import { nodeApiHeaders } from './node-api-headers.ts';

/** The flag that says which version of Node-API is asked for. */
const versionFlag = '-DNAPI_VERSION=';

/**
 * The functions of Node-API that the objects call, as the lines of `node_api_functions.inc`.
 *
 * Throws if one of them is not in the version of Node-API that the addon asks for: it would load nowhere.
 */
export function nodeApiImports(objects: readonly Buffer[], flags: readonly string[]): string {
  const version = flags.find((flag) => flag.startsWith(versionFlag))?.slice(versionFlag.length);
  const known = nodeApiHeaders.symbols[`v${version}`];
  if (known === undefined) throw new Error(`there is no version ${version} of Node-API`);
  const offered = new Set([...known.js_native_api_symbols, ...known.node_api_symbols]);
  const called = new Set(objects.flatMap(undefinedSymbols).flatMap(importedName));
  const foreign = [...called].filter((name) => !offered.has(name));
  if (foreign.length > 0) throw new Error(`Node-API ${version} has no ${foreign.join(', ')}`);
  if (called.size === 0) throw new Error('the objects call nothing of Node-API');
  return [...called]
    .sort()
    .map((name) => `EXPRJIT_NODE_API(${name})\n`)
    .join('');
}

/** Functions of DLLs are called through pointers of these names; other DLLs have their own import libraries. */
function importedName(symbol: string): string[] {
  const name = /^__imp_((?:napi|node_api)_\w+)$/.exec(symbol)?.[1];
  return name === undefined ? [] : [name];
}
