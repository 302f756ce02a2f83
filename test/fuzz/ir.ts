/**
 * `npm run fuzz:ir [-- <count>]`: random modules of IR with memory, variables and switches, each on every side and level, until
 * `count` (10,000 unless given) do what the interpreter makes of them as they are. `SEED` repeats a run, and a module is as its own seed
 * says. Ends with 1 at the first difference.
 */
import { ModuleSide, moduleSides, randomCalls, randomModuleWithMemory } from '../differential/module-side.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';

const count = Number(process.argv[2] ?? 10_000);
const seed = seedFromEnvironment();
const reportEvery = 500;

const sides = moduleSides.map((options) => new ModuleSide(options));
console.log(`SEED=${seed}, ${count} modules on ${sides.length} sides:`);
for (const { name } of sides) console.log(`  ${name}`);

let calls = 0;
for (let done = 1; done <= count; done++) {
  const own = seed + done - 1;
  const random = new Random(own);
  const module = randomModuleWithMemory(random);
  const wanted = randomCalls(module, random);
  for (const side of sides) {
    for (const level of [0, 1] as const) {
      const difference = side.differenceOf(module, level, wanted);
      if (difference === undefined) continue;
      console.error(`SEED=${own} npm run fuzz:ir -- 1\n${difference}`);
      process.exit(1);
    }
  }
  calls += wanted.length;
  if (done % reportEvery === 0 || done === count) console.log(`${done} modules agree: ${calls} calls`);
}
for (const side of sides) side[Symbol.dispose]();
