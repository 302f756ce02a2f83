/**
 * Acts at the last calls that the stack allows, each with a little more of it than the one before, and catches what that
 * throws; so whatever can be cut off in the middle is. Gives the errors, to be looked at where there is stack again.
 */
export function atEndOfStack(act: () => void, times: number, every: number): unknown[] {
  const errors: unknown[] = [];
  let left = times;
  let level = 0;
  const down = (): void => {
    try {
      down();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    if (left <= 0 || level++ % every !== 0) return;
    left--;
    try {
      act();
    } catch (error) {
      errors.push(error);
    }
  };
  down();
  return errors;
}
