import { parseCommand } from './arguments.ts';
import { UsageError } from './command.ts';
import { formatJson, formatResult } from './format-result.ts';

/** What `exprjit eval` is asked. */
export interface EvalArguments {
  readonly source: string;
  /** Sources of values, by name. */
  readonly bindings: ReadonlyMap<string, string>;
  /** What it prints of a value. */
  readonly print: (value: number | boolean) => string;
}

/** `name=value`, but not `name==value`. */
const bindingPattern = /^\s*([^=\s]+)\s*=(?!=)(.*)$/su;

/** Throws UsageError, HelpRequest. */
export function readEvalArguments(args: readonly string[]): EvalArguments {
  const { values, positionals } = parseCommand('eval', args, { json: { type: 'boolean' } });
  const [source, ...rest] = positionals;
  if (source === undefined) throw new UsageError('eval needs an expression');
  const print = (value: number | boolean) =>
    values.json === true ? `{"value":${formatJson(value)}}\n` : `${formatResult(value)}\n`;
  return { source, bindings: parseBindings(rest), print };
}

function parseBindings(args: readonly string[]): Map<string, string> {
  const bindings = new Map<string, string>();
  for (const arg of args) {
    const [, name, value] = bindingPattern.exec(arg) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`'${arg}' is not of the form name=value`);
    }
    if (bindings.has(name)) throw new UsageError(`'${name}' is given twice`);
    bindings.set(name, value);
  }
  return bindings;
}
