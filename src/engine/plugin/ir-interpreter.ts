import { adaptHosts } from '../../jit/boundary/adapt-hosts.ts';
import { javascriptTypeOf } from '../../jit/ir/boundary-type.ts';
import type { IrFunction, IrModule } from '../../jit/ir/function.ts';
import { Interpreter as ModuleInterpreter } from '../../jit/ir/interpreter.ts';
import { IrError } from '../../jit/ir/ir-error.ts';
import type { Datum } from '../../jit/ir/opcode.ts';
import { sealModule } from '../../jit/ir/seal-module.ts';
import { describeValue } from '../../support/describe-value.ts';
import { maybeAt } from '../../support/element.ts';
import { knownNames, optionNames, readOptions } from '../../support/options.ts';
import { requireKind } from '../../support/require-kind.ts';
import { callHost } from '../backends/host-call.ts';
import { callMemory, type JitMemory } from './jit-memory.ts';
import { accessesMemory, parameterTypes } from './signature.ts';
import { hostCalls, type TypedHost, typedHosts } from './typed-host.ts';

/** Of an {@link Interpreter}. */
export interface InterpreterOptions {
  /** What stands behind the hosts that the module declares, by their names. */
  readonly hosts?: Readonly<Record<string, TypedHost>> | undefined;
  /** What one run may spend, see docs/ir.md; no limit if left out. */
  readonly fuel?: number | undefined;
  /** How many activations may be open at once; 10,000 if left out. */
  readonly maxDepth?: number | undefined;
  /** What functions access. */
  readonly memory?: JitMemory | SharedArrayBuffer | undefined;
}

const names = optionNames<InterpreterOptions>({ hosts: true, fuel: true, maxDepth: true, memory: true });

/**
 * Runs a module as it is, without making code of it: for tests of a front end, and for what runs once. Slower than code by two orders of
 * magnitude.
 *
 * @example
 * new Interpreter(module).run('add', [1n, 2n]); // 3n
 */
export class Interpreter {
  readonly #functions: ReadonlyMap<string, IrFunction>;
  readonly #accessing: ReadonlySet<IrFunction>;
  readonly #interpreter: ModuleInterpreter;

  /** @throws IrError if the module is wrong; TypeError or RangeError for impossible options. */
  constructor(module: IrModule, options?: InterpreterOptions) {
    const { hosts, fuel, maxDepth, memory } = readOptions<InterpreterOptions>(options, names);
    for (const [name, value] of [['fuel', fuel] as const, ['maxDepth', maxDepth] as const])
      if (value !== undefined && !(typeof value === 'number' && value >= 0))
        throw new RangeError(`${name} must be a number of at least 0, not ${describeValue(value)}`);
    const ir = sealModule(module);
    this.#functions = new Map(ir.functions.map((fn) => [fn.name, fn]));
    this.#accessing = accessesMemory(ir);
    const calls = hostCalls(ir, hosts);
    const implementations = typedHosts(adaptHosts(ir), (host) => calls.get(host) as TypedHost);
    this.#interpreter = new ModuleInterpreter(ir, {
      hosts: implementations.map(
        (host) =>
          (...args: number[]) =>
            callHost(host, args, 0, args.length),
      ),
      ...(fuel === undefined ? undefined : { fuel }),
      ...(maxDepth === undefined ? undefined : { maxDepth }),
      ...(memory === undefined ? undefined : { memory: callMemory(memory) }),
    });
  }

  /** Values that the module's variables have at the moment, by their names. */
  get globals(): ReadonlyMap<string, Datum> {
    return new Map(this.#interpreter.globals);
  }

  /**
   * @throws IrError for a function that the module has not, or that accesses memory where there is none; TypeError for arguments that do not
   * fit; `TrapError` at a limit or out of bounds; what a host function throws.
   */
  run(name: string, args: readonly Datum[]): Datum {
    if (!Array.isArray(args)) throw new TypeError(`args must be a list, not ${describeValue(args)}`);
    const fn = this.#functions.get(name);
    if (fn === undefined) {
      const found = knownNames(String(name), [...this.#functions.keys()]);
      throw new IrError(
        [`the module has no function ${describeValue(name)}; ${found}`],
        'the call does not fit the module',
      );
    }
    if (this.#accessing.has(fn) && this.#interpreter.memory === undefined)
      throw new IrError(
        [`${name}: accesses memory, and the interpreter has none`],
        'the call does not fit the module',
      );
    const given = parameterTypes(fn).map((type, index): Datum => {
      const value = maybeAt<unknown>(args, index);
      const datum: Datum = requireKind(value, javascriptTypeOf(type), index + 1);
      return typeof datum === 'bigint' ? BigInt.asIntN(64, datum) : datum;
    });
    return this.#interpreter.run(name, given);
  }
}
