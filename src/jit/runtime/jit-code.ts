import { type Address, addressAt } from '../../native/address.ts';
import { requireStack } from '../../support/stack-reserve.ts';
import type { CodeHolder } from '../code/code-holder.ts';
import { ReleasedError } from './released-error.ts';

/** Gives the memory of `code` back; `hasStack`: whoever calls has secured the stack for that. */
export type FreeCode = (code: JitCode, hasStack: boolean) => void;

/**
 * Machine code in executable memory, as `JitRuntime.add` hands it out.
 *
 * Whoever runs it brackets the run with `enter` and `leave`. A release while it runs takes effect for new users at
 * once, and for the memory when the last activation ends; so code that has itself released finds its way back.
 * After the release `address`, `symbol`, `enter` and `release` throw `ReleasedError`.
 */
export class JitCode {
  /** What tools call it, besides the names of its symbols. */
  readonly name: string | undefined;
  /** Bytes of the code, constants included. */
  readonly size: number;
  readonly #address: Address;
  readonly #symbols = new Map<string, Address>();
  readonly #free: FreeCode;
  #activations = 0;
  #released = false;

  /** @internal Made by `JitRuntime.add`, of flattened code. */
  constructor(address: Address, source: CodeHolder, free: FreeCode, name?: string) {
    this.name = name;
    this.size = source.codeSize;
    this.#address = address;
    for (const [name, label] of source.symbols) {
      this.#symbols.set(name, addressAt(address, source.offsetOf(label)));
    }
    this.#free = free;
  }

  /** @internal Where the code starts, or did. */
  get formerAddress(): Address {
    return this.#address;
  }

  /** Where the code starts. */
  get address(): Address {
    this.#requireLive();
    return this.#address;
  }

  /** Addresses of the named labels. */
  get symbols(): ReadonlyMap<string, Address> {
    this.#requireLive();
    return this.#symbols;
  }

  /** The address of one named label. Throws a `RangeError` if there is none. */
  symbol(name: string): Address {
    const address = this.symbols.get(name);
    if (address === undefined) throw new RangeError(`the code has no symbol ${name}`);
    return address;
  }

  /** Whether it was released; it may still be running then. */
  get released(): boolean {
    return this.#released;
  }

  /** How many runs have been entered and not left. */
  get activations(): number {
    return this.#activations;
  }

  /** Keeps the memory in place until the matching `leave`. */
  enter(): void {
    this.#requireLive();
    this.#activations++;
  }

  /** Ends an activation, and a release that waited for it; where the stack is exhausted, the runtime does that later. */
  leave(): void {
    if (this.#activations === 0) throw new RangeError('the code has been left as often as entered');
    this.#activations--;
    if (this.#released && this.#activations === 0) this.#free(this, false);
  }

  /**
   * Gives the memory back: now, or with the last `leave`. Throws `ReleasedError` the second time. Where the OS fails to
   * take the memory back, its error is thrown; the code is released all the same, and its memory goes with the runtime.
   * Where the stack is exhausted, nothing has changed.
   */
  release(): void {
    this.#requireLive();
    requireStack(1);
    this.releaseWithStack();
  }

  /** @internal As {@link release}, for those who have secured stack for one more layer than `release` needs. */
  releaseWithStack(): void {
    this.#requireLive();
    this.#released = true;
    if (this.#activations === 0) this.#free(this, true);
  }

  #requireLive(): void {
    if (this.#released) throw new ReleasedError('this code was released');
  }
}
