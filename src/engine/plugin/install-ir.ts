/** From code of a module to what its author calls. */

import { elementAt } from '../../support/element.ts';
import type { Backend } from '../backends/backend.ts';
import type { CallMemory } from '../backends/call-memory.ts';
import { CallTarget, SharedCode } from '../callables/shared-code.ts';
import { IrCode } from './ir-code.ts';
import { IrKeeper } from './ir-keeper.ts';
import type { LoadedIr } from './load-ir.ts';
import { type TypedFunction, typedFunction } from './typed-entry.ts';

/** Functions keep the code that they run; the code of none refers to this. */
const keepers = new WeakMap<TypedFunction, IrKeeper>();

/** Its targets are in `live` until they are released. */
export function installIr(
  { executable, exported, globals, upper }: LoadedIr,
  backend: Backend,
  live: Set<CallTarget>,
): IrCode {
  const code = new SharedCode(executable);
  const targets = executable.functions.map((fn) => new CallTarget(fn, code.retain(), live));
  // The use that came with the code.
  code.drop();
  const keeper = new IrKeeper(targets);
  const functions = new Map<string, TypedFunction>();
  exported.forEach(({ name, parameters, result, takesMemory }, index) => {
    const target = elementAt(targets, index);
    const typed = typedFunction({
      parameters,
      result,
      takesMemory,
      upper: () => (upper === undefined ? 0 : Number(executable.globals.get(upper))),
      released: () => target.released,
      on: (memory) => target.function.callable(target, reachable(memory, backend)),
    });
    keepers.set(typed, keeper);
    functions.set(name, typed);
  });
  return new IrCode(functions, keeper, backend.name, globals, executable.globals);
}

function reachable(memory: CallMemory | undefined, { name }: Backend): CallMemory | undefined {
  if (name === 'wasm' && memory !== undefined && memory.space === undefined)
    throw new TypeError('WebAssembly code does not reach a SharedArrayBuffer; pass a JitMemory');
  return memory;
}
