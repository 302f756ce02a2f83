import { IrBuilder } from '../../ir/builder.ts';
import { type IrFunction, IrModule, type Value } from '../../ir/function.ts';
import { mathFunction } from '../../math/library.ts';
import { numberValues } from '../number-values.ts';
import { removeDeadCode } from '../remove-dead-code.ts';
import type { LegalTarget } from './expander.ts';
import { irAlgebra } from './ir-algebra.ts';
import { legalise } from './legalise.ts';

/** A function of the math library, of one lane, in operations of the target: its usual range, and where the argument is outside of it, the rest. */
export function mathBody(name: string, target: LegalTarget): IrFunction {
  const { arity, usual, rare } = mathFunction(name);
  const builder = new IrBuilder(new IrModule(), name, arity === 1 ? ['f64'] : ['f64', 'f64'], 'f64');
  const algebra = irAlgebra(1, (type, opcode, operands, immediate) =>
    builder.append(type, opcode, operands, immediate),
  );
  const [x, y] = builder.block.parameters as [Value, Value?];
  const { value, isUsual } = usual(algebra, x, y ?? x);
  const [whenUsual, whenRare] = [builder.createBlock(), builder.createBlock()];
  builder.branch(isUsual, whenUsual, whenRare);
  builder.moveTo(whenUsual);
  builder.return(value);
  builder.moveTo(whenRare);
  builder.return(rare(algebra, x, y ?? x));
  const legal = legalise(builder.function, target);
  numberValues(legal);
  removeDeadCode(legal);
  return legal;
}
