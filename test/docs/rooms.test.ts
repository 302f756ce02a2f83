/** The rooms of a layer as `docs/architecture.md` orders them: they are its folders, and lint keeps their order. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { root } from './markdown.ts';

interface ImportRule {
  readonly includes: readonly string[];
  readonly linter: {
    readonly rules: {
      readonly style: {
        readonly noRestrictedImports: {
          readonly options: { readonly patterns: readonly { readonly group: readonly string[] }[] };
        };
      };
    };
  };
}

const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const { overrides } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as {
  overrides: readonly ImportRule[];
};

function documentedRooms(folder: string): string[] {
  const [, rows = ''] = text.split(`| room of \`${folder}\` | holds |\n| --- | --- |\n`);
  const [table = ''] = rows.split('\n\n');
  return [...table.matchAll(/^\| `(\w+)` \|/gm)].flatMap(([, room]) => room ?? []);
}

/** What the last rule for the files of a folder forbids, which is the one that counts. */
function forbiddenIn(folder: string): string[] {
  const rule = overrides.findLast(({ includes }) => includes.includes(`${folder}/**`));
  const patterns = rule?.linter.rules.style.noRestrictedImports.options.patterns ?? [];
  return patterns.flatMap(({ group }) => group);
}

describe('docs/architecture.md', () => {
  for (const folder of ['src/jit', 'src/engine']) {
    const rooms = documentedRooms(folder);

    it(`lists the rooms of ${folder}`, () => {
      const folders = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) =>
        entry.isDirectory(),
      );
      expect(rooms).to.have.members(folders.map(({ name }) => name));
    });

    it(`has the rooms of ${folder} in the order that lint keeps`, () => {
      for (const [index, room] of rooms.entries()) {
        const forbidden = forbiddenIn(`${folder}/${room}`);
        for (const later of rooms.slice(index + 1)) {
          const patterns = [`**/${later}/**`, `../${later}/**`];
          expect(
            patterns.some((pattern) => forbidden.includes(pattern)),
            `${room} must not import ${later}`,
          ).to.equal(true);
        }
      }
    });
  }
});
