import { pathToFileURL } from 'node:url';

/**
 * Where this code lies: in a module of the package, or in a bundle that somebody made of it. Bundlers that write CommonJS leave
 * `import.meta` empty; there is `__filename` instead.
 */
export const codeUrl: string = (import.meta.url as string | undefined) ?? pathToFileURL(__filename).href;
