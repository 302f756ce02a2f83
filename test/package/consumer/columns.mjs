// Missing values, integers of 64 bits and, where the runtime has such arrays, floats of 16.
import { compile } from 'exprjit';

const f = compile('x + y', ['x', 'y']);
const { values, validity } = f.map(
  { x: [1, null, 3], y: BigInt64Array.of(2n ** 53n + 1n, 5n, 6n) },
  { nulls: 'bitmap' },
);
const integers = f.map({ x: [0.5, -1.5], y: 2 ** 40 }, { type: 'u64' });
const half = 1 + 2 ** -11 + 2 ** -40;
const halves =
  typeof Float16Array === 'undefined'
    ? [1 + 2 ** -10, 2]
    : [...f.map({ x: Float16Array.of(0, 0.5), y: [half, 1.5] }, { type: 'f16' })];
console.log(JSON.stringify([[...values], [...validity], [...integers].map(String), halves]));
