import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The oldest Node that the package promises to run on, and the lines after it. */
const versions = ['20.19', '22', '24', '26'] as const;

const cache = fileURLToPath(new URL('../../node_modules/.cache/exprjit/nodes', import.meta.url));

/** Node.js of each version, from packages that bring its binary; kept for the next run. */
export function nodeVersions(): readonly { readonly version: string; readonly executable: string }[] {
  const nodes = versions.map((version) => {
    const name = `node-${version}`;
    return { version, name, executable: join(cache, 'node_modules', name, 'bin', 'node') };
  });
  const missing = nodes.filter(({ executable }) => !existsSync(executable));
  if (missing.length > 0) {
    const platform = `${process.platform}-${process.arch}`;
    const packages = missing.map(({ version, name }) => `${name}@npm:node-${platform}@${version}`);
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'package.json'), '{ "private": true }');
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...packages], {
      cwd: cache,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return nodes;
}
