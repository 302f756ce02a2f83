import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { documents, readMarkdown, root } from './markdown.ts';

/** What is wrong with a link, if anything; addresses elsewhere are not looked up. */
function fault(document: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(root, file))) return 'no such file';
  if (anchor !== undefined && !readMarkdown(file).anchors.has(anchor)) return 'no such heading';
  return undefined;
}

describe('links in the documentation', () => {
  for (const document of documents) {
    it(`of ${document} lead somewhere`, () => {
      const broken = readMarkdown(document).links.flatMap(({ line, target }) => {
        const reason = fault(document, target);
        return reason === undefined ? [] : [`${document}:${line} ${target}: ${reason}`];
      });
      expect(broken).to.deep.equal([]);
    });
  }

  it('reach every document from the README', () => {
    const reached = new Set(['README.md']);
    for (const document of reached) {
      for (const { target } of readMarkdown(document).links) {
        const path = join(dirname(document), target.split('#')[0] ?? '');
        // A link to a folder reaches what is in it.
        for (const file of documents) if (file === path || dirname(file) === path) reached.add(file);
      }
    }
    expect(documents.filter((document) => !reached.has(document))).to.deep.equal([]);
  });
});
