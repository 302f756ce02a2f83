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

const chance =
  'formulas give the same each time: pass it as a parameter, or give the engine a function for it';
const time = 'formulas know no time: pass it as a parameter, or give the engine a function for it';

/** What there is no function for, and why. */
export const absentFunctions: ReadonlyMap<string, string> = new Map([
  ['date', time],
  ['now', time],
  ['rand', chance],
  ['random', chance],
  ['time', time],
  ['today', time],
]);

/** By name and number of arguments: what functions of ours do elsewhere with so many. */
export const arityElsewhere: ReadonlyMap<string, string> = new Map([
  ['log 2', 'the logarithm to another base is a quotient: `log(x) / log(base)`'],
  ['round 2', 'to two digits that is `round(x * 100) / 100`'],
]);
