/** What the benchmark of columns computes, as data: each case as a formula, as a loop, and in the words of each peer that has any for it. */

export interface ColumnCase {
  readonly name: string;
  /** The formula. */
  readonly source: string;
  /** Which call it is for; `sum` of groups is that of 1,000 keys. */
  readonly way: 'map' | 'map with bitmap' | 'sum' | 'exact sum' | 'sums of groups';
  /** Columns of doubles, filled with values in no order between the two bounds. */
  readonly columns: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** The values are the logarithms of what is in the columns, to base 10. */
  readonly decades?: true;
  /** Share of the rows in which a column has no value, in each column others; each then has a bitmap. */
  readonly missing?: number;
  /**
   * JavaScript: statements over the columns by name, `bits` of each (`xBits`) if values are missing, `keys`, `n`, `out`, which has a
   * slot for each row, for each group or for the sum, and `outBits`.
   */
  readonly loop: string;
  /** Python: statements over NumPy arrays by name, with `there` for each (`x_there`), `keys`, `n` and `out`. */
  readonly numexpr?: string;
  /** SQL: a query over the table `t`, whose rows are in order, with columns by name and `k`. */
  readonly sql?: string;
  /** What the project has set itself: most times that V8's loop takes, or our plain sum, at how many rows or more. */
  readonly bound?: {
    readonly most: number;
    readonly of: 'V8 loop' | 'exprjit, plain sum';
    readonly rows?: number;
  };
}

export const groupCount = 1000;
export const columnLengths: readonly number[] = [4096, 65_536, 1_000_000];

const x = [0, 100] as const;
const window = 20;

const sumLoop = `
      let sum = 0;
      for (let i = 0; i < n; i++) sum += x[i];
      out[0] = sum;`;

const nullLoop = `
      for (let i = 0; i < n; i++) {
        const bits = xBits[i >> 3] & yBits[i >> 3] & zBits[i >> 3];
        out[i] = (bits >> (i & 7)) & 1 ? x[i]*y[i] + z[i] : NaN;
      }`;

export const columnCases: readonly ColumnCase[] = [
  {
    name: 'stencil',
    source: '(x[index-1] + 2*x + x[index+1]) / 4',
    way: 'map',
    columns: { x },
    loop: `
      out[0] = out[n - 1] = NaN;
      for (let i = 1; i < n - 1; i++) out[i] = (x[i - 1] + 2*x[i] + x[i + 1]) / 4;`,
    numexpr: `
out[0] = out[-1] = numpy.nan
evaluate('(before + 2*here + after) / 4', {'before': x[:-2], 'here': x[1:-1], 'after': x[2:]}, out[1:-1])`,
    sql: 'select (lag(x) over () + 2*x + lead(x) over ()) / 4 from t',
    bound: { most: 1 / 4, of: 'V8 loop' },
  },
  {
    name: 'exponential average',
    source: 'prev(x) + 0.1*(x - prev(x))',
    way: 'map',
    columns: { x },
    loop: `
      let before = x[0];
      for (let i = 0; i < n; i++) out[i] = before = before + 0.1*(x[i] - before);`,
    bound: { most: 1.1, of: 'V8 loop' },
  },
  {
    name: 'exponential average of dear terms',
    source: 'prev(0)*0.9 + 0.1*sin(x)*exp(y)',
    way: 'map',
    columns: { x, y: [-2, 2] },
    loop: `
      let before = 0;
      for (let i = 0; i < n; i++) out[i] = before = before*0.9 + 0.1*Math.sin(x[i])*Math.exp(y[i]);`,
    bound: { most: 1 / 2, of: 'V8 loop' },
  },
  {
    name: `mean of the last ${window} rows`,
    source: `rolling_mean(x, ${window})`,
    way: 'map',
    columns: { x },
    // Adding and subtracting lets rounding errors pile up; that is how such loops are written all the same.
    loop: `
      let sum = 0;
      for (let i = 0; i < n; i++) {
        sum += x[i];
        if (i >= ${window}) sum -= x[i - ${window}];
        out[i] = i >= ${window - 1} ? sum / ${window} : NaN;
      }`,
    sql: `select case when row_number() over () >= ${window} then avg(x) over (rows between ${window - 1} preceding and current row) end from t`,
  },
  {
    name: 'deviation from the mean',
    source: 'x - mean(x)',
    way: 'map',
    columns: { x },
    loop: `
      let sum = 0;
      for (let i = 0; i < n; i++) sum += x[i];
      const mean = sum / n;
      for (let i = 0; i < n; i++) out[i] = x[i] - mean;`,
    numexpr:
      "evaluate('x - mean', {'x': x, 'mean': numexpr.evaluate('sum(x)', local_dict={'x': x}) / n}, out)",
    sql: 'select x - (select avg(x) from t) from t',
  },
  {
    name: 'missing values',
    source: 'x*y + z',
    way: 'map',
    columns: { x, y: x, z: x },
    missing: 0.1,
    loop: nullLoop,
    numexpr:
      "evaluate('where(p & q & r, x*y + z, nan)', {'p': x_there, 'q': y_there, 'r': z_there, 'x': x, 'y': y, 'z': z, 'nan': numpy.nan}, out)",
    sql: 'select x*y + z from t',
    bound: { most: 1 / 3, of: 'V8 loop' },
  },
  {
    name: 'missing values, with a bitmap of the results',
    source: 'x*y + z',
    way: 'map with bitmap',
    columns: { x, y: x, z: x },
    missing: 0.1,
    loop: `${nullLoop}
      for (let byte = 0; byte < outBits.length; byte++) outBits[byte] = xBits[byte] & yBits[byte] & zBits[byte];`,
    bound: { most: 1 / 3, of: 'V8 loop' },
  },
  {
    name: 'sums by 1,000 keys',
    source: 'x*y',
    way: 'sums of groups',
    columns: { x, y: [-2, 2] },
    loop: `
      out.fill(0);
      for (let i = 0; i < n; i++) out[keys[i]] += x[i] * y[i];`,
    numexpr:
      "out[:] = numpy.bincount(keys, numexpr.evaluate('x*y', local_dict={'x': x, 'y': y}), minlength=len(out))",
    sql: 'select sum(x*y) from t group by k order by k',
    bound: { most: 1, of: 'V8 loop' },
  },
  {
    name: 'exact sum',
    source: 'x',
    way: 'exact sum',
    columns: { x },
    loop: sumLoop,
    sql: 'select fsum(x) from t',
    bound: { most: 4, of: 'exprjit, plain sum', rows: 1_000_000 },
  },
  {
    name: 'exact sum over 20 decades',
    source: 'x',
    way: 'exact sum',
    columns: { x: [-10, 10] },
    decades: true,
    loop: sumLoop,
    sql: 'select fsum(x) from t',
  },
];
