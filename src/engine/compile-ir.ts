import type { IrModule } from '../jit/ir/function.ts';
import { describeValue } from '../support/describe-value.ts';
import { defaultEngine } from './default-engine.ts';
import { Engine } from './engine.ts';
import type { IrCode } from './plugin/ir-code.ts';
import type { CompileIrOptions } from './plugin/load-ir.ts';
import type { Signature } from './plugin/signature.ts';

/**
 * Code of a module of IR: on the given engine, whose limits apply, or on the one that `compile` uses. The module stays as it is, and
 * what becomes of it later does not matter.
 *
 * @throws IrError if the module is wrong, does not fit what it exports, or its code is beyond the limit; TypeError or RangeError for
 * impossible options.
 *
 * @example
 * const module = parseModule(`
 *   function add(i64, i64): i64 {
 *   b0(v0: i64, v1: i64):
 *     v2 = iadd v0, v1
 *     return v2
 *   }`);
 * using code = compileIr(module, { exports: { add: { parameters: ['i32', 'i32'], result: 'i32' } } });
 * code.functions.add(1, 2); // 3
 */
export function compileIr<const Exports extends Readonly<Record<string, Signature>>>(
  module: IrModule,
  options?: CompileIrOptions<Exports> & { readonly engine?: Engine | undefined },
): IrCode<Exports> {
  if (options === undefined) return defaultEngine().compileIr(module);
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`options must be an object, not ${describeValue(options)}`);
  const { engine, ...others } = options;
  if (engine !== undefined && !(engine instanceof Engine))
    throw new TypeError(`engine must be an Engine, not ${describeValue(engine)}`);
  return (engine ?? defaultEngine()).compileIr(module, others as CompileIrOptions<Exports>);
}
