import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The licences of all packages among the bundled `inputs` (paths relative to `root`), as one text. */
export async function licenceNotice(root, inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  const entries = await Promise.all([...folders].sort().map((folder) => entry(join(root, folder))));
  return `exprjit contains code of these packages, under their licences.\n\n${entries.join('\n')}`;
}

async function entry(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((candidate) => /^(licen[cs]e|copying)/i.test(candidate));
  const text = file === undefined ? `${license}\n` : await readFile(join(folder, file), 'utf8');
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n\n${text}`;
}
