import type { ExplainedCode } from '../../index.ts';
import { formatBytes } from '../format.ts';
import type { Paint, Palette } from '../style.ts';

/** A line of a listing: an instruction or a constant, or a label. */
export type ListingLine =
  | { readonly label: string }
  | {
      readonly offset: number;
      /** In hexadecimal. */
      readonly bytes: string;
      readonly text: string;
    };

/** What stands above a listing. */
export function listingTitle({ size, cpu, kernel }: ExplainedCode, parameters: readonly string[]): string {
  const parts = [`; ${formatBytes(size)} for ${cpu}`];
  if (kernel !== undefined) parts.push(kernel === 'rows' ? 'a loop row by row' : 'a loop on vectors');
  if (parameters.length > 0) parts.push(`parameters ${parameters.join(', ')}`);
  return parts.join(', ');
}

/** The lines of a listing as data. */
export function parseListing(listing: string): ListingLine[] {
  return listing
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, offset, bytes, text] = /^ {2}([0-9a-f]+) {2}([0-9a-f]+) +(.*)$/.exec(line) ?? [];
      if (offset === undefined || bytes === undefined) return { label: line.replace(/:$/, '') };
      return { offset: Number.parseInt(offset, 16), bytes, text: text ?? '' };
    });
}

/** What instructions do, by mnemonic, and how they are painted; the first that fits. */
const kinds: readonly (readonly [pattern: RegExp, paint: keyof Palette])[] = [
  [/^(j\w+|call|ret)$/, 'magenta'],
  [/^(d[dq]|nop|int3)$/, 'dim'],
  [/^v?(u?comis|ptest|k?ortest|pmovmsk|movmsk)|^(cmp|test|set\w+)$/, 'yellow'],
  [/^v?(mov|pbroadcast|broadcast|gather|scatter)|^(push|pop|lea|xchg|cmov\w+)$/, 'blue'],
];

/** The listing in colour, by kind of instruction; what only machines read is dim. */
export function listingView(listing: string, palette: Palette, showBytes = true): string {
  const lines = parseListing(listing);
  const width = Math.max(...lines.map((line) => ('bytes' in line ? line.bytes.length : 0)), 16);
  return lines
    .map((line) => {
      if ('label' in line) return palette.bold(`${line.label}:`);
      const offset = line.offset.toString(16).padStart(4, '0');
      const bytes = showBytes ? `${palette.dim(line.bytes.padEnd(width))}  ` : '';
      return `  ${palette.dim(offset)}  ${bytes}${paintInstruction(line.text, palette)}`;
    })
    .join('\n');
}

function paintInstruction(text: string, palette: Palette): string {
  const [, mnemonic = '', operands = '', comment = ''] = /^(\S+)(.*?)( {2}; .*)?$/.exec(text) ?? [];
  const kind = kinds.find(([pattern]) => pattern.test(mnemonic))?.[1] ?? 'cyan';
  const paint: Paint = palette[kind];
  return paint(mnemonic) + operands + palette.green(comment);
}
