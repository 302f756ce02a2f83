/** Missing values: `x*y + z` over columns with bitmaps, beside a loop over the same bitmaps that V8 has compiled. */
import { type CompiledFunction, Engine } from 'exprjit';
import { compare } from './support/compare.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

const source = 'x*y + z';
const parameters = ['x', 'y', 'z'] as const;
/** The bound that this project has set itself: how many times as fast as V8's loop. */
const least = 3;

interface Column {
  readonly values: Float64Array;
  readonly validity: Uint8Array;
}

export function run(): void {
  using engine = new Engine();
  const f = engine.compile(source, parameters);
  const cells: string[][] = [];
  for (const missing of [0.01, 0.1]) {
    for (const rows of [65_536, 1_000_000]) cells.push(measure(f, rows, missing));
  }
  const title = `${source} with missing values, per row; bound: ${least}× V8's loop over the bitmaps`;
  printTable(title, ['', 'V8', 'NaN', 'to V8', 'bitmap', 'to V8'], cells);
}

function measure(f: CompiledFunction<typeof parameters>, rows: number, missing: number): string[] {
  const [x, y, z] = [column(rows, missing), column(rows, missing), column(rows, missing)];
  const columns = { x, y, z };
  const out = new Float64Array(rows);
  const bits = new Uint8Array(Math.ceil(rows / 8));
  const repeat = (body: () => void) => (iterations: number) => {
    for (let i = 0; i < iterations; i++) body();
  };
  const measurements = compare([
    { name: 'V8', run: repeat(() => loop(x, y, z, out)) },
    { name: 'NaN', run: repeat(() => f.map(columns, { out })) },
    { name: 'V8 with a bitmap', run: repeat(() => loopWithBitmap(x, y, z, out, bits)) },
    { name: 'bitmap', run: repeat(() => f.map(columns, { out, nulls: 'bitmap' })) },
  ]);
  const [v8, nan, v8Bitmap, bitmap] = measurements.map(({ nanoseconds }) => nanoseconds / rows);
  const ratio = measurements[1]?.ratio ?? Number.NaN;
  const bitmapRatio = (measurements[3]?.ratio ?? Number.NaN) / (measurements[2]?.ratio ?? Number.NaN);
  return [
    `${rows} rows, ${missing * 100} % missing`,
    formatTime(v8 ?? Number.NaN),
    formatTime(nan ?? Number.NaN),
    formatRatio(1 / ratio),
    `${formatTime(bitmap ?? Number.NaN)} (${formatTime(v8Bitmap ?? Number.NaN)})`,
    formatRatio(1 / bitmapRatio),
  ];
}

function column(rows: number, missing: number): Column {
  const values = Float64Array.from({ length: rows }, () => Math.random());
  const validity = new Uint8Array(Math.ceil(rows / 8));
  for (let row = 0; row < rows; row++) {
    if (Math.random() >= missing) validity[row >> 3] = (validity[row >> 3] as number) | (1 << (row & 7));
  }
  return { values, validity };
}

function loop(x: Column, y: Column, z: Column, out: Float64Array): void {
  const [a, b, c] = [x.values, y.values, z.values];
  const [p, q, r] = [x.validity, y.validity, z.validity];
  for (let i = 0; i < out.length; i++) {
    const byte = i >> 3;
    const bits = (p[byte] as number) & (q[byte] as number) & (r[byte] as number);
    out[i] = (bits >> (i & 7)) & 1 ? (a[i] as number) * (b[i] as number) + (c[i] as number) : Number.NaN;
  }
}

function loopWithBitmap(x: Column, y: Column, z: Column, out: Float64Array, there: Uint8Array): void {
  loop(x, y, z, out);
  for (let byte = 0; byte < there.length; byte++) {
    there[byte] = (x.validity[byte] as number) & (y.validity[byte] as number) & (z.validity[byte] as number);
  }
}
