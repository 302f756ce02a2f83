/**
 * A formula from the command line, evaluated for every day of four years of weather in Seattle.
 *
 *     node --import=tsx examples/02-weather/main.ts '(temp_max - temp_min) / 2'
 *     node --import=tsx examples/02-weather/main.ts 'temp_max > 30 && precipitation == 0'
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { CompileError, compile } from 'exprjit';

const columns = ['precipitation', 'temp_max', 'temp_min', 'wind'] as const;
type Day = Record<'date' | (typeof columns)[number], string>;

/** vega-datasets exports a module for browsers; its data lies beside it. */
function readDays(): Day[] {
  const module = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(dirname(module), '..', 'data', 'seattle-weather.csv');
  return parse<Day>(readFileSync(file), { columns: true });
}

function summarize(source: string): void {
  using formula = compile(source, columns);
  const days = readDays();
  const values = days.map((day) =>
    formula(Number(day.precipitation), Number(day.temp_max), Number(day.temp_min), Number(day.wind)),
  );
  console.log(`${source}, ${days.length} days from ${days[0]?.date} to ${days.at(-1)?.date}`);
  if (formula.resultType === 'boolean') {
    const matching = days.filter((_, index) => values[index] !== 0);
    console.log(`true on ${matching.length} days, the first ${matching[0]?.date ?? 'never'}`);
    return;
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const extreme = (value: number) => `${value.toFixed(2)} on ${days[values.indexOf(value)]?.date}`;
  console.log(`mean ${mean.toFixed(2)}`);
  console.log(`min  ${extreme(Math.min(...values))}`);
  console.log(`max  ${extreme(Math.max(...values))}`);
}

const source = process.argv[2] ?? '(temp_max + temp_min) / 2';
try {
  summarize(source);
} catch (error) {
  if (!(error instanceof CompileError)) throw error;
  console.error(`${error.render()}\nThe columns are ${columns.join(', ')}.`);
  process.exitCode = 1;
}
