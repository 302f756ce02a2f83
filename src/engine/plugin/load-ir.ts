/** From a module of IR to what a back end makes of it. */
import { adaptEntries } from '../../jit/boundary/adapt-entries.ts';
import { adaptHosts } from '../../jit/boundary/adapt-hosts.ts';
import { numberCount } from '../../jit/boundary/conversions.ts';
import type { IrModule } from '../../jit/ir/function.ts';
import { IrError } from '../../jit/ir/ir-error.ts';
import { sealModule } from '../../jit/ir/seal-module.ts';
import { lowerSwitches } from '../../jit/opt/lower-switches.ts';
import { optimize } from '../../jit/opt/optimize.ts';
import { splitAccesses } from '../../jit/opt/split-accesses.ts';
import { describeValue } from '../../support/describe-value.ts';
import { elementAt } from '../../support/element.ts';
import { optionNames, readOptions } from '../../support/options.ts';
import type { Backend } from '../backends/backend.ts';
import { compiled } from '../backends/compile-event.ts';
import type { Executable } from '../backends/executable.ts';
import { type IrTrace, requireLevel, requireTrace, traceOf } from './optimizing.ts';
import { type ExportedIr, exportedFunctions, type Signature } from './signature.ts';
import { hostCalls, type TypedHost, typedHosts } from './typed-host.ts';

/** Of `compileIr`. */
export interface CompileIrOptions<
  Exports extends Readonly<Record<string, Signature>> = Readonly<Record<string, Signature>>,
> {
  /** The functions that JavaScript can call, and with what. All of the module if left out, with the types that they have in IR. */
  readonly exports?: Exports | undefined;
  /** What stands behind the hosts that the module declares, by their names. */
  readonly hosts?: Readonly<Record<string, TypedHost>> | undefined;
  /** 0: as it is; 1, if left out: optimised. */
  readonly level?: 0 | 1 | undefined;
  /** Told of each step that changed a function: its name, the function's, and what that is now, as text. */
  readonly trace?: IrTrace | undefined;
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
  requireLevel(level);
  if (typeof name !== 'string') throw new TypeError(`name must be a string, not ${describeValue(name)}`);
  requireTrace(trace);
  const started = compiled.start();
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
  const tell = traceOf(trace, ir);
  // Accesses are split by a substitution, which knows no switches.
  lowerSwitches(ir, (fn) => tell?.('lower-switches', fn));
  for (const fn of ir.functions) if (splitAccesses(fn)) tell?.('split-accesses', fn);
  optimize(ir, {
    level,
    roots: [...new Set(entries.names)],
    trace: tell,
    fma: backend.hasFma,
    wideIntegers: true,
  });
  const executable = backend.load({
    source: name,
    ir,
    exports: exported.map(({ name: exportName, parameters, result }, index) => ({
      name: exportName,
      irName: elementAt(entries.names, index),
      // They have no names, only positions.
      parameters: parameters.flatMap((type) => new Array<string>(numberCount(type)).fill('')),
      resultType: result === 'bool' ? 'boolean' : 'number',
    })),
    hosts: implementations,
    tooLarge: (size, limit, unit = 'bytes') =>
      new IrError(
        [`the code takes ${size} ${unit}; at most ${limit} are allowed`],
        'the module is too large',
      ),
    log: undefined,
  });
  if (started >= 0) {
    const functions = exported.map((each) => each.name);
    compiled.tell(started, { source: name, functions, backend: backend.name, size: executable.code?.size });
  }
  return { executable, exported, globals, upper: entries.upper };
}
