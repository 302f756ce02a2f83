import { javascriptTypeOf } from '../../jit/ir/boundary-type.ts';
import type { Global } from '../../jit/ir/function.ts';
import type { Datum } from '../../jit/ir/opcode.ts';
import { printModule } from '../../jit/ir/printer.ts';
import { ReleasedError } from '../../jit/runtime/released-error.ts';
import { describeKind } from '../../support/describe-value.ts';
import type { CompiledCode } from '../backends/executable.ts';
import type { GlobalStore } from '../backends/global-store.ts';
import type { IrKeeper } from './ir-keeper.ts';
import type { JitMemory } from './jit-memory.ts';
import type { Signature, SignatureFunction } from './signature.ts';
import type { TypedFunction } from './typed-entry.ts';

type Value = number | bigint | boolean;

/** A function of which only the module knows what it takes. */
export type UntypedFunction = {
  /** Takes a memory first, if it accesses one. */
  call(...args: (Value | JitMemory | SharedArrayBuffer)[]): Value | undefined;
}['call'];

/** By name, the functions that a module exports. */
export type IrFunctions<Exports extends Readonly<Record<string, Signature>>> = string extends keyof Exports
  ? Readonly<Record<string, UntypedFunction>>
  : { readonly [Name in keyof Exports]: SignatureFunction<Exports[Name]> };

/**
 * A module of IR as code: its functions, its variables, and what it looks like.
 *
 * The memory of the code is given back by `release()`, by `using`, or when nobody refers to it and its functions any more.
 */
export class IrCode<Exports extends Readonly<Record<string, Signature>> = Readonly<Record<string, Signature>>>
  implements Disposable
{
  readonly functions: IrFunctions<Exports>;
  /** Values of the module's variables: bigints of `i64`, numbers and booleans. Can be read and set while nothing is released. */
  readonly globals: Record<string, number | bigint | boolean>;
  /** Where it runs. */
  readonly backend: 'native' | 'wasm' | 'interpreter';
  readonly #keeper: IrKeeper;

  /** @internal */
  constructor(
    functions: ReadonlyMap<string, TypedFunction>,
    keeper: IrKeeper,
    backend: 'native' | 'wasm' | 'interpreter',
    globals: readonly Global[],
    store: GlobalStore,
  ) {
    this.functions = Object.freeze({
      __proto__: null,
      ...Object.fromEntries(functions),
    }) as unknown as IrFunctions<Exports>;
    this.globals = globalAccessors(globals, store, keeper);
    this.backend = backend;
    this.#keeper = keeper;
  }

  /** Whether it was released; then every function throws `ReleasedError`. */
  get released(): boolean {
    return this.#keeper.released;
  }

  /** Address, bytes and listing of machine code; undefined where there is none. Throws `ReleasedError` after release. */
  get code(): CompiledCode | undefined {
    return this.#executable.code;
  }

  /** Bytes of machine code; undefined where there is none. Throws `ReleasedError` after release. */
  get size(): number | undefined {
    return this.code?.size;
  }

  /** The instructions of machine code with offsets and bytes, for people. Throws `ReleasedError` after release. */
  listing(): string | undefined {
    return this.code?.listing();
  }

  /** The IR that the code was made of, with entries and optimised, as text. Throws `ReleasedError` after release. */
  printIr(): string {
    return printModule(this.#executable.ir);
  }

  /** Gives the code's memory back, at once unless it is running: then when its last activation ends. */
  release(): void {
    this.#keeper.release();
  }

  /** As {@link release}, for `using`. */
  [Symbol.dispose](): void {
    this.release();
  }

  get #executable() {
    const target = this.#keeper.targets.find(({ released }) => !released);
    if (target === undefined) throw new ReleasedError();
    return target.executable;
  }
}

function globalAccessors(
  globals: readonly Global[],
  store: GlobalStore,
  keeper: IrKeeper,
): Record<string, Datum> {
  const accessors: Record<string, Datum> = Object.create(null);
  for (const { name, type } of globals) {
    Object.defineProperty(accessors, name, {
      __proto__: null,
      enumerable: true,
      get() {
        if (keeper.released) throw new ReleasedError();
        return store.get(name);
      },
      set(value: unknown) {
        if (keeper.released) throw new ReleasedError();
        store.set(name, datumOf(name, type, value));
      },
    } as PropertyDescriptor);
  }
  return Object.freeze(accessors);
}

function datumOf(name: string, type: Global['type'], value: unknown): Datum {
  const kind = javascriptTypeOf(type);
  if (typeof value !== kind)
    throw new TypeError(`the global '${name}' is a ${kind}, not ${describeKind(value)}`);
  return typeof value === 'bigint' ? BigInt.asIntN(64, value) : (value as number | boolean);
}
