import type { EngineModel } from '../engine-model.ts';
import { AddressSpace } from '../picture/address-space.ts';
import { css, rampColour, themeColour } from './colours.ts';
import { contextOf, create, element } from './dom.ts';
import { formatCount } from './format.ts';

/** Parts of memory, from low to high addresses. */
const rows = 48;

/** Samples kept: two minutes at two a second. */
const capacity = 240;

interface Sample {
  readonly time: number;
  /** By part of memory: calls in a second. */
  readonly rates: Float64Array;
}

/** Where code is hot: calls in a second by address and time, new samples at the right. */
export class HeatStrip {
  readonly #canvas = element<HTMLCanvasElement>('heat');
  readonly #legend = element('heat-legend');
  #samples: Sample[] = [];
  #engine: number | undefined;
  #lastTime = 0;

  constructor() {
    new ResizeObserver(() => this.#draw()).observe(this.#canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
    this.#canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => this.#tell(offsetX, offsetY));
  }

  add(model: EngineModel): void {
    const { time } = model.last;
    const seconds = (time - this.#lastTime) / 1000;
    this.#lastTime = time;
    if (model.id !== this.#engine) {
      this.#engine = model.id;
      this.#samples = [];
      this.#draw();
      return;
    }
    const space = new AddressSpace(model.blocks);
    const rates = new Float64Array(rows);
    for (const { code, count } of model.called) {
      // Without machine code there are no addresses; then one row stands for all.
      const position = space.positionOf(code.address) ?? 0;
      const row = Math.min(Math.floor((position / Math.max(space.size, 1)) * rows), rows - 1);
      rates[row] = (rates[row] as number) + count / Math.max(seconds, 0.001);
    }
    this.#samples.push({ time, rates });
    if (this.#samples.length > capacity) this.#samples.shift();
    this.#draw();
  }

  get #most(): number {
    let most = 1;
    for (const { rates } of this.#samples) for (const rate of rates) if (rate > most) most = rate;
    return most;
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (width === 0) return;
    const context = contextOf(this.#canvas);
    context.fillStyle = css(themeColour('free'));
    context.fillRect(0, 0, width, height);
    const most = this.#most;
    const column = width / capacity;
    this.#samples.forEach(({ rates }, index) => {
      const x = width - (this.#samples.length - index) * column;
      for (let row = 0; row < rows; row++) {
        const rate = rates[row] as number;
        if (rate === 0) continue;
        context.fillStyle = css(rampColour(Math.log1p(rate) / Math.log1p(most)));
        context.fillRect(x, (row / rows) * height, column + 0.5, height / rows + 0.5);
      }
    });
    const strip = create('i', '', 'strip');
    const stops = Array.from({ length: 9 }, (_, index) => css(rampColour(index / 8)));
    strip.style.background = `linear-gradient(to right, ${stops.join()})`;
    this.#legend.replaceChildren('1', strip, `${formatCount(most)} calls/s`);
  }

  #tell(x: number, y: number): void {
    const { clientWidth, clientHeight } = this.#canvas;
    const index = this.#samples.length - Math.ceil((clientWidth - x) / (clientWidth / capacity));
    const sample = this.#samples[index];
    const rate = sample?.rates[Math.min(Math.floor((y / clientHeight) * rows), rows - 1)] ?? 0;
    this.#canvas.title =
      sample === undefined ? '' : `${formatCount(rate)} calls/s at ${(sample.time / 1000).toFixed(1)} s`;
  }
}
