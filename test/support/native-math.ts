import { IrBuilder } from '../../src/jit/ir/builder.ts';
import { IrModule } from '../../src/jit/ir/function.ts';
import { javascriptMath, type MathFunction, type MathLibrary } from '../../src/jit/ir/math-library.ts';
import { NativeModule } from './run-native.ts';

/** The addon's C functions as a library for the interpreter: with it, interpreter and machine code agree bit for bit. */
export function nativeMath(): MathLibrary {
  const module = new IrModule();
  for (const { name, arity } of javascriptMath.values()) {
    const builder = new IrBuilder(module, name, new Array<'f64'>(arity).fill('f64'), 'f64');
    builder.return(builder.callMath(name, ...builder.block.parameters));
  }
  const native = new NativeModule(module);
  return new Map(
    [...javascriptMath.values()].map(({ name, arity }): [string, MathFunction] => {
      const evaluate = (x: number, y: number) => native.call(name, arity === 1 ? [x] : [x, y]);
      return [name, { name, arity, evaluate }];
    }),
  );
}
