import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Markdown files of the project, from its root. */
export const documents: readonly string[] = ['', 'docs', 'docs/adr'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => join(folder, name)),
);

export interface CodeBlock {
  readonly document: string;
  readonly language: string;
  /** Of the block's first line, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

export interface Link {
  readonly line: number;
  readonly target: string;
}

export interface Markdown {
  readonly blocks: readonly CodeBlock[];
  readonly links: readonly Link[];
  /** What links to headings name, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
}

export function readMarkdown(document: string): Markdown {
  const blocks: CodeBlock[] = [];
  const links: Link[] = [];
  const anchors = new Set<string>();
  let open: { language: string; line: number; lines: string[] } | undefined;
  for (const [index, text] of readFileSync(join(root, document), 'utf8').split('\n').entries()) {
    const fence = /^```(\S*)/.exec(text);
    if (fence !== null) {
      if (open !== undefined) blocks.push({ document, ...open });
      open = open === undefined ? { language: fence[1] ?? '', line: index + 2, lines: [] } : undefined;
    } else if (open !== undefined) {
      open.lines.push(text);
    } else {
      const heading = /^#+ (.*)/.exec(text)?.[1];
      if (heading !== undefined) anchors.add(anchorOf(heading, anchors));
      const prose = text.replace(/`[^`]*`/g, '');
      for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (target !== undefined) links.push({ line: index + 1, target });
      }
    }
  }
  return { blocks, links, anchors };
}

function anchorOf(heading: string, taken: ReadonlySet<string>): string {
  const plain = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
  let anchor = plain;
  for (let i = 1; taken.has(anchor); i++) anchor = `${plain}-${i}`;
  return anchor;
}
