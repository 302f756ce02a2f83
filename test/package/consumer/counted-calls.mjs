/**
 * Whether optimised code makes fast calls of what the library creates: `counted-calls.mjs <addon of the tests> <library up to its
 * ABI>`. Prints as JSON what was counted.
 */
import { createRequire } from 'node:module';

const [testAddon, library] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { countingDoor, laterDoor, countedCalls } = require(testAddon);
const { create } = require(`${library}.abi${process.versions.modules}.node`);
const enter = create(countingDoor);

function sumOf(n) {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += enter();
  return sum;
}

const first = sumOf(1);
const cold = countedCalls();
let sum = 0;
for (let i = 0; i < 100; i++) sum += sumOf(10_000);
const hot = countedCalls();

/** Addresses of no door, or none that the library knows. */
const refused = [laterDoor, 0, -1, 1, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, 1n, '1', {}, undefined];
console.log(
  JSON.stringify({
    first,
    cold,
    sum,
    all: hot.fast + hot.slow,
    areMostFast: hot.fast > hot.slow,
    created: refused.map((door) => create(door)).filter((made) => made !== undefined),
  }),
);
