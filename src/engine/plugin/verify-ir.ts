import type { IrModule } from '../../jit/ir/function.ts';
import { IrError } from '../../jit/ir/ir-error.ts';
import { sealModule } from '../../jit/ir/seal-module.ts';

/** All that is wrong with a module, by which `compileIr` would refuse it; an empty list if nothing is. */
export function verifyIr(module: IrModule): readonly string[] {
  try {
    sealModule(module);
    return [];
  } catch (error) {
    if (error instanceof IrError) return error.problems;
    throw error;
  }
}
