import { createRequire } from 'node:module';

/** What the package `node-api-headers` exports; it has no types of its own. */
export const nodeApiHeaders = createRequire(import.meta.url)('node-api-headers') as {
  readonly include_dir: string;
  /** Functions up to each version of Node-API: `v8`. */
  readonly symbols: Readonly<
    Record<
      string,
      { readonly js_native_api_symbols: readonly string[]; readonly node_api_symbols: readonly string[] }
    >
  >;
};
