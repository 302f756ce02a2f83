import { parentPort, workerData } from 'node:worker_threads';
import { type BusyTask, type backends, startBusyTask } from './busy-tasks.ts';

const { task, backend } = workerData as { task: BusyTask; backend: (typeof backends)[number] };
startBusyTask(task, backend, () => parentPort?.postMessage('started'));
