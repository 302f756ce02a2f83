import { expect } from 'chai';

/** Where allocations have the instruction that they place. */
const comment = 46;

/**
 * The dumps of functions after selection and after allocation as one text: on the left places, on the right the values that
 * selection put there, which allocations name but for functions and blocks with their parameters.
 */
export function machineCode(selected: readonly string[], allocated: readonly string[]): string {
  return allocated.map((text, i) => sideBySide(text, selected[i] ?? '')).join('\n');
}

function sideBySide(allocation: string, selection: string): string {
  const blocks = new Map(
    [...selection.matchAll(/^((\w+).*:)$/gm)].map(([, head, name]) => [`${name}:`, head]),
  );
  const [signature] = selection.split('\n');
  const lines = allocation.trimEnd().split('\n');
  const text = lines
    .map((line, i) => {
      const head = i === 0 ? signature : blocks.get(line);
      return head === undefined ? line : `${line.padEnd(comment)} ; ${head}`;
    })
    .join('\n');
  for (const line of selection.trimEnd().split('\n')) {
    expect(text, 'allocations keep all instructions').to.include(`; ${line.trim()}`);
  }
  return `${text}\n`;
}
