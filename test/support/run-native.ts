import type { CodeHolder } from '../../src/jit/code/code-holder.ts';
import type { IrModule } from '../../src/jit/ir/function.ts';
import { type FeatureLevel, levelsOf } from '../../src/jit/machine/feature-level.ts';
import {
  type FunctionFacts,
  type GeneratedCode,
  type GenerateOptions,
  generate,
  type Target,
} from '../../src/jit/machine/generate.ts';
import { VirtMem } from '../../src/mem/virt-mem.ts';
import { MemoryFlags } from '../../src/mem/virt-mem-backend.ts';
import { type Address, addressAt } from '../../src/native/address.ts';
import { FrameSlot, Trap } from '../../src/native/frame.ts';
import { loadAddon } from '../../src/native/loader.ts';
import { alignUp } from '../../src/support/alignment.ts';
import { invariant } from '../../src/support/invariant.ts';
import { runnableTarget } from './native-math.ts';
import { nativeSession } from './native-session.ts';

const session = nativeSession();

/** The levels that can be forced on this machine; where there is no addon to ask, the one that every machine has. */
export const nativeLevels: readonly FeatureLevel[] = levelsOf(
  loadAddon().addon?.cpuInfo().features ?? ['sse2'],
);

/** What a trap of machine code looks like to a test: which, and in which function of the module. */
export class NativeTrap extends Error {
  override readonly name = 'NativeTrap';
  readonly trap: number;
  readonly functionIndex: number;

  constructor(trap: number, functionIndex: number) {
    super(`trap ${trap} in function ${functionIndex}`);
    this.trap = trap;
    this.functionIndex = functionIndex;
  }
}

export interface NativeOptions extends GenerateOptions {
  readonly target?: Partial<Target>;
  /** One for each of the module's hosts. */
  readonly hosts?: readonly ((...args: number[]) => number)[];
  /** Fuel of each call; a lot if left out. */
  readonly fuel?: bigint;
  /** Units of fuel between two requests for more; all of it at once if left out. */
  readonly slice?: number;
  /** What machine code calls in the place of the addon's own entry; see `clobbering-host.ts`. */
  readonly hostEntry?: Address;
}

/** A module in executable memory of its own, without allocator and runtime. */
export class NativeModule implements Disposable {
  readonly code: CodeHolder;
  readonly #generated: GeneratedCode;
  readonly #options: NativeOptions;
  readonly #rx: Address;
  readonly #rw: Address;
  readonly #size: number;
  /** What a host function threw. */
  #exception: unknown;

  constructor(module: IrModule, options: NativeOptions = {}) {
    this.#options = options;
    this.#generated = generate(module, runnableTarget(options.target), { check: true, ...options });
    this.code = this.#generated.code;
    this.#size = alignUp(this.code.codeSize, VirtMem.info().pageSize);
    const { rx, rw } = VirtMem.allocDualMapping(this.#size, MemoryFlags.None);
    this.#rx = rx;
    this.#rw = rw;
    VirtMem.write(rw, this.code.relocate(rx));
    VirtMem.flushInstructionCache(rx, this.#size);
  }

  /** Calls a function; booleans come back as 1 or 0. Throws {@link NativeTrap}, or what a host function threw. */
  call(name: string, args: readonly number[]): number {
    const label = this.#generated.of(name).frameEntry;
    invariant(label !== undefined, `${name} has no frame entry`);
    const { addon, frame, integers, words } = session();
    addon.setHostDispatcher(this.#dispatch);
    this.requests = 0;
    frame[FrameSlot.Entry] = addressAt(this.#rx, this.code.offsetOf(label));
    integers[FrameSlot.Trap] = 0n;
    const { fuel = 1_000_000_000n, slice = Number.MAX_SAFE_INTEGER, hostEntry } = this.#options;
    const first = fuel < slice ? fuel : BigInt(slice);
    frame[FrameSlot.FuelSlice] = slice;
    frame[FrameSlot.FuelReserve] = Number(fuel - first);
    integers[FrameSlot.Fuel] = first;
    frame.set(args, FrameSlot.Arguments);
    withHostEntry(hostEntry, () => addon.invoke());
    const trap = words[FrameSlot.Trap * 2] as number;
    if (trap === Trap.HostException) throw this.#exception;
    if (trap !== Trap.None) throw new NativeTrap(trap, words[FrameSlot.Trap * 2 + 1] as number);
    return frame[FrameSlot.Result] as number;
  }

  facts(name: string): FunctionFacts {
    return this.#generated.of(name);
  }

  /** Fuel left after the last call. */
  get fuel(): bigint {
    const { frame, integers } = session();
    return (integers[FrameSlot.Fuel] as bigint) + BigInt(frame[FrameSlot.FuelReserve] as number);
  }

  [Symbol.dispose](): void {
    VirtMem.releaseDualMapping({ rx: this.#rx, rw: this.#rw }, this.#size);
  }

  /** How often code has asked for fuel since the last call began. */
  requests = 0;

  readonly #dispatch = (): void => {
    const { frame, words } = session();
    const host = words[FrameSlot.HostCall * 2] as number;
    if (host < 0) {
      this.requests++;
      return;
    }
    const count = words[FrameSlot.HostCall * 2 + 1] as number;
    const args = [...frame.subarray(FrameSlot.Arguments, FrameSlot.Arguments + count)];
    const implementation = this.#options.hosts?.[host];
    invariant(implementation !== undefined, `no host function ${host}`);
    try {
      frame[FrameSlot.Result] = implementation(...args);
    } catch (exception) {
      this.#exception = exception;
      words[FrameSlot.Trap * 2] = Trap.HostException;
    }
  };
}

/** Compiles a module, runs `body` on it, and gives its memory back. */
export function withNative<T>(
  module: IrModule,
  options: NativeOptions,
  body: (native: NativeModule) => T,
): T {
  using native = new NativeModule(module, options);
  return body(native);
}

/** Runs `body` with another entry for host calls in the frame. */
function withHostEntry(entry: Address | undefined, body: () => void): void {
  const { integers } = session();
  const own = integers[FrameSlot.HostCallEntry] as bigint;
  if (entry !== undefined) integers[FrameSlot.HostCallEntry] = BigInt(entry);
  try {
    body();
  } finally {
    integers[FrameSlot.HostCallEntry] = own;
  }
}

/** The addon's own entry for host calls. */
export function hostCallEntry(): bigint {
  return session().integers[FrameSlot.HostCallEntry] as bigint;
}
