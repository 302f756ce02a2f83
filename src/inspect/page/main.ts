import { fetchDetail, fetchSnapshots, type NamedSnapshot } from './api.ts';
import { Charts } from './charts.ts';
import { formatBytes } from './format.ts';
import { FunctionTable } from './function-table.ts';
import { MemoryMap } from './memory-map.ts';

const refreshInterval = 500;

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
}

const picker = element<HTMLSelectElement>('source');
const map = new MemoryMap(
  element<HTMLCanvasElement>('map'),
  element('free-legend'),
  element('tooltip'),
  pick,
);
const charts = new Charts(element('memory-chart'), element('rate-chart'));
const table = new FunctionTable(element('functions'), element('rows'), pick);
let current: NamedSnapshot | undefined;

async function refresh(): Promise<void> {
  try {
    const snapshots = await fetchSnapshots();
    listSources(snapshots);
    current = snapshots[Math.max(picker.selectedIndex, 0)];
    if (current !== undefined) {
      showCounters(current);
      charts.add(current);
      draw(current);
    }
    element('status').textContent = current === undefined ? 'no engine yet' : '';
  } catch {
    element('status').textContent = 'the process has ended or is busy';
  }
  setTimeout(refresh, refreshInterval);
}

function draw(snapshot: NamedSnapshot): void {
  map.draw(snapshot);
  table.draw(snapshot);
}

function listSources(snapshots: readonly NamedSnapshot[]): void {
  if (picker.options.length === snapshots.length) return;
  const selected = Math.max(picker.selectedIndex, 0);
  picker.replaceChildren(...snapshots.map(({ name }) => new Option(name)));
  picker.selectedIndex = Math.min(selected, snapshots.length - 1);
}

function showCounters(snapshot: NamedSnapshot): void {
  const { memory, counters } = snapshot;
  const shown = {
    functions: snapshot.functionCount,
    compiled: counters.compiled,
    released: counters.released,
    blocks: memory.blockCount,
    used: formatBytes(memory.usedSize),
    reserved: formatBytes(memory.reservedSize),
    bookkeeping: formatBytes(memory.overheadSize),
    backend: snapshot.backend,
  };
  element('counters').replaceChildren(
    ...Object.entries(shown).map(([name, value]) => {
      const entry = document.createElement('div');
      entry.append(
        Object.assign(document.createElement('dt'), { textContent: name }),
        Object.assign(document.createElement('dd'), { textContent: String(value) }),
      );
      return entry;
    }),
  );
}

function pick(id: number): void {
  map.select(id);
  table.select(id);
  if (current !== undefined) draw(current);
  void showDetail(id);
}

async function showDetail(id: number): Promise<void> {
  const detail = await fetchDetail(Math.max(picker.selectedIndex, 0), id);
  const body = element('detail-body');
  if (detail === undefined) {
    body.textContent = 'This function was released.';
    return;
  }
  body.replaceChildren(
    ...(['source', 'listing', 'ir'] as const).flatMap((part) => [
      Object.assign(document.createElement('h2'), { textContent: part === 'ir' ? 'IR' : part }),
      Object.assign(document.createElement('pre'), { textContent: detail[part] }),
    ]),
  );
}

void refresh();
