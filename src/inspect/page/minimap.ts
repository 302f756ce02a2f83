import type { EngineModel } from '../engine-model.ts';
import type { AddressSpace } from '../picture/address-space.ts';
import { MemoryCells } from '../picture/memory-cells.ts';
import { css, type Rgb, themeColour } from './colours.ts';
import { contextOf } from './dom.ts';
import type { MapView } from './map-view.ts';

/** Pixels around an end of the brush in which a drag moves that end. */
const grip = 6;

/** All of memory in one strip, with a brush over what the map shows: to be dragged, resized, or drawn anew. */
export class Minimap {
  readonly #canvas: HTMLCanvasElement;
  readonly #view: MapView;
  readonly #onChange: () => void;
  #drag: ((x: number) => void) | undefined;

  constructor(canvas: HTMLCanvasElement, view: MapView, onChange: () => void) {
    this.#canvas = canvas;
    this.#view = view;
    this.#onChange = onChange;
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.#drag = this.#dragFrom(event.offsetX);
    });
    canvas.addEventListener('pointermove', (event) => {
      this.#drag?.(event.offsetX);
      if (this.#drag !== undefined) onChange();
      canvas.style.cursor = this.#cursorAt(event.offsetX);
    });
    canvas.addEventListener('pointerup', () => {
      this.#drag = undefined;
    });
    canvas.addEventListener('dblclick', () => {
      view.show(0, view.total);
      onChange();
    });
    canvas.addEventListener('keydown', (event) => this.#key(event));
  }

  draw(model: EngineModel, space: AddressSpace): void {
    const context = contextOf(this.#canvas);
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const free = themeColour('free');
    const ink = themeColour('ink');
    context.fillStyle = css(free);
    context.fillRect(0, 0, width, height);
    if (space.size === 0) return;
    const cells = new MemoryCells(model, space, { from: 0, size: space.size }, width, () => undefined);
    for (let x = 0; x < width; x++) {
      const share = Math.min((cells.used[x] as number) / cells.cellSize, 1);
      if (share === 0) continue;
      context.fillStyle = css(mixed(free, themeAccent, 0.15 + 0.85 * share));
      context.fillRect(x, 2, 1, height - 4);
    }
    // Where blocks begin.
    context.fillStyle = css(ink);
    if (space.blocks.length < width / 8) {
      for (const start of space.starts.slice(1)) context.fillRect((start / space.size) * width, 0, 1, height);
    }
    const [left, right] = this.#brush();
    context.globalAlpha = 0.45;
    context.fillStyle = css(themeColour('panel'));
    context.fillRect(0, 0, left, height);
    context.fillRect(right, 0, width - right, height);
    context.globalAlpha = 1;
    context.strokeStyle = css(themeColour('accent'));
    context.lineWidth = 2;
    context.strokeRect(left + 1, 1, Math.max(right - left - 2, 1), height - 2);
    const { from, size } = this.#view.stretch;
    this.#canvas.setAttribute(
      'aria-valuenow',
      String(Math.round((100 * from) / Math.max(space.size - size, 1))),
    );
  }

  #brush(): [left: number, right: number] {
    const { stretch, total } = this.#view;
    const width = this.#canvas.clientWidth;
    const left = (stretch.from / Math.max(total, 1)) * width;
    return [left, Math.max((stretch.size / Math.max(total, 1)) * width + left, left + 2)];
  }

  #dragFrom(start: number): (x: number) => void {
    const view = this.#view;
    const { from, size } = view.stretch;
    const [left, right] = this.#brush();
    const bytes = view.total / Math.max(this.#canvas.clientWidth, 1);
    if (Math.abs(start - left) <= grip)
      return (x) => view.show(Math.min(x * bytes, from + size), from + size - x * bytes);
    if (Math.abs(start - right) <= grip) return (x) => view.show(from, x * bytes - from);
    if (start > left && start < right && !view.isWhole)
      return (x) => view.show(from + (x - start) * bytes, size);
    return (x) => view.show(Math.min(x, start) * bytes, Math.abs(x - start) * bytes);
  }

  #cursorAt(x: number): string {
    const [left, right] = this.#brush();
    if (Math.abs(x - left) <= grip || Math.abs(x - right) <= grip) return 'ew-resize';
    return x > left && x < right && !this.#view.isWhole ? 'grab' : 'crosshair';
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'ArrowLeft') this.#view.pan(-0.25);
    else if (event.key === 'ArrowRight') this.#view.pan(0.25);
    else if (event.key === 'Home') this.#view.show(0, this.#view.stretch.size);
    else if (event.key === 'End') this.#view.show(this.#view.total, this.#view.stretch.size);
    else return;
    event.preventDefault();
    this.#onChange();
  }
}

const themeAccent: Rgb = [86, 128, 190];

function mixed(a: Rgb, b: Rgb, share: number): Rgb {
  return [0, 1, 2].map((i) => (a[i] as number) * (1 - share) + (b[i] as number) * share) as unknown as Rgb;
}
