import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from './run-program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const consumer = fileURLToPath(new URL('consumer', import.meta.url));

/** What npm says of a tarball that it made. */
export interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Packs what `npm run build:ts` and `npm run prebuilds` made. */
export function pack(folder: string): Packed {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const answer: unknown = JSON.parse(runProgram('npm', args, { cwd: root }));
  // A list, or since npm 12 an object by name.
  return Object.values(answer as Record<string, Packed>)[0] as Packed;
}

/** Makes an empty project with the consumer's files in which the tarball is installed. */
export function installInto(folder: string, tarball: string): void {
  mkdirSync(folder);
  cpSync(consumer, folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  // Offline, since there is nothing to fetch: the package has no dependencies.
  const options = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  runProgram('npm', ['install', ...options, tarball], { cwd: folder });
}
