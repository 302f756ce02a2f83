/** What conditions take a number for: true unless it is 0 or NaN. */
export function isTrue(x: number): boolean {
  return x !== 0 && !Number.isNaN(x);
}
