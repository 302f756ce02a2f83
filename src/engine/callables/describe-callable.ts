import { mainName } from '../../lang/lower.ts';
import { cutText } from '../../support/cut-text.ts';
import type { CallableState } from './shared-code.ts';

/** What people see of a callable: `[exprjit x^2 + y]`, and of a function among others its name. */
export function describeCallable({
  function: { irName, name },
  source,
  released,
}: Pick<CallableState, 'function' | 'source' | 'released'>): string {
  const what = irName === mainName ? cutText(source.trim().replace(/\s+/g, ' ')) : name;
  return `[exprjit ${what}${released ? ' (released)' : ''}]`;
}
