import { analyze, compile } from '../index.ts';
import { type Command, ExitCode, type Terminal } from './command.ts';
import { readEvalArguments } from './eval-arguments.ts';
import { formatError } from './format.ts';
import { paletteFor } from './style.ts';
import { printWarnings } from './warnings.ts';

const help = `Evaluates an expression and prints its value.

Usage: exprjit eval [--json] <expression> [name=value…]

A value is an expression too, without names: x=3, x=-1e3, x=pi/2. To keep the shell from reading the
expression, put it in quotes.

  --json   print {"value": …}; what JSON has no number for is "nan", "inf" or "-inf"

  exprjit eval 'sqrt(x*x + y*y)' x=3 y=4
`;

function run(args: readonly string[], { stdout, stderr, env }: Terminal): number {
  const { source, bindings, print } = readEvalArguments(args);
  const palette = paletteFor(stderr, env);
  try {
    const given = [...bindings.values()].map((value) => compile(value, [])());
    const parameters = [...bindings.keys()];
    const f = compile(source, parameters);
    // Constants are what is evaluated here.
    const odd = analyze(source, { parameters }).warnings.filter(
      ({ code }) => code !== 'W_CONSTANT_COMPARISON',
    );
    printWarnings(odd, stderr, palette);
    const number = f(...given);
    stdout.write(print(f.resultType === 'boolean' ? number !== 0 : number));
    return ExitCode.Success;
  } catch (error) {
    stderr.write(formatError(error, palette));
    return ExitCode.Failure;
  }
}

export const command: Command = { help, run };
