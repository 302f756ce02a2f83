import { parentPort, workerData } from 'node:worker_threads';
import { type BusyTask, startBusyTask } from './busy-tasks.ts';

const { task, backend } = workerData as { task: BusyTask; backend: 'native' | 'interpreter' };
startBusyTask(task, backend, () => parentPort?.postMessage('started'));
