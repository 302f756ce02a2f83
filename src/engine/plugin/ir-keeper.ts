import type { CallTarget } from '../callables/shared-code.ts';

const forgotten = new FinalizationRegistry<readonly CallTarget[]>((targets) => {
  for (const target of targets) target.release();
});

/** What keeps code: every function of it and its `IrCode` refer to this, and its targets do not. Who forgets it gives the memory back. */
export class IrKeeper {
  readonly targets: readonly CallTarget[];

  constructor(targets: readonly CallTarget[]) {
    this.targets = targets;
    forgotten.register(this, targets, this);
  }

  get released(): boolean {
    return this.targets.every(({ released }) => released);
  }

  release(): void {
    forgotten.unregister(this);
    for (const target of this.targets) target.release();
  }
}
