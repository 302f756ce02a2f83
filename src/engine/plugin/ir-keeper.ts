import type { CallTarget } from '../callables/shared-code.ts';

/**
 * Targets lead to hosts, and these may lead back to whoever calls them; so the registry does not hold on to any. Their engine does, as
 * long as it is there.
 */
const forgotten = new FinalizationRegistry<readonly WeakRef<CallTarget>[]>((targets) => {
  for (const target of targets) target.deref()?.release();
});

/** What keeps code: every function of it and its `IrCode` refer to this, and its targets do not. Who forgets it gives the memory back. */
export class IrKeeper {
  readonly targets: readonly CallTarget[];

  constructor(targets: readonly CallTarget[]) {
    this.targets = targets;
    const references = targets.map((target) => new WeakRef(target));
    forgotten.register(this, references, this);
  }

  get released(): boolean {
    return this.targets.every(({ released }) => released);
  }

  /** Where the stack is exhausted, nothing is lost: what is still there is released when nobody refers to it. */
  release(): void {
    for (const target of this.targets) target.release();
    forgotten.unregister(this);
  }
}
