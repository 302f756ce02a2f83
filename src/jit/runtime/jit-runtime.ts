import type { CollapseReport } from '../../mem/collapse.ts';
import { JitAllocator } from '../../mem/jit-allocator.ts';
import { JitAllocatorError } from '../../mem/jit-allocator-error.ts';
import { JitAllocatorOptions, ResetPolicy, requireResetPolicy } from '../../mem/jit-allocator-options.ts';
import { type JitAllocatorParams, readAllocatorParams } from '../../mem/jit-allocator-params.ts';
import type { Span } from '../../mem/span.ts';
import type { BlockRuns, Statistics } from '../../mem/statistics.ts';
import { VirtMem } from '../../mem/virt-mem.ts';
import type { VirtMemBackend } from '../../mem/virt-mem-backend.ts';
import { type Address, addressAt } from '../../native/address.ts';
import { maxArguments } from '../../native/frame.ts';
import { alignUp } from '../../support/alignment.ts';
import { describeKind } from '../../support/describe-value.ts';
import { PublicEvent } from '../../support/public-event.ts';
import { requireStack } from '../../support/stack-reserve.ts';
import type { CodeHolder } from '../code/code-holder.ts';
import { type AllocatorView, viewOf } from './allocator-view.ts';
import { type CallSignature, readSignature, type TypedCallable } from './call-signature.ts';
import { buildCallThunk, callThrough, type NumericFunction, typedCallThrough } from './call-thunk.ts';
import { JitCode } from './jit-code.ts';
import { ReleasedError } from './released-error.ts';

/** Hears of code that is in place and ready to run; `source` has its labels. */
export type AddListener = (code: JitCode, source: CodeHolder) => void;
/** Hears of code whose memory, at `address`, has been given back. */
export type ReleaseListener = (code: JitCode, address: Address) => void;

export interface RuntimeStatistics extends Statistics {
  /** Pieces of code in place. */
  readonly codeCount: number;
  /** Those of them that are released and wait for their last activation to end. */
  readonly releasedCount: number;
}

/** What the events say of code: `size` is that of the code, `allocatedSize` that of the span, both in bytes. */
interface PlacedCode {
  readonly name: string | undefined;
  readonly address: Address;
  readonly size: number;
  readonly allocatedSize: number;
}

const added = new PublicEvent<PlacedCode>('exprjit:add');
const released = new PublicEvent<PlacedCode>('exprjit:release');

/** What belongs to code in place. */
interface Placement {
  readonly span: Span;
  /** Does other code use it? Then it is in place as long as any of that may run. */
  readonly isShared: boolean;
  /** Entries from JavaScript, by symbol and arity, once there are any. They go with the code. */
  thunks: Map<string, JitCode> | undefined;
}

/**
 * Places code in executable memory and takes it away again.
 *
 * ```ts
 * const runtime = new JitRuntime();
 * const code = runtime.add(holder);           // a CodeHolder with a symbol 'add'
 * const add = runtime.callable(code, 'add', 2);
 * add(1, 2);
 * runtime.release(code);                      // from now on add(1, 2) throws ReleasedError
 * ```
 *
 * Memory is mapped twice by default (`JitAllocatorOptions.UseDualMapping`), so that no page is writable and executable at
 * once. With `reserve` in the parameters all code of the runtime stays within that many bytes, so that calls among it
 * are always direct; without, a call to what is beyond 32 bits of distance goes through memory.
 */
export class JitRuntime {
  /**
   * Where the code lies, to be looked at. It cannot be changed from here: who took memory away without the runtime's
   * knowledge would take it from under code that still has callers.
   */
  readonly allocator: AllocatorView;
  readonly #allocator: JitAllocator;
  readonly #backend: VirtMemBackend;
  readonly #placements = new Map<JitCode, Placement>();
  /** What was added to be shared: so much as there is of the math library. */
  readonly #shared: JitCode[] = [];
  readonly #addListeners = new Set<AddListener>();
  readonly #releaseListeners = new Set<ReleaseListener>();
  /** Whether code is taken: not from the moment that disposal begins, so that no listener adds what it would miss. */
  #accepting = true;
  /** All code is released, and the memory goes when the last activation ends. */
  #disposed = false;
  /** Code that has ended is being freed, or that was cut off. */
  #overdue = false;
  /** Shared code that a reset has released, and that an activation of the runtime's keeps for code which runs still. */
  readonly #held = new Set<JitCode>();

