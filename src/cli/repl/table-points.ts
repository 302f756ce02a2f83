import { formatResult } from '../format-result.ts';
import type { Range } from '../plot/range.ts';
import { BadArgument } from './repl-command.ts';

/** Rows that a table may have. */
const mostRows = 1000;

/** Parts of a step by which the last point may lie beyond the range, as that of `0 2*pi pi/4` does. */
const tolerance = 1_000_000_000n;

/**
 * The points of a table: multiples of the step as one would write them, 0.3 and not 0.1 + 0.1 + 0.1, computed in decimal
 * digits. So what is printed is the number at which is computed, to the last bit.
 *
 * @throws BadArgument for steps that lead nowhere, and for too many rows.
 */
export function tablePoints({ low, high }: Range, step: number): number[] {
  if (!(step > 0 && Number.isFinite(step))) {
    throw new BadArgument(`the step must be a number above zero, not ${formatResult(step)}`);
  }
  const digits = Math.max(...[low, high, step].map((value) => decimalOf(value).places));
  const [first, last, stride] = [low, high, step].map((value) => scaled(value, digits)) as [
    bigint,
    bigint,
    bigint,
  ];
  const count = (last - first + stride / tolerance) / stride + 1n;
  if (count > mostRows)
    throw new BadArgument(`that would be ${formatResult(Number(count))} rows; at most ${mostRows} are shown`);
  const points = Array.from({ length: Number(count) }, (_, index) =>
    Number(`${first + BigInt(index) * stride}e${-digits}`),
  ).filter(Number.isFinite); // what the tolerance lets in may lie beyond the largest double
  const stuck = points.find((x, index) => x === points[index + 1]);
  if (stuck !== undefined) {
    throw new BadArgument(`the step is too small: after ${formatResult(stuck)} comes the same number again`);
  }
  return points;
}

/** The shortest decimal that is read as `value`, as a whole number over a power of ten. */
function decimalOf(value: number): { readonly unscaled: bigint; readonly places: number } {
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return { unscaled: BigInt(whole + fraction), places: fraction.length - Number(exponent) };
}

function scaled(value: number, digits: number): bigint {
  const { unscaled, places } = decimalOf(value);
  return unscaled * 10n ** BigInt(digits - places);
}
