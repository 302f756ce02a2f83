import { Interrupted, type Run } from './interruptible.ts';

/** Milliseconds without Ctrl-C after which another is meant for the prompt, and no longer for what it interrupted. */
const pause = 300;

/** Tells Ctrl-C that is meant for the prompt from that of somebody who pressed more than once to stop what ran. */
export class InterruptWatch {
  /** As the one it was made with. */
  readonly run: Run;
  #wasInterrupted = false;
  #last = Number.NEGATIVE_INFINITY;

  constructor(compute: Run) {
    this.run = (body) => {
      try {
        return compute(body);
      } catch (error) {
        if (error instanceof Interrupted) this.#wasInterrupted = true;
        throw error;
      }
    };
  }

  /** What was interrupted before it began. */
  interrupted(): Interrupted {
    this.#wasInterrupted = true;
    return new Interrupted();
  }

  /** What ran has ended, and the next keys are for the prompt. */
  settle(): void {
    if (this.#wasInterrupted) this.#last = performance.now();
    this.#wasInterrupted = false;
  }

  /** Asked at each Ctrl-C of the prompt. */
  isMeantForWhatRan(): boolean {
    const now = performance.now();
    const isMeant = now - this.#last < pause;
    if (isMeant) this.#last = now;
    return isMeant;
  }
}
