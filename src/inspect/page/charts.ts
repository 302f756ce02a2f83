import uPlot from 'uplot';
import type { NamedSnapshot } from '../snapshot.ts';
import { formatBytes } from './format.ts';

/** Samples kept: ten minutes at two a second. */
const capacity = 1200;

/** Distances between the lines that are labelled with sizes: 16 bytes to 64 GiB. */
const powersOfTwo = Array.from({ length: 33 }, (_, index) => 2 ** (index + 4));

/** Reserved and used memory, and functions compiled and released per second, while the page is open. */
export class Charts {
  readonly #time: number[] = [];
  readonly #reserved: number[] = [];
  readonly #used: number[] = [];
  readonly #compiled: number[] = [];
  readonly #released: number[] = [];
  readonly #memory: uPlot;
  readonly #rate: uPlot;
  #last: NamedSnapshot | undefined;

  constructor(memory: HTMLElement, rate: HTMLElement) {
    this.#memory = chart(memory, ['reserved', 'used'], (value) => formatBytes(value), powersOfTwo);
    this.#rate = chart(
      rate,
      ['compiled', 'released'],
      (value) => String(Math.round(value)),
      [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000],
    );
    new ResizeObserver(() => {
      for (const [plot, parent] of [
        [this.#memory, memory],
        [this.#rate, rate],
      ] as const) {
        plot.setSize(sizeOf(parent));
      }
    }).observe(memory);
  }

  /** Adds a sample; another engine than last time starts anew. */
  add(snapshot: NamedSnapshot): void {
    const last = this.#last;
    this.#last = snapshot;
    if (last === undefined || last.id !== snapshot.id) {
      for (const series of [this.#time, this.#reserved, this.#used, this.#compiled, this.#released])
        series.length = 0;
      return;
    }
    const seconds = Math.max((snapshot.time - last.time) / 1000, 0.001);
    this.#time.push(snapshot.time / 1000);
    this.#reserved.push(snapshot.memory.reservedSize);
    this.#used.push(snapshot.memory.usedSize);
    this.#compiled.push((snapshot.counters.compiled - last.counters.compiled) / seconds);
    this.#released.push((snapshot.counters.released - last.counters.released) / seconds);
    for (const series of [this.#time, this.#reserved, this.#used, this.#compiled, this.#released]) {
      if (series.length > capacity) series.shift();
    }
    this.#memory.setData([this.#time, this.#reserved, this.#used]);
    this.#rate.setData([this.#time, this.#compiled, this.#released]);
  }
}

function chart(
  parent: HTMLElement,
  names: readonly [string, string],
  format: (value: number) => string,
  steps: number[],
): uPlot {
  const ink = getComputedStyle(parent).color;
  const colours = ['#3b82f6', '#f08a4b'];
  return new uPlot(
    {
      ...sizeOf(parent),
      scales: { x: { time: false }, y: { range: (_, __, highest) => [0, Math.max(highest * 1.1, 1)] } },
      axes: [
        { stroke: ink, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
        { stroke: ink, size: 80, space: 24, incrs: steps, values: (_, ticks) => ticks.map(format) },
      ],
      series: [
        { label: 'time', value: (_, value) => (value === null ? '–' : `${value.toFixed(1)} s`) },
        ...names.map((label, index) => ({
          label,
          stroke: colours[index] ?? ink,
          width: 1.5,
          // The second line shows where both are the same.
          ...(index === 1 && { dash: [5, 3] }),
          points: { show: false },
          value: (_: uPlot, value: number | null) => (value === null ? '–' : format(value)),
        })),
      ],
    },
    [[], [], []],
    parent,
  );
}

function sizeOf(parent: HTMLElement): { width: number; height: number } {
  return {
    width: Math.max(parent.clientWidth, 200),
    height: Math.max(window.innerHeight / 2 - 150, 220) / 2,
  };
}
