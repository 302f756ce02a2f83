/** From a checked program to IR without derivatives: those that the source asks for are in effect. */
import { DerivativeError, type DerivativeProblem } from '../../jit/differentiate/derivative-error.ts';
import { addGradient, differentiate } from '../../jit/differentiate/differentiate.ts';
import type { IrModule } from '../../jit/ir/function.ts';
import type { Program } from '../../lang/ast.ts';
import { CompileError } from '../../lang/compile-error.ts';
import { createDiagnostic, type Diagnostic } from '../../lang/diagnostic.ts';
import { Derivatives, lower } from '../../lang/lower.ts';
import type { SourceSpans } from '../../lang/source-spans.ts';
import type { CheckedProgram } from '../../lang/typed-ast.ts';

/** @throws CompileError where something has no derivative that is known, or where derivatives take too much. */
export function lowerProgram(checked: CheckedProgram, spans?: SourceSpans): IrModule {
  const derivatives = new Derivatives();
  const module = lower(checked, derivatives, spans);
  putIntoEffect(module, derivatives, checked.program);
  return module;
}

/**
 * Puts the derivatives into effect that a module of a program asks for.
 *
 * @throws CompileError as {@link lowerProgram}.
 */
export function putIntoEffect(module: IrModule, derivatives: Derivatives, program: Program): void {
  if (!derivatives.vary) return;
  try {
    differentiate(module);
  } catch (error) {
    if (!(error instanceof DerivativeError)) throw error;
    const { wanted, problem } = error;
    const place = wanted && derivatives.expressions.get(wanted);
    const { source, span } = place ?? { source: program.source, span: program };
    throw derivativeError(source, span, problem);
  }
}

/**
 * Adds functions to a module that give the derivatives of one of its functions, as {@link addGradient}.
 *
 * @throws CompileError that marks the place given, where there is no derivative.
 */
export function addPartials(
  module: IrModule,
  irName: string,
  places: readonly number[],
  { source, start, end }: Pick<Program, 'source' | 'start' | 'end'>,
  along?: ReadonlyMap<number, number>,
): string[] {
  try {
    return addGradient(module, irName, places, along);
  } catch (error) {
    if (!(error instanceof DerivativeError)) throw error;
    throw derivativeError(source, { start, end }, error.problem);
  }
}

/** What a source is told that has no derivative. */
function derivativeError(
  source: Program['source'],
  span: Pick<Diagnostic, 'start' | 'end'>,
  problem: DerivativeProblem,
): CompileError {
  return new CompileError([diagnose(source, span, problem)]);
}

function diagnose(
  source: Program['source'],
  span: Pick<Diagnostic, 'start' | 'end'>,
  problem: DerivativeProblem,
): Diagnostic {
  switch (problem.kind) {
    case 'host': {
      const message = `nobody knows the derivative of \`${problem.name}\`, a function of the host`;
      const hint = 'write it in the language, or give the host a function for the derivative and call that';
      return createDiagnostic(source, 'E_DIFF_FUNCTION', span, message, hint);
    }
    case 'recursion': {
      const message = `\`${problem.name}\` needs its own derivative to be computed`;
      const hint = 'a function that takes a derivative of itself, however indirectly, has none';
      return createDiagnostic(source, 'E_DIFF_FUNCTION', span, message, hint);
    }
    case 'operations': {
      const message = `derivatives take more than ${problem.limit} operations`;
      const hint = 'each derivative of a derivative takes several times as many as that';
      return createDiagnostic(source, 'E_CODE_SIZE', span, message, hint);
    }
    case 'parameters': {
      const message = `with derivatives a function takes ${problem.size} values; at most ${problem.limit} are allowed`;
      return createDiagnostic(source, 'E_PARAMETERS', span, message);
    }
  }
}