  constructor(params?: JitAllocatorParams) {
    const read = readAllocatorParams(params);
    const { options = JitAllocatorOptions.UseDualMapping, backend = VirtMem } = read;
    this.#allocator = new JitAllocator({ ...read, options, backend });
    this.allocator = viewOf(this.#allocator);
    this.#backend = backend;
  }

  /**
   * Puts `source` into executable memory. `source` can be changed or reset afterwards. `name` is for tools: profilers show
   * it with the names of the symbols.
   *
   * @throws RangeError if the code is empty, or a label is used and not bound; the allocator's errors; what a
   * listener throws. The memory is given back then.
   */
  add(source: CodeHolder, name?: string): JitCode {
    return this.#add(source, name, false);
  }

  /**
   * The same for code that other code of this runtime calls or reads: disposal, which takes code away that nobody runs, leaves it in
   * place until the last activation of any code ends.
   */
  addShared(source: CodeHolder, name?: string): JitCode {
    const code = this.#add(source, name, true);
    this.#shared.push(code);
    return code;
  }

  #add(source: CodeHolder, name: string | undefined, isShared: boolean): JitCode {
    if (!this.#accepting) throw new ReleasedError('this runtime was disposed of');
    if (this.#overdue || this.#held.size > 0) this.#freeOverdue();
    if (name !== undefined && typeof name !== 'string') {
      throw new TypeError(`name must be a string, not ${describeKind(name)}`);
    }
    const started = added.start();
    const code = this.#place(source, name, isShared);
    if (started >= 0) added.tell(started, placedCode(code, this.#requireOwn(code).span));
    try {
      for (const listener of this.#addListeners) listener(code, source);
    } catch (error) {
      throw undo(error, () => code.release());
    }
    return code;
  }

  /** Throws what `add` would throw where executable memory cannot be had; for those who have something to fall back on. */
  tryMemory(): void {
    this.#allocator.release(this.#allocator.alloc(1).rx);
  }

  /** Takes `code` away: at once, or when its last activation ends. See {@link JitCode.release}. */
  release(code: JitCode): void {
    this.#requireOwn(code);
    code.release();
  }

  /**
   * A JavaScript function that calls the machine code at `symbol` as the C function `double symbol(double…)` of `arity`
   * arguments, or as one of the types that a signature says, in the calling convention of the platform. The caller vouches for the code.
   *
   * Memory that an argument points to is kept for the length of the call.
   *
   * @throws RangeError for an impossible number of arguments; TypeError for a signature that is none.
   *
   * @example
   * const strlen = runtime.callable(code, 'strlen', { args: ['pointer'], result: 'i64' });
   * strlen(new Uint8Array([104, 105, 0])); // 2n
   */
  callable(code: JitCode, symbol: string, arity: number): NumericFunction;
  callable<const S extends CallSignature>(code: JitCode, symbol: string, signature: S): TypedCallable<S>;
  callable(code: JitCode, symbol: string, shape: number | CallSignature): unknown {
    if (typeof shape !== 'object') return this.#numericCallable(code, symbol, shape);
    const signature = readSignature(shape, maxArguments);
    const name = `${symbol}$call$${[...signature.args, signature.result].join('$')}`;
    return typedCallThrough(code, this.#thunk(code, symbol, name, signature), signature);
  }

  #numericCallable(code: JitCode, symbol: string, arity: number): NumericFunction {
    if (!Number.isInteger(arity) || arity < 0 || arity > maxArguments) {
      throw new RangeError(`arity must be an integer from 0 to ${maxArguments}, not ${arity}`);
    }
    const args = new Array<'f64'>(arity).fill('f64');
    const thunk = this.#thunk(code, symbol, `${symbol}$call${arity}`, { args, result: 'f64' });
    return callThrough(code, thunk, arity);
  }

  #thunk(code: JitCode, symbol: string, name: string, signature: CallSignature): JitCode {
    const target = code.symbol(symbol);
    const placement = this.#requireOwn(code);
    placement.thunks ??= new Map();
    const { thunks } = placement;
    let thunk = thunks.get(name);
    if (thunk === undefined || thunk.released) {
      thunk = this.add(buildCallThunk(name, target, signature));
      thunks.set(name, thunk);
    }
    return thunk;
  }

  /** Moves code that is here to stay onto huge pages; see `JitAllocator.collapse`. */
  collapse(usedRatio?: number): CollapseReport {
    return this.#allocator.collapse(usedRatio);
  }

  /** The bytes of `code` as they stand in memory. */
  read(code: JitCode): Uint8Array {
    this.#requireOwn(code);
    return this.#backend.read(code.address, code.size);
  }

  /** Calls `listener` for all code that is added from now on. Returns a function that ends this. */
  onAdd(listener: AddListener): () => void {
    this.#addListeners.add(requireFunction(listener));
    return () => this.#addListeners.delete(listener);
  }

  /** Calls `listener` for all code that goes from now on. Returns a function that ends this. */
  onRelease(listener: ReleaseListener): () => void {
    this.#releaseListeners.add(requireFunction(listener));
    return () => this.#releaseListeners.delete(listener);
  }

  /** The code in place, in the order of its arrival. */
  codes(): Iterable<JitCode> {
    return [...this.#placements.keys()];
  }

  /** @internal What of each block is in use. */
  blockRuns(): BlockRuns[] {
    return this.#allocator.blockRuns();
  }

  /** @internal Of the code in place, what {@link addShared} has put there. */
  sharedCodes(): readonly JitCode[] {
    return this.#shared.filter((code) => this.#placements.has(code));
  }

  /** What is in place at this moment. */
  statistics(): RuntimeStatistics {
    this.#freeOverdue();
    let releasedCount = 0;
    for (const code of this.#placements.keys()) if (code.released) releasedCount++;
    return { ...this.#allocator.statistics(), codeCount: this.#placements.size, releasedCount };
  }

  /**
   * Releases all code, as {@link release} does: what runs keeps its memory, and the shared code that it may call, until its
   * last activation ends. The runtime takes code as before. With `ResetPolicy.Soft` the allocator may keep a block for each
   * pool, with `ResetPolicy.Hard` none; where code runs still, both keep its blocks and one more.
   *
   * @throws RangeError for another policy, ReleasedError after disposal; what listeners and the OS threw, when all code is
   * released.
   */
  reset(policy: number = ResetPolicy.Soft): void {
    if (!this.#accepting) throw new ReleasedError('this runtime was disposed of');
    requireResetPolicy(policy);
    requireStack(2);
    const failures: unknown[] = [];
    const codes = [...this.#placements];
    for (const [code, { isShared }] of codes) {
      if (!isShared) attempt(failures, () => !code.released && code.release());
    }
    for (const [code, { isShared }] of codes) {
      if (!isShared || code.released) continue;
      code.enter();
      this.#held.add(code);
      attempt(failures, () => code.release());
    }
    attempt(failures, () => this.#letGo());
    if (this.#placements.size === 0) attempt(failures, () => this.#allocator.reset(policy));
    throwAll(failures, 'resetting the runtime failed');
  }

  /** Releases all code, and unmaps the memory when the last activation has ended. */
  [Symbol.dispose](): void {
    requireStack(2);
    const failures: unknown[] = [];
    this.#accepting = false;
    if (!this.#disposed) {
      const codes = [...this.#placements].flatMap(([code, { isShared }]) => (isShared ? [] : [code]));
      for (const code of codes) attempt(failures, () => !code.released && code.release());
      // Memory must not go from under code that can still be entered.
      this.#disposed = codes.every((code) => code.released);
      if (!this.#disposed) throwAll(failures, 'disposing of the runtime failed');
    }
    attempt(failures, () => this.#letGo());
    attempt(failures, () => this.#unmapIfIdle());
    throwAll(failures, 'disposing of the runtime failed');
  }

  #place(source: CodeHolder, name: string | undefined, isShared: boolean): JitCode {
    requireStack();
    source.flatten();
    if (source.codeSize === 0) throw new RangeError('the code is empty');
    // Spans are aligned to the allocator's granularity. Code that asks for more gets room to move, and shrinks then.
    const slack = Math.max(0, source.alignment - this.#allocator.granularity);
    let span = this.#allocator.alloc(source.codeSize + slack);
    try {
      const address = addressAt(span.rx, alignUp(span.rx, source.alignment) - span.rx);
      const image = source.relocate(address);
      this.#allocator.writeSteady(span, address - span.rx, image);
      if (slack > 0) span = this.#allocator.shrink(span, address - span.rx + image.length);
      const code = new JitCode(address, source, this.#free, name);
      this.#placements.set(code, { span, isShared, thunks: undefined });
      return code;
    } catch (error) {
      throw undo(error, () => this.#allocator.release(span.rx));
    }
  }

  readonly #free = (code: JitCode, hasStack: boolean): void => {
    const { span, thunks } = this.#requireOwn(code);
    this.#overdue = true;
    if (!hasStack) requireStack();
    const started = released.start();
    this.#releaseSpan(span);
    this.#placements.delete(code);
    this.#overdue = false;
    if (started >= 0) released.tell(started, placedCode(code, span));
    const failures: unknown[] = [];
    for (const thunk of thunks?.values() ?? []) attempt(failures, () => !thunk.released && thunk.release());
    for (const listener of this.#releaseListeners)
      attempt(failures, () => listener(code, code.formerAddress));
    if (this.#held.size > 0) attempt(failures, () => this.#letGo());
    if (this.#disposed) attempt(failures, () => this.#unmapIfIdle());
    throwAll(failures, 'the code was released, but not everything that goes with it');
  };

  /** By the span, not by its address: where an earlier attempt was cut off behind the allocator, other code may be there by now. */
  #releaseSpan(span: Span): void {
    try {
      this.#allocator.shrink(span, 0);
    } catch (error) {
      if (!(error instanceof JitAllocatorError && error.code === 'E_STALE_SPAN')) throw error;
    }
  }

  /** Ends what {@link reset} holds, unless code that was released runs still. */
  #letGo(): void {
    for (const code of this.#placements.keys()) {
      if (code.released && code.activations > (this.#held.has(code) ? 1 : 0)) return;
    }
    const failures: unknown[] = [];
    const held = [...this.#held];
    this.#held.clear();
    for (const code of held) attempt(failures, () => code.leave());
    throwAll(failures, 'shared code was not freed');
  }

  /** Frees code whose last activation ended where there was no stack to free it. */
  #freeOverdue(): void {
    this.#overdue = false;
    if (this.#held.size > 0) attempt([], () => this.#letGo());
    for (const code of this.#placements.keys()) {
      // Where the OS fails again, it has been reported, and the memory goes with the runtime.
      if (code.released && code.activations === 0) attempt([], () => this.#free(code, false));
    }
  }

  #unmapIfIdle(): void {
    for (const code of this.#placements.keys()) if (code.activations > 0) return;
    const failures: unknown[] = [];
    // What is not released yet is shared. Each release looks whether it was the last, which is settled here.
    this.#disposed = false;
    for (const code of this.codes()) attempt(failures, () => !code.released && code.release());
    this.#disposed = true;
    this.#allocator[Symbol.dispose]();
    this.#placements.clear();
    throwAll(failures, 'shared code was not released');
  }

  #requireOwn(code: JitCode): Placement {
    const placement = this.#placements.get(code);
    if (placement !== undefined) return placement;
    if (!(code instanceof JitCode)) throw new TypeError(`a JitCode is needed, not ${describeKind(code)}`);
    if (code.released) throw new ReleasedError('this code was released');
    throw new RangeError('the code was added to another runtime');
  }
}

function placedCode({ name, formerAddress, size }: JitCode, span: Span): PlacedCode {
  return { name, address: formerAddress, size, allocatedSize: span.size };
}

/** Now, and not when it is too late for whoever is told. */
function requireFunction<Listener>(listener: Listener): Listener {
  if (typeof listener === 'function') return listener;
  throw new TypeError(`a listener must be a function, not ${describeKind(listener)}`);
}

/** Takes back what was done before `error`, and returns what to throw: both, if that fails as well. */
function undo(error: unknown, takeBack: () => void): unknown {
  const failures: unknown[] = [error];
  attempt(failures, takeBack);
  return failures.length === 1
    ? error
    : new AggregateError(failures, 'adding code failed, and so did taking it back', { cause: error });
}

function attempt(failures: unknown[], action: () => unknown): void {
  try {
    action();
  } catch (error) {
    failures.push(error);
  }
}

function throwAll(failures: readonly unknown[], message: string): void {
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, message);
}
