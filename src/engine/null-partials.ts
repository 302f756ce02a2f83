/**
 * Derivatives of null-aware forms, for kernels of gradients.
 *
 * They are made of the optimised form, as those of a formula are of the optimised formula, so that both have the same bits. The number
 * in the place of what is missing is a constant, and its derivative would be 0. So it is a parameter here, which grows by the number
 * that is wanted in the place of the derivative, and goes when that is made.
 */
import type { IrFunction, IrModule } from '../jit/ir/function.ts';
import { op } from '../jit/ir/opcode.ts';
import { functionNamed } from '../jit/kernel/kernel-spec.ts';
import { Substitution } from '../jit/opt/substitution.ts';
import type { Program } from '../lang/ast.ts';
import type { NullFunction } from '../lang/lower-nulls.ts';
import { elementAt, lastOf } from '../support/element.ts';
import { addPartials } from './front/lower-program.ts';

/** What the derivatives are made of. */
export const derivable: NullFunction = { name: 'derivable', gives: { missing: 'parameter' } };

/**
 * Adds the derivatives of {@link derivable} by the parameters at these places; they are NaN where it is missing. Returns their names.
 *
 * @param last The place of its last parameter.
 * @throws CompileError where there is no derivative.
 */
export function addNullPartials(
  ir: IrModule,
  places: readonly number[],
  last: number,
  program: Program,
): string[] {
  const along = new Map([[last, Number.NaN]]);
  const names = addPartials(ir, derivable.name, places, program, along);
  for (const name of names) dropLastParameter(functionNamed(ir, name));
  return names;
}

/** What it was matters nowhere. */
function dropLastParameter(fn: IrFunction): void {
  const entry = elementAt(fn.blocks, 0);
  const parameter = lastOf(entry.parameters);
  entry.parameters.pop();
  const anything = fn.newValue('f64', op.fconst, [], Number.NaN);
  entry.instructions.unshift(anything);
  const substitution = new Substitution(fn);
  substitution.replace(parameter, anything);
  substitution.apply(fn);
}
