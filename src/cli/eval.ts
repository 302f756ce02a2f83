import { compile } from '../index.ts';
import { parseCommand } from './arguments.ts';
import { type Command, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatError, formatJson, formatResult } from './format.ts';
import { paletteFor } from './style.ts';

const help = `Evaluates an expression and prints its value.

Usage: exprjit eval [--json] <expression> [name=value…]

A value is an expression too, without names: x=3, x=-1e3, x=pi/2. To keep the shell from reading the
expression, put it in quotes.

  --json   print {"value": …}; what JSON has no number for is "nan", "inf" or "-inf"

  exprjit eval 'sqrt(x*x + y*y)' x=3 y=4
`;

/** `name=value`, but not `name==value`. */
const bindingPattern = /^\s*([^=\s]+)\s*=(?!=)(.*)$/su;

function run(args: readonly string[], { stdout, stderr, env }: Terminal): number {
  const { values, positionals } = parseCommand('eval', args, { json: { type: 'boolean' } });
  const [source, ...rest] = positionals;
  if (source === undefined) throw new UsageError('eval needs an expression');
  const bindings = parseBindings(rest);
  try {
    const given = [...bindings.values()].map((value) => compile(value, [])());
    const f = compile(source, [...bindings.keys()]);
    const number = f(...given);
    const value = f.resultType === 'boolean' ? number !== 0 : number;
    stdout.write(values.json === true ? `{"value":${formatJson(value)}}\n` : `${formatResult(value)}\n`);
    return ExitCode.Success;
  } catch (error) {
    stderr.write(formatError(error, paletteFor(stderr, env)));
    return ExitCode.Failure;
  }
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

export const command: Command = { help, run };
