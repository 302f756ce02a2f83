import type { EngineModel } from '../engine-model.ts';
import { create } from './dom.ts';
import { formatBytes } from './format.ts';

/** Shows what an engine holds, in numbers. */
export function showCounters(parent: HTMLElement, { last, functions }: EngineModel): void {
  const { memory, counters, backend } = last;
  const shown = {
    functions: functions.length.toLocaleString('en'),
    kernels: counters.kernels.toLocaleString('en'),
    compiled: counters.compiled.toLocaleString('en'),
    released: counters.released.toLocaleString('en'),
    blocks: memory.blockCount.toLocaleString('en'),
    used: formatBytes(memory.usedSize),
    reserved: formatBytes(memory.reservedSize),
    bookkeeping: formatBytes(memory.overheadSize),
    backend,
  };
  parent.replaceChildren(
    ...Object.entries(shown).map(([name, value]) => {
      const entry = create('div');
      entry.append(create('dt', name), create('dd', value));
      return entry;
    }),
  );
}
