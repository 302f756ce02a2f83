import type { NamedSnapshot } from '../snapshot.ts';
import { fetchDetail, fetchSnapshots } from './api.ts';
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
  { free: element('free-legend'), other: element('other-legend') },
  element('tooltip'),
  pick,
);
const charts = new Charts(element('memory-chart'), element('rate-chart'));
const table = new FunctionTable(element('functions'), element('rows'), pick);
let current: NamedSnapshot | undefined;

async function poll(): Promise<void> {
  await refresh();
  setTimeout(poll, refreshInterval);
}

async function refresh(): Promise<void> {
  try {
    const snapshots = await fetchSnapshots();
    listSources(snapshots);
    current = snapshots.find(({ id }) => String(id) === picker.value);
    if (current !== undefined) {
      showCounters(current);
      charts.add(current);
      draw(current);
    }
    element('status').textContent = current === undefined ? 'no engine to show' : '';
  } catch {
    element('status').textContent = 'the process has ended or is busy';
  }
}

function draw(snapshot: NamedSnapshot): void {
  map.draw(snapshot);
  table.draw(snapshot);
}

function listSources(snapshots: readonly NamedSnapshot[]): void {
  const listed = Array.from(picker.options, ({ value }) => value).join();
  if (listed === snapshots.map(({ id }) => id).join()) return;
  const selected = picker.value;
  picker.replaceChildren(...snapshots.map(({ id, name }) => new Option(name, String(id))));
  const stillThere = snapshots.some(({ id }) => String(id) === selected);
  if (stillThere) picker.value = selected;
  else forgetPick();
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

/** A text with what only experts look at, offsets and bytes of instructions, in the background. */
function preformatted(text: string): HTMLElement {
  const pre = document.createElement('pre');
  for (const line of text.split(/(?<=\n)/)) {
    const [, address = '', instruction = line] = /^( {2}[0-9a-f]{4} {2}[0-9a-f]+ +)(\S.*)$/s.exec(line) ?? [];
    const faint = Object.assign(document.createElement('span'), { className: 'faint', textContent: address });
    pre.append(faint, instruction);
  }
  return pre;
}

async function showDetail(id: number): Promise<void> {
  const body = element('detail-body');
  const detail = await fetchDetail(Number(picker.value), id).catch(() => null);
  if (detail === null) {
    body.textContent = 'This function was released.';
    return;
  }
  body.replaceChildren(
    ...(['source', 'listing', 'ir'] as const).flatMap((part) => [
      Object.assign(document.createElement('h2'), { textContent: part === 'ir' ? 'IR' : part }),
      preformatted(detail[part]),
    ]),
  );
}

function forgetPick(): void {
  map.select(undefined);
  table.select(undefined);
  element('detail-body').textContent = 'Click a function or a span.';
}

picker.addEventListener('change', () => {
  forgetPick();
  void refresh();
});
void poll();
