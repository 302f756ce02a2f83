import uPlot from 'uplot';
import type { EngineModel } from '../engine-model.ts';
import { fragmentationOf } from '../picture/fragmentation.ts';
import type { NamedUpdate } from '../snapshot.ts';
import { css, themeColour } from './colours.ts';
import { element } from './dom.ts';
import { formatBytes, formatCount, formatShare } from './format.ts';

/** Samples kept: ten minutes at two a second. */
const capacity = 1200;

/** Distances between the lines that are labelled with sizes: 16 bytes to 64 GiB. */
const powersOfTwo = Array.from({ length: 33 }, (_, index) => 2 ** (index + 4));
/** Between those with counts: 1, 2, 5, 10 and so on to 10 million. */
const decimals = Array.from({ length: 22 }, (_, index) => [1, 2, 5][index % 3] as number).map(
  (digit, index) => digit * 10 ** Math.floor(index / 3),
);

const colours = ['#3b82f6', '#e8702a'];

/** Memory, fragmentation and what is compiled and released, while the page is open. */
export class Charts {
  readonly #memory = new Chart('memory-chart', ['reserved', 'used'], formatBytes, powersOfTwo);
  readonly #rate = new Chart('rate-chart', ['compiled', 'released'], formatCount, decimals);
  readonly #fragmentation = new Chart(
    'fragmentation-chart',
    ['unused', 'scattered'],
    formatShare,
    [0.1, 0.25, 0.5],
    1,
  );
  #last: NamedUpdate | undefined;

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      for (const chart of [this.#memory, this.#rate, this.#fragmentation]) chart.redraw();
    });
  }

  /** Adds a sample; another engine than last time starts anew. */
  add({ last: now, blocks }: EngineModel): void {
    const last = this.#last;
    this.#last = now;
    if (last === undefined || last.id !== now.id) {
      for (const chart of [this.#memory, this.#rate, this.#fragmentation]) chart.clear();
      return;
    }
    const time = now.time / 1000;
    const seconds = Math.max(time - last.time / 1000, 0.001);
    this.#memory.add(time, now.memory.reservedSize, now.memory.usedSize);
    this.#rate.add(
      time,
      (now.counters.compiled - last.counters.compiled) / seconds,
      (now.counters.released - last.counters.released) / seconds,
    );
    const { unused, scattered, holes } = fragmentationOf(blocks);
    this.#fragmentation.add(time, unused, scattered);
    element('holes').textContent = `${holes.toLocaleString('en')} ${holes === 1 ? 'hole' : 'holes'}`;
  }
}

/** Two lines over time. */
class Chart {
  readonly #data: [number[], number[], number[]] = [[], [], []];
  readonly #plot: uPlot;

  constructor(
    id: string,
    names: readonly [string, string],
    format: (value: number) => string,
    steps: number[],
    highest?: number,
  ) {
    const parent = element(id);
    const ink = () => css(themeColour('faint'));
    const grid = { stroke: () => css(themeColour('grid')), width: 1 };
    this.#plot = new uPlot(
      {
        ...sizeOf(parent),
        padding: [8, 12, 0, 0],
        cursor: { y: false, points: { size: 6 } },
        scales: {
          x: { time: false },
          y: { range: (_, __, most) => [0, highest ?? Math.max(most * 1.1, 1)] },
        },
        axes: [
          {
            stroke: ink,
            grid,
            ticks: grid,
            size: 26,
            values: (_, ticks) => ticks.map((tick) => `${tick} s`),
          },
          {
            stroke: ink,
            grid,
            ticks: grid,
            size: 76,
            space: 22,
            incrs: steps,
            values: (_, ticks) => ticks.map(format),
          },
        ],
        series: [
          { label: 'time', value: (_, value) => (value === null ? '–' : `${value.toFixed(1)} s`) },
          ...names.map((label, index) => ({
            label,
            stroke: colours[index] as string,
            width: 1.5,
            // The second line shows where both are the same.
            ...(index === 1 && { dash: [5, 3] }),
            points: { show: false },
            value: (_: uPlot, value: number | null) => (value === null ? '–' : format(value)),
          })),
        ],
      },
      this.#data,
      parent,
    );
    new ResizeObserver(() => this.#plot.setSize(sizeOf(parent))).observe(parent);
  }

  add(time: number, first: number, second: number): void {
    for (const [index, value] of [time, first, second].entries()) {
      const series = this.#data[index] as number[];
      series.push(value);
      if (series.length > capacity) series.shift();
    }
    this.#plot.setData(this.#data);
  }

  clear(): void {
    for (const series of this.#data) series.length = 0;
    this.#plot.setData(this.#data);
  }

  redraw(): void {
    this.#plot.redraw();
  }
}

/** What there is beside the legend, which has a line below. */
function sizeOf(parent: HTMLElement): { width: number; height: number } {
  return { width: Math.max(parent.clientWidth, 120), height: Math.max(parent.clientHeight - 22, 60) };
}
