/** See `recipe.mjs`, which runs before there is anything that compiles TypeScript. */
export const sourceFolder: string;
export const includeFolders: readonly string[];
export const compilerFlags: readonly string[];
export function addons(
  platform?: string,
): readonly { readonly name: string; readonly sources: readonly string[] }[];
export function addonHeaders(): readonly string[];
export const fastCalls: {
  readonly source: string;
  readonly headers: readonly string[];
  readonly compilerFlags: readonly string[];
  readonly linkerFlags: readonly string[];
  readonly fileFor: (addonName: string, abi: string) => string;
};
