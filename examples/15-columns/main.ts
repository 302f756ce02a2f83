/**
 * Sixty years of carbon dioxide in the air over Mauna Loa: gaps filled, the season told from the trend, and the rise of each year, by
 * formulas that look at other rows. `docs/columns.md` goes through it step by step, with the picture that is drawn here.
 *
 *     node --import=tsx examples/15-columns/main.ts
 *     node --import=tsx examples/15-columns/main.ts docs/img/columns.svg
 */
import { writeFileSync } from 'node:fs';
import { Engine } from 'exprjit';
import { drawChart } from './chart.ts';
import { months, ppm } from './co2.ts';

const firstYear = 1958 + 2 / 12;
const names = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
using engine = new Engine();

/** The formula in all months, by `x` in each. */
function over(x: Float64Array, formula: string): Float64Array {
  using f = engine.compile(formula, ['x']);
  return f.map({ x });
}

const gaps = ppm.filter(Number.isNaN).length;
const filled = over(ppm, 'isnan(x) ? prev(nan) : x');
// The mean of a year around each month, half of the same month on either side.
const trend = over(filled, 'sum(k, -6, 6, (abs(k) == 6 ? 0.5 : 1) * x[index + k]) / 12');
const rise = over(trend, 'x - x[index - 12]');
console.log(`${months} months, ${gaps} without a measurement`);

/** Without the months in front of the first trend or rise, and behind the last. */
const [known, risen] = [[6, -6] as const, [18, -6] as const];
using difference = engine.compile('x - y', ['x', 'y']);
const month = Int32Array.from(ppm, (_, row) => (row + 2) % 12);
const season = difference.reduceBy(
  'mean',
  { x: filled.subarray(...known), y: trend.subarray(...known) },
  { by: month.subarray(...known), groups: 12 },
);
console.log(names.map((name, index) => `${name} ${season[index]?.toFixed(2)}`).join(', '));

using itself = engine.compile('x', ['x']);
const decade = Int32Array.from(ppm, (_, row) => Math.floor(firstYear / 10 + row / 120) - 195);
const rises = itself.reduceBy(
  'mean',
  { x: rise.subarray(...risen) },
  { by: decade.subarray(...risen), groups: 8 },
);
for (const [index, mean] of rises.entries())
  if (!Number.isNaN(mean)) console.log(`${1950 + 10 * index}s: ${mean.toFixed(2)} ppm a year`);

const file = process.argv[2];
if (file !== undefined) {
  const panels = [
    {
      title: 'Carbon dioxide over Mauna Loa, ppm: each month, and the mean of a year around it',
      curves: [
        { values: ppm, color: '#669df6', width: 0.8 },
        { values: trend, color: '#174ea6', width: 1.6 },
      ],
      step: 20,
    },
    {
      title: 'Rise of that mean within a year, ppm, and its exponential average',
      curves: [
        { values: rise, color: '#e3a96b', width: 0.8 },
        {
          values: over(rise, 'isnan(prev(x)) ? x : prev(x) + 0.03*(x - prev(x))'),
          color: '#b3500a',
          width: 1.6,
        },
      ],
      step: 1,
    },
  ];
  writeFileSync(file, drawChart(panels, months, firstYear));
  console.log(`wrote ${file}`);
}
