/** Code of a caller's that waits for its moment: it acts when it has been reached so many times, and not from within itself. */
export class Trigger {
  /** How often it was reached, and how often it acted. */
  reached = 0;
  acted = 0;
  readonly #act: () => void;
  readonly #first: number;
  readonly #most: number;
  #isArmed = false;

  /** Acts when it is reached for the `first` time and after that, `most` times in all. */
  constructor(act: () => void, first: number, most: number) {
    this.#act = act;
    this.#first = first;
    this.#most = most;
  }

  /** Reaches nothing before this, and after {@link disarm}. */
  arm(): void {
    this.#isArmed = true;
  }

  disarm(): void {
    this.#isArmed = false;
  }

  get isArmed(): boolean {
    return this.#isArmed;
  }

  /** To be put wherever code can run. Uses nothing that could be patched. */
  readonly fire = (): void => {
    if (!this.#isArmed) return;
    this.reached++;
    if (this.reached < this.#first || this.acted >= this.#most) return;
    this.#isArmed = false;
    this.acted++;
    try {
      this.#act();
    } finally {
      this.#isArmed = true;
    }
  };
}
