import { analyze, CompileError, compile } from '../index.ts';
import { ExitCode, type Terminal } from './command.ts';
import type { EvalArguments } from './eval-arguments.ts';
import { formatError } from './format.ts';
import { relocate } from './relocate.ts';
import { paletteFor } from './style.ts';
import { printWarnings } from './warnings.ts';

/** Prints the value of a source, or what is wrong with it; `file` is where it stands, if in one. Gives the exit code. */
export function evaluateSource(
  { source, bindings, print }: EvalArguments,
  { stdout, stderr, env }: Terminal,
  file?: string,
): number {
  const palette = paletteFor(stderr, env);
  try {
    const given = [...bindings.values()].map((value) => compile(value, [])());
    const parameters = [...bindings.keys()];
    const f = compile(source, parameters);
    // Constants are what is evaluated here.
    const odd = analyze(source, { parameters }).warnings.filter(
      ({ code }) => code !== 'W_CONSTANT_COMPARISON',
    );
    printWarnings(odd, stderr, palette, file);
    const number = f(...given);
    stdout.write(print(f.resultType === 'boolean' ? number !== 0 : number));
    return ExitCode.Success;
  } catch (error) {
    stderr.write(formatError(placedIn(file, source, error), palette));
    return ExitCode.Failure;
  }
}

/** The error; if it is of the source, as one of the file. */
function placedIn(file: string | undefined, source: string, error: unknown): unknown {
  if (file === undefined || !(error instanceof CompileError)) return error;
  const place = (start: number, end: number) => ({ start, end });
  return relocate(error, (compiled) =>
    compiled === source ? { text: source, name: file, place } : undefined,
  );
}
