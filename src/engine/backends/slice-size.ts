/** In milliseconds: short enough that nobody notices. */
const sliceTime = 8;
const firstSlice = 64;

/** How many rows of a run compute before whatever else waits has its turn: as many as take about {@link sliceTime}. */
export class SliceSize {
  rows: number;
  readonly #least: number;

  /** `least` rows are computed in any case; it begins there if rows are not known to be quick. */
  constructor(least: number, areQuick: boolean) {
    this.#least = least;
    this.rows = areQuick ? Math.max(firstSlice, least) : least;
  }

  /** So many milliseconds took the last rows. */
  took(time: number): void {
    if (time < sliceTime / 2) this.rows *= 2;
    else if (time > sliceTime * 2) this.rows = Math.max(this.#least, this.rows / 2);
  }
}
