/** What the kernel benchmark computes, as data: every peer makes its own code from the same expressions. */

export interface KernelWorkload {
  readonly name: string;
  readonly group: 'arithmetic' | 'transcendental' | 'loops';
  /** Output names and what they are, in the language of exprjit. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Input columns, filled with values spread evenly between the two bounds. */
  readonly columns: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** Element type of the columns, `f64` unless given; arithmetic is on doubles all the same. */
  readonly columnType?: 'f32';
  /** Statements of JavaScript that set `r`, where no translation of the source is what a program would say. */
  readonly javascript?: string;
  /** The same in C. */
  readonly c?: string;
  /** Columns are the coordinates of pictures of 64 by 64 points, row by row, instead of values in no order. */
  readonly picture?: true;
  /** One number comes out instead of a column: the sum of the output. */
  readonly reduce?: 'sum';
}

const x = [-2, 2] as const;
const y = [-2, 2] as const;

function map(name: string, source: string, columns: KernelWorkload['columns'] = { x, y }): KernelWorkload {
  return { name, group: 'arithmetic', outputs: { r: source }, columns };
}

export const kernelWorkloads: readonly KernelWorkload[] = [
  map('multiply-add', 'x*y + y'),
  map('polynomial, degree 3', '((x*3 - 2)*x + 5)*x - 7 + y'),
  map(
    'polynomial, degree 8',
    '(((((((0.1*x + 0.2)*x - 0.3)*x + 0.4)*x - 0.5)*x + 0.6)*x - 0.7)*x + 0.8)*x - 0.9',
    {
      x,
    },
  ),
  map('distance, plane', 'sqrt(x*x + y*y)'),
  map('distance, space', 'sqrt((x - 1)*(x - 1) + (y - 2)*(y - 2) + (z - 3)*(z - 3))', { x, y, z: [0, 4] }),
  map('conditional', 'x < y ? x*2 : y*y - 1'),
  map('soft clip', 'x < -1 ? -1 : x > 1 ? 1 : x*(1.5 - 0.5*x*x)', { x }),
  map('rounding', 'floor(x*4 + 0.5)*0.25 + trunc(y*3) - ceil(x)'),
  map('min, max, clamp', 'clamp(x*y, -1, 1) + max(x, y) - min(x, 0.5)'),
  map('quadratic root', 'y*y < 4*x*z ? 0 : (sqrt(y*y - 4*x*z) - y) / (2*x)', {
    x: [0.5, 2],
    y: [1, 8],
    z: [0.5, 4],
  }),
  map('division chain', '1/(x + 3) + x/(y + 4)/(x + 5)'),
  map('predicate', 'abs(x - y) < 0.5 && x > 0 ? 1 : 0'),
  { ...map('float32 columns', '(x*0.5 + y*0.25)*(x - y)'), columnType: 'f32' },
  { ...map('sum of squares', '(x - y)*(x - y)'), reduce: 'sum' },
  {
    name: 'three outputs',
    group: 'arithmetic',
    outputs: { length: 'sqrt(x*x + y*y)', scaled: 'x / sqrt(x*x + y*y)', area: 'x*y*0.5' },
    columns: { x: [0.5, 2], y: [0.5, 2] },
  },
  { ...map('waves', 'sin(x)*cos(y) + exp(-x*x)'), group: 'transcendental' },
  { ...map('power, logarithm', 'pow(x, y) + log(x)', { x: [0.1, 4], y }), group: 'transcendental' },
  { ...map('polar angle', 'atan2(y, x)'), group: 'transcendental' },
  { ...map('logistic', '1/(1 + exp(-x))', { x }), group: 'transcendental' },
];

function loop(
  name: string,
  source: string,
  javascript: string,
  columns: KernelWorkload['columns'] = { x },
): KernelWorkload {
  return { name, group: 'loops', outputs: { r: source }, javascript, columns };
}

/** Loops within each row; for V8 and exprjit only. */
export const loopWorkloads: readonly KernelWorkload[] = [
  loop('sum of products', 'sum(i, 1, 20, x*i)', 'let r = 0; for (let i = 1; i <= 20; i++) r += x * i;'),
  loop('sum of quotients', 'sum(i, 1, 20, x/i)', 'let r = 0; for (let i = 1; i <= 20; i++) r += x / i;'),
  loop('sum of varying length', 'sum(i, 1, y, x*i)', 'let r = 0; for (let i = 1; i <= y; i++) r += x * i;', {
    x,
    y: [1, 20],
  }),
  {
    ...loop(
      'Mandelbrot point',
      'm(a, b, u, v, n) = n >= 50 || u*u + v*v > 4 ? n : m(a, b, u*u - v*v + a, 2*u*v + b, n + 1); m(x, y, 0, 0, 0)',
      `let r = 0, u = 0, v = 0;
       while (!(r >= 50 || u*u + v*v > 4)) { const w = u*u - v*v + x; v = 2*u*v + y; u = w; r++; }`,
      { x: [-2, 1], y: [-1.25, 1.25] },
    ),
    picture: true,
  },
  loop('remainder', 'x % y', 'const r = x % y;', { x: [-2e3, 2e3], y: [0.5, 2] }),
];

export const loopLengths: readonly number[] = [1_000, 4_096, 100_000];

export const kernelLengths: readonly number[] = [1_000, 4_096, 100_000, 10_000_000];

/** Points on a side of a picture. */
const pictureSide = 64;

/** Element `index` of a column of pictures: the first runs along a line, the second from line to line. */
export function pictureValue(index: number, column: number, [low, high]: readonly [number, number]): number {
  const place = column === 0 ? index % pictureSide : Math.floor(index / pictureSide) % pictureSide;
  return low + ((high - low) * place) / pictureSide;
}

/**
 * Element `index` of a column, the same for every peer: a hash of its place, so that no branch predictor learns
 * the sequence. `kernels-gcc.ts` and `column_values.py` have the same function in their languages.
 */
export function columnValue(index: number, column: number, [low, high]: readonly [number, number]): number {
  let hash = Math.imul(index, 0x9e3779b1) + Math.imul(column + 1, 0x85ebca77);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return low + (high - low) * (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32);
}
