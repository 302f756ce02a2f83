import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** For esbuild: takes `name.browser.ts` in the place of `name.ts` where there is one. */
export const browserTwins = {
  name: 'browser-twins',
  setup(build) {
    build.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => {
      const twin = join(resolveDir, path.replace(/\.ts$/, '.browser.ts'));
      return existsSync(twin) ? { path: twin } : undefined;
    });
  },
};
