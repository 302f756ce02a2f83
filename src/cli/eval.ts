import { compile } from '../index.ts';
import { type Command, ExitCode, type Terminal, UsageError } from './command.ts';
import { formatError, formatResult } from './format.ts';

const help = `Evaluates an expression and prints its value.

Usage: exprjit eval <expression> [name=value…]

A value is an expression too, without names: x=3, x=-1e3, x=pi/2. To keep the shell from reading the
expression, put it in quotes.

  exprjit eval 'sqrt(x*x + y*y)' x=3 y=4
`;

/** `name=value`, but not `name==value`. */
const bindingPattern = /^\s*([^=\s]+)\s*=(?!=)(.*)$/su;

function run(args: readonly string[], terminal: Terminal): number {
  const [source, ...rest] = args[0] === '--' ? args.slice(1) : args;
  if (source === undefined) throw new UsageError('eval needs an expression');
  if (/^--[a-z]{2,}/.test(source) && args[0] !== '--') throw new UsageError(`eval has no option '${source}'`);
  const bindings = parseBindings(rest);
  try {
    const values = [...bindings.values()].map((value) => compile(value, [])());
    const f = compile(source, [...bindings.keys()]);
    const value = f(...values);
    terminal.stdout.write(`${formatResult(f.resultType === 'boolean' ? value !== 0 : value)}\n`);
    return ExitCode.Success;
  } catch (error) {
    terminal.stderr.write(formatError(error));
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
