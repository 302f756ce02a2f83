let bundleUrl: string | undefined;

/** Where this code lies: in a module of the package, or in a bundle that somebody made of it. */
export function codeUrl(): string {
  return bundleUrl ?? import.meta.url;
}

/**
 * Of a bundle that is a module of ECMAScript: the package's CommonJS has neither `import.meta` nor `__filename` there. The doors for bundlers
 * say it; undefined, it changes nothing.
 */
export function setCodeUrl(url: string | undefined): void {
  bundleUrl = url;
}
