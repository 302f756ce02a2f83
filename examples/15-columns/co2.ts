import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// vega-datasets exports a module for browsers; its data lies beside it.
const module = pathToFileURL(createRequire(import.meta.url).resolve('vega-datasets'));
const file = new URL('../data/co2-concentration.csv', module);

/** March 1958 to April 2020. */
export const months = 746;
/** Carbon dioxide in the air over Mauna Loa, parts per million; NaN in months without a measurement. */
export const ppm = new Float64Array(months).fill(Number.NaN);
for (const line of readFileSync(file, 'utf8').trim().split('\n').slice(1)) {
  const [date = '', value] = line.split(',');
  const [year, month] = date.split('-').map(Number);
  ppm[12 * (Number(year) - 1958) + Number(month) - 3] = Number(value);
}
