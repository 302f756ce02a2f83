/** Sums a formula at every `stride`th of `steps` midpoints between 0 and 1, beginning with number `first`. */
import { parentPort, workerData } from 'node:worker_threads';
import { compile } from 'exprjit';

const { source, first, stride, steps } = workerData;
const f = compile(source, ['x']);
let sum = 0;
for (let step = first; step < steps; step += stride) sum += f((step + 0.5) / steps);
f.release();
parentPort?.postMessage(sum);
