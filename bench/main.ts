/**
 * `npm run bench` runs every benchmark, `npm run bench -- call compile` those named. A benchmark is a module
 * `<name>.bench.ts` that exports `run(flags)`; flags, such as `--chart`, go to each.
 */
import { readdirSync } from 'node:fs';
import { cpus } from 'node:os';

interface Benchmark {
  /** Measures and prints. */
  run(flags: readonly string[]): void | Promise<void>;
}

const suffix = '.bench.ts';
const available = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length))
  .sort();

const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = wanted.filter((name) => !available.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark named ${unknown.join(', ')}. There are: ${available.join(', ')}.`);
  process.exit(2);
}

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores`);
for (const name of wanted.length > 0 ? wanted : available) {
  const benchmark = (await import(`./${name}${suffix}`)) as Benchmark;
  await benchmark.run(flags);
}
