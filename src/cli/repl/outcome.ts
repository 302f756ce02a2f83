import { formatBytes } from '../format.ts';
import { formatResult } from '../format-result.ts';
import type { ReplContext } from './repl-command.ts';
import type { Outcome } from './session.ts';

/** Prints what an input brought: signatures and code sizes of functions, values of the rest. */
export function showOutcome(
  { defined, value }: Outcome,
  { session, palette, print }: Pick<ReplContext, 'session' | 'palette' | 'print'>,
): void {
  for (const { name, kind, parameters, value: bound } of defined) {
    if (kind === 'let') {
      print(`${palette.cyan(name)} = ${palette.yellow(formatResult(bound ?? Number.NaN))}`);
      continue;
    }
    const size = session.codeSize(name);
    const code = size === undefined ? '' : `  ${palette.dim(formatBytes(size))}`;
    print(`${palette.cyan(name)}(${parameters.join(', ')})${code}`);
  }
  if (value !== undefined) print(palette.yellow(formatResult(value)));
}
