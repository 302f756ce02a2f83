/** See `recipe.mjs`, which runs before there is anything that compiles TypeScript. */
export const sourceFolder: string;
export const includeFolders: readonly string[];
export const compilerFlags: readonly string[];
export function addons(
  platform?: string,
): readonly { readonly name: string; readonly sources: readonly string[] }[];
export function addonHeaders(): readonly string[];
