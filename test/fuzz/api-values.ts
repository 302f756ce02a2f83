/** Arguments as no caller in their right mind would pass them, and a few as they would. */
import type { Random } from '../support/random.ts';
import { columnArrays } from './column-arrays.ts';
import { detach } from './real-slots.ts';

const numbers = [
  0,
  -0,
  1,
  -1,
  2,
  3,
  7,
  16,
  64,
  100,
  255,
  256,
  4095,
  4096,
  65_536,
  2 ** 20,
  0.5,
  -4096,
  1e-300,
];
const hugeNumbers = [
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 40,
  2 ** 47,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 64,
  1e308,
  -(2 ** 53),
];
const noNumbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const strings = [
  '',
  'x',
  'f',
  'out',
  'sum',
  'f64',
  'mask',
  '__proto__',
  'constructor',
  '0',
  '\u0000',
  '💥',
  'native',
  'sse2',
];

/** Any value at all. */
export function anyValue(random: Random, depth = 0): unknown {
  switch (random.integer(0, depth > 2 ? 9 : 15)) {
    case 0:
      return undefined;
    case 1:
      return null;
    case 2:
      return random.chance(0.5);
    case 3:
      return random.pick(strings);
    case 4:
      return BigInt(random.pick([0, 1, -1, 4096]));
    case 5:
      return Symbol('any');
    case 6:
      return random.pick(noNumbers);
    case 7:
      return random.pick(hugeNumbers);
    case 8:
    case 9:
      return random.pick(numbers);
    case 10:
      return anyArray(random);
    case 11:
      return Array.from({ length: random.integer(0, 4) }, () => anyValue(random, depth + 1));
    case 12:
      return { [random.pick(strings)]: anyValue(random, depth + 1), length: anyValue(random, depth + 1) };
    case 13:
      return new Proxy(random.pick([{}, [], () => 0, new Float64Array(3)]), {});
    case 14:
      return random.pick([
        () => anyValue(random, 3),
        new Map(),
        new Date(0),
        /x/,
        new Set([1]),
        class Nothing {},
      ]);
    default:
      return { valueOf: () => random.pick(numbers) };
  }
}

/** A number, more often sensible than not. */
export function anyNumber(random: Random): number {
  const kind = random.weighted({ usual: 7, huge: 1, none: 1, close: 1 });
  if (kind === 'usual') return random.pick(numbers);
  if (kind === 'huge') return random.pick(hugeNumbers);
  return kind === 'none' ? random.pick(noNumbers) : random.integer(0, 600);
}

/** A typed array: small or longer, at times on memory of another kind, detached, or shifted in its buffer. */
export function anyArray(random: Random, length = random.pick([0, 1, 3, 7, 100, 1024, 1025])): Float64Array {
  const Constructor = random.pick(columnArrays) as unknown as Float64ArrayConstructor;
  const size = length * Constructor.BYTES_PER_ELEMENT;
  const shift = random.pick([0, 0, Constructor.BYTES_PER_ELEMENT]);
  const buffer: ArrayBuffer = random.chance(0.2)
    ? (new SharedArrayBuffer(size + shift) as unknown as ArrayBuffer)
    : Reflect.construct(ArrayBuffer, [
        size + shift,
        ...(random.chance(0.1) ? [{ maxByteLength: 2 * size + shift }] : []),
      ]);
  const array = new Constructor(buffer, shift, length).fill(3);
  if (random.chance(0.05) && buffer instanceof ArrayBuffer) detach(array);
  return array;
}

/** A column with missing values, in one of its forms; bitmaps are long enough now and then. */
export function anyNullable(random: Random, length: number): unknown {
  const bitmap = () =>
    or<unknown>(random, () => {
      const bits = new Uint8Array(random.pick([Math.ceil(length / 8) + 2, Math.ceil(length / 8) + 2, 1, 0]));
      for (let i = 0; i < bits.length; i++) bits[i] = random.integer(0, 255);
      if (random.chance(0.1)) detach(bits);
      return bits;
    });
  const offset = () => or<unknown>(random, () => random.pick([0, 0, 1, 7, 8, 15, 2 ** 31, 2 ** 53]));
  const values = () =>
    or<unknown>(random, () =>
      random.chance(0.2) ? new BigInt64Array(length).fill(2n ** 60n) : anyArray(random, length),
    );
  switch (random.integer(0, 2)) {
    case 0:
      return Array.from({ length }, () => or<unknown>(random, () => (random.chance(0.3) ? null : 3)));
    case 1:
      return { values: values(), validity: bitmap(), offset: offset() };
    default: {
      const chunk = () => ({
        length: or<unknown>(random, () => length),
        offset: offset(),
        values: values(),
        nullBitmap: bitmap(),
      });
      const typeId = or<unknown>(random, () => random.pick([2, 3, 3, 6, 10, -1]));
      return {
        type: { typeId },
        data: or<unknown>(random, () => [chunk(), ...(random.chance(0.3) ? [chunk()] : [])]),
      };
    }
  }
}

/** What is asked for, or, one time in eight, anything. */
export function or<T>(random: Random, usual: () => T): T {
  return random.chance(0.12) ? (anyValue(random) as T) : usual();
}

const sources = [
  ...[
    'x + 1',
    'x*y - 2',
    'sin(x)^2 + cos(x)^2',
    'sum(i, 1, 5, i*x)',
    'diff(x^y, x)',
    'h(x) + y',
    'x > y',
    'f(n) = n < 2 ? 1 : n*f(n - 1)\nf(x)',
    'isnull(x) ? coalesce(y, -1) : x && y',
  ],
  ...[
    'x +',
    'unknown(x)',
    '',
    'let k = 3',
    'f(x) = x',
    'f(n) = f(n + 1) + 1\nf(x)',
    'throws(x)',
    'sum(i, 1, 1e18, i)',
    'index + length',
  ],
  ...['releases(x) + x', 'disposes(x) + x', 'again(x)', 'k*x', 'g(x) = k*x', 'let k = h(2)'],
];

export function anySource(random: Random): string {
  return random.pick(sources);
}

/** Options of all kinds that calls take, mostly with values of the right kind. */
export function anyOptions(random: Random): unknown {
  if (random.chance(0.4)) return undefined;
  const options: Record<string, unknown> = {};
  if (random.chance(0.3))
    options['type'] = or(random, () => random.pick(['f64', 'f32', 'i32', 'u8', 'u8c', 'mask']));
  if (random.chance(0.3)) options['out'] = or(random, () => anyArray(random));
  if (random.chance(0.2)) options['length'] = or(random, () => anyNumber(random) % 5000);
  if (random.chance(0.2)) options['threads'] = or(random, () => random.integer(1, 4));
  if (random.chance(0.1)) options['signal'] = or(random, () => AbortSignal.abort());
  if (random.chance(0.1)) options['onProgress'] = or(random, () => () => {});
  if (random.chance(0.2)) options['nulls'] = or(random, () => random.pick(['nan', 'bitmap']));
  if (random.chance(0.1)) options['p'] = anyValue(random);
  return options;
}
