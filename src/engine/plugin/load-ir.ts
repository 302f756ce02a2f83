/** From a module of IR to what a back end makes of it. */
import { adaptEntries } from '../../jit/boundary/adapt-entries.ts';
import { adaptHosts } from '../../jit/boundary/adapt-hosts.ts';
import type { IrFunction, IrModule } from '../../jit/ir/function.ts';
import { IrError } from '../../jit/ir/ir-error.ts';
import { sealModule } from '../../jit/ir/seal-module.ts';
import { lowerSwitches } from '../../jit/opt/lower-switches.ts';
import { optimize } from '../../jit/opt/optimize.ts';
import { splitAccesses } from '../../jit/opt/split-accesses.ts';
import { describeValue } from '../../support/describe-value.ts';
import { elementAt } from '../../support/element.ts';
import { optionNames, readOptions } from '../../support/options.ts';
import type { Backend } from '../backends/backend.ts';
import type { Executable } from '../backends/executable.ts';
import { type ExportedIr, exportedFunctions, type Signature } from './signature.ts';
import { type TypedHost, typedHosts } from './typed-host.ts';

export interface CompileIrOptions<
  Exports extends Readonly<Record<string, Signature>> = Readonly<Record<string, Signature>>,
> {
  /** The functions that JavaScript can call, and with what. All of the module if left out, with the types that they have in IR. */
  readonly exports?: Exports | undefined;
  /** What stands behind the hosts that the module declares, by their names. */
  readonly hosts?: Readonly<Record<string, TypedHost>> | undefined;
  /** 0: as it is; 1, if left out: optimised. */
  readonly level?: 0 | 1 | undefined;
  /** Told of each pass of the optimiser that changed a function. */
  readonly trace?: ((pass: string, fn: IrFunction) => void) | undefined;
  /** What profilers and listings call the code. */
  readonly name?: string | undefined;
}

/** Code of a module, and what is known of its functions. */
export interface LoadedIr {
  readonly executable: Executable;
  readonly exported: readonly ExportedIr[];
  /** The variables that the module has itself. */
  readonly globals: IrModule['globals'];
  /** Name of the variable with upper halves of results. */
  readonly upper: string | undefined;
}

const names = optionNames<CompileIrOptions>({
  exports: true,
  hosts: true,
  level: true,
  trace: true,
  name: true,
});

/**
 * @throws IrError if the module is wrong, or does not fit `exports` or `hosts`, or its code is beyond the engine's limit; TypeError and RangeError for options that are none.
 */
export function loadIr(module: IrModule, given: CompileIrOptions | undefined, backend: Backend): LoadedIr {
  const { exports, hosts, level = 1, trace, name = 'ir' } = readOptions<CompileIrOptions>(given, names);
  if (level !== 0 && level !== 1) throw new RangeError(`level must be 0 or 1, not ${describeValue(level)}`);
  if (typeof name !== 'string') throw new TypeError(`name must be a string, not ${describeValue(name)}`);
  const ir = sealModule(module);
  const globals = [...ir.globals];
  const exported = exportedFunctions(ir, exports);
  if (exported.length === 0) throw new IrError(['the module exports no function']);
  const calls = hostCalls(ir, hosts);
  const implementations = typedHosts(adaptHosts(ir), (host) => calls.get(host) as TypedHost);
  const entries = adaptEntries(
    ir,
    exported.map(({ fn, parameters, result }) => ({ fn, types: { parameters, result } })),
  );
  // Values are replaced in branches only.
  lowerSwitches(ir);
  for (const fn of ir.functions) splitAccesses(fn);
  optimize(ir, { level, roots: [...new Set(entries.names)], trace, fma: backend.hasFma });
  const executable = backend.load({
    source: name,
    ir,
    exports: exported.map(({ name: exportName, parameters, result }, index) => ({
      name: exportName,
      irName: elementAt(entries.names, index),
      parameters: parameters.flatMap((type, position) => {
        const shown = `${position + 1}`;
        return type === 'i64' ? [shown, shown] : [shown];
      }),
      resultType: result === 'bool' ? 'boolean' : 'number',
    })),
    hosts: implementations,
    tooLarge: (size, limit, unit = 'bytes') =>
      new IrError([`the code takes ${size} ${unit}; at most ${limit} are allowed`]),
    log: undefined,
  });
  return { executable, exported, globals, upper: entries.upper };
}

/** By name, what stands behind the hosts of a module. */
function hostCalls({ hosts }: IrModule, given: CompileIrOptions['hosts']): ReadonlyMap<string, TypedHost> {
  const declared = [...new Set(hosts.map(({ name }) => name))];
  const calls = readOptions<Record<string, TypedHost>>(given, declared, 'hosts');
  return new Map(
    declared.map((name) => {
      const call: unknown = calls[name];
      if (typeof call === 'function') return [name, call as TypedHost];
      throw new TypeError(
        `hosts.${name} must be a function, since the module declares it, not ${describeValue(call)}`,
      );
    }),
  );
}
