/**
 * The value of a formula that is asked for once, by the interpreter: to compile a formula takes milliseconds, and so does loading what
 * compiles it, while most take the interpreter microseconds.
 *
 * Rules, so that nobody can tell from the answer:
 * 1. What may fail in any way is left to an engine, which says how. So every error here means: no answer.
 * 2. Bounds are far below all that an engine has, by default, for the same formula compiled: code size, fuel, depth.
 * 3. What puts derivatives into effect is not loaded for the few that have any.
 * 4. What there are warnings about is left to who prints them.
 * 5. Who asked to see compilations, or their code, is shown one.
 */
import { Interpreter } from '../jit/ir/interpreter.ts';
import { check } from '../lang/checker.ts';
import { Derivatives, lower, mainName } from '../lang/lower.ts';
import { parse } from '../lang/parser.ts';
import { environmentVariable } from '../support/environment-variable.ts';
import { oneOutput } from './front/row-names.ts';

/** Characters; even if all of it is inlined into itself, its code takes less than `limits.codeSize`. */
const maxLength = 500;
/** Units of `jit/ir/cost.ts`: milliseconds of the interpreter's. */
const fuel = 10_000;
/** Open calls. */
const maxDepth = 50;

/** Undefined where an engine has to look. The source sees the arguments by the names of the parameters. */
export function evaluateSmall(
  source: string,
  parameters: readonly string[],
  args: readonly number[],
): number | boolean | undefined {
  if (source.length > maxLength) return undefined;
  if (environmentVariable('EXPRJIT_DEBUG') !== '' || environmentVariable('EXPRJIT_PERF') !== '')
    return undefined;
  try {
    const checked = check(parse(source), { parameters, rows: oneOutput });
    if (checked.result === undefined || checked.rowInputs.length > 0 || checked.warnings.length > 0)
      return undefined;
    const derivatives = new Derivatives();
    const ir = lower(checked, derivatives);
    if (derivatives.vary) return undefined;
    const value = Number(new Interpreter(ir, { fuel, maxDepth }).run(mainName, args));
    return checked.result.type === 'bool' ? value !== 0 : value;
  } catch {
    return undefined;
  }
}
