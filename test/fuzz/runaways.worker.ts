import { parentPort, workerData } from 'node:worker_threads';
import type { BackendChoice } from '../../src/engine/backends/backend.ts';
import { runRunaways } from './runaway-cases.ts';

parentPort?.postMessage(runRunaways(workerData as BackendChoice));
