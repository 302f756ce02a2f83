/** What functions that other languages and calculators have are called here. */
export const namesElsewhere: ReadonlyMap<string, string> = new Map([
  ['arccos', 'acos(x)'],
  ['arcsin', 'asin(x)'],
  ['arctan', 'atan(x)'],
  ['average', 'avg(x, y)'],
  ['ceiling', 'ceil(x)'],
  ['degrees', 'deg(x)'],
  ['fabs', 'abs(x)'],
  ['fix', 'trunc(x)'],
  ['fmod', 'x % y'],
  ['fract', 'frac(x)'],
  ['iif', 'if x then y else z'],
  ['int', 'trunc(x)'],
  ['lg', 'log10(x)'],
  ['ln', 'log(x)'],
  ['mean', 'avg(x, y)'],
  ['mix', 'lerp(a, b, t)'],
  ['mod', 'x % y'],
  ['product', 'prod(i, a, b, e)'],
  ['radians', 'rad(x)'],
  ['select', 'if x then y else z'],
  ['sgn', 'sign(x)'],
  ['signum', 'sign(x)'],
]);

const before = 'the row before is `x[index - 1]`, and two rows before `x[index - 2]`';
const running = 'what was computed in the row before is `prev(seed)`: a running sum is `prev(0) + x`';
const chance =
  'formulas give the same each time: pass it as a parameter, or give the engine a function for it';
const time = 'formulas know no time: pass it as a parameter, or give the engine a function for it';

const nothing =
  'what is missing is `nan`, or has no value in its column; `isnull(x)` and `coalesce(x, 0)` ask for the latter';

/** What values that other languages have are here, or how they are written. */
export const valuesElsewhere: ReadonlyMap<string, string> = new Map([
  ['E', "Euler's number is `e`"],
  ['infinity', 'infinity is written `inf`'],
  ['na', nothing],
  ['nil', nothing],
  ['none', nothing],
  ['null', nothing],
  ['undefined', nothing],
  ['π', 'it is written `pi`'],
  ['τ', 'it is written `tau`'],
]);

/** What there is no function for, and why. */
export const absentFunctions: ReadonlyMap<string, string> = new Map([
  ['cumprod', 'a running product is `prev(1) * x`'],
  ['cumsum', running],
  ['date', time],
  ['lag', before],
  ['lead', 'the next row is `x[index + 1]`'],
  ['now', time],
  ['rand', chance],
  ['random', chance],
  ['shift', before],
  ['time', time],
  ['today', time],
]);

/** By name and number of arguments: what functions of ours do elsewhere with so many. */
export const arityElsewhere: ReadonlyMap<string, string> = new Map([
  ['log 2', 'the logarithm to another base is a quotient: `log(x) / log(base)`'],
  ['round 2', 'to two digits that is `round(x * 100) / 100`'],
]);
