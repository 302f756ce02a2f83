import { EngineModel } from '../engine-model.ts';
import type { NamedUpdate } from '../snapshot.ts';
import { fetchUpdates } from './api.ts';
import { Charts } from './charts.ts';
import { showCounters } from './counters.ts';
import { Detail } from './detail.ts';
import { element } from './dom.ts';
import { FunctionTable } from './function-table.ts';
import { HeatStrip } from './heat-strip.ts';
import { listenToKeys } from './keyboard.ts';
import { MemoryMap } from './memory-map.ts';

const refreshInterval = 500;

const picker = element<HTMLSelectElement>('source');
const pauseButton = element<HTMLButtonElement>('pause');
const map = new MemoryMap(
  {
    canvas: element<HTMLCanvasElement>('map'),
    minimap: element<HTMLCanvasElement>('minimap'),
    legend: element('legend'),
    tooltip: element('tooltip'),
    words: element('map-words'),
    colourBy: element<HTMLSelectElement>('colour-by'),
  },
  pick,
);
const charts = new Charts();
const heat = new HeatStrip();
const table = new FunctionTable(pick);
const detail = new Detail(() => mark(undefined));
/** By engine, what is known of it. */
const models = new Map<number, EngineModel>();
let isPaused = false;

async function poll(): Promise<void> {
  if (!isPaused) await refresh();
  setTimeout(poll, refreshInterval);
}

async function refresh(): Promise<void> {
  try {
    const updates = await fetchUpdates(models.values());
    // Who paused meanwhile wants to see what was there.
    if (isPaused) return;
    for (const update of updates) take(update);
    const there = new Set(updates.map(({ id }) => id));
    for (const id of models.keys()) if (!there.has(id)) models.delete(id);
    listEngines(updates);
    show(true);
    element('status').textContent = models.size === 0 ? 'no engine to show' : '';
  } catch (error) {
    element('status').textContent = 'the process has ended or is busy';
    // Failures to connect are the process's, all others this page's.
    if (!(error instanceof TypeError && error.message.includes('fetch'))) console.error(error);
  }
}

function take(update: NamedUpdate): void {
  const model = models.get(update.id);
  if (model === undefined) models.set(update.id, new EngineModel(update));
  else model.apply(update);
}

function chosen(): EngineModel | undefined {
  return models.get(Number(picker.value));
}

function show(isNews: boolean): void {
  const model = chosen();
  if (model === undefined) return;
  showCounters(element('counters'), model);
  if (isNews) {
    charts.add(model);
    heat.add(model);
  }
  map.draw(model);
  table.draw(model);
}

function listEngines(updates: readonly NamedUpdate[]): void {
  const listed = Array.from(picker.options, ({ value }) => value).join();
  if (listed === updates.map(({ id }) => id).join()) return;
  const selected = picker.value;
  picker.replaceChildren(...updates.map(({ id, name }) => new Option(name, String(id))));
  if (updates.some(({ id }) => String(id) === selected)) picker.value = selected;
  else detail.close();
}

function pick(id: number): void {
  const model = chosen();
  if (model === undefined) return;
  mark(id);
  void detail.open(model, id);
}

function mark(id: number | undefined): void {
  map.select(id);
  table.select(id);
}

function pause(): void {
  isPaused = !isPaused;
  pauseButton.setAttribute('aria-pressed', String(isPaused));
  element('status').textContent = isPaused ? 'paused' : '';
}

picker.addEventListener('change', () => {
  detail.close();
  show(false);
});
pauseButton.addEventListener('click', pause);
element('zoom-in').addEventListener('click', () => map.zoom(1 / 2));
element('zoom-out').addEventListener('click', () => map.zoom(2));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => map.redraw());
listenToKeys({
  pause,
  search: () => element('search').focus(),
  close: () => detail.close(),
  zoom: (factor) => map.zoom(factor),
});
void poll();
