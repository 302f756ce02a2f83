import type { Command, Terminal } from './command.ts';
import { readEvalArguments } from './eval-arguments.ts';
import { evaluateSource } from './evaluate-source.ts';

const help = `Evaluates an expression and prints its value.

Usage: exprjit eval [--json] <expression> [name=value…]

A value is an expression too, without names: x=3, x=-1e3, x=pi/2. To keep the shell from reading the
expression, put it in quotes.

  --json   print {"value": …}; what JSON has no number for is "nan", "inf" or "-inf"

  exprjit eval 'sqrt(x*x + y*y)' x=3 y=4
`;

function run(args: readonly string[], terminal: Terminal): number {
  return evaluateSource(readEvalArguments(args), terminal);
}

export const command: Command = { help, run };
