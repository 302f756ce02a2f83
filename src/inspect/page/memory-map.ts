import type { EngineModel } from '../engine-model.ts';
import { AddressSpace } from '../picture/address-space.ts';
import { MemoryCells, type Stretch } from '../picture/memory-cells.ts';
import { type Place, placeAt } from '../picture/place.ts';
import type { ColourBy } from '../picture/quantities.ts';
import {
  categoryColour,
  css,
  kernelColour,
  libraryColour,
  type Rgb,
  rampColour,
  themeColour,
  unknownColour,
} from './colours.ts';
import { describePlace } from './describe-place.ts';
import { contextOf } from './dom.ts';
import { type Colouring, colouringOf, Legend } from './legend.ts';
import { MapView } from './map-view.ts';
import { Minimap } from './minimap.ts';

const rowHeight = 12;
const rowGap = 2;

export interface MapElements {
  readonly canvas: HTMLCanvasElement;
  readonly minimap: HTMLCanvasElement;
  readonly legend: HTMLElement;
  readonly tooltip: HTMLElement;
  /** Says what the keyboard has moved to. */
  readonly words: HTMLElement;
  readonly colourBy: HTMLSelectElement;
}

/**
 * Executable memory as rows of cells, a pixel wide each: all blocks one behind the other, or the stretch that was zoomed to. What
 * falls into one cell is added up, see {@link MemoryCells}.
 */
export class MemoryMap {
  readonly #canvas: HTMLCanvasElement;
  readonly #tooltip: HTMLElement;
  readonly #words: HTMLElement;
  readonly #colourBy: HTMLSelectElement;
  readonly #legend: Legend;
  readonly #minimap: Minimap;
  readonly #view = new MapView();
  readonly #onPick: (id: number) => void;
  #model: EngineModel | undefined;
  #space = new AddressSpace([]);
  #selected: number | undefined;
  /** Where the keyboard is. */
  #cursor: number | undefined;
  /** Where the pointer is, and whether it has moved the map. */
  #grabbed: { x: number; readonly y: number; moved: boolean } | undefined;

  constructor(elements: MapElements, onPick: (id: number) => void) {
    const { canvas, minimap, legend, tooltip, words, colourBy } = elements;
    this.#canvas = canvas;
    this.#tooltip = tooltip;
    this.#words = words;
    this.#colourBy = colourBy;
    this.#legend = new Legend(legend);
    this.#minimap = new Minimap(minimap, this.#view, () => this.redraw());
    this.#onPick = onPick;
    // What the keys do here is not what they do on a page.
    canvas.role = 'application';
    colourBy.addEventListener('change', () => this.redraw());
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    canvas.addEventListener('pointerdown', ({ offsetX, offsetY, pointerId }) => {
      this.#grabbed = { x: offsetX, y: offsetY, moved: false };
      canvas.setPointerCapture(pointerId);
    });
    canvas.addEventListener('pointerup', (event) => {
      const wasMoved = this.#grabbed?.moved === true;
      this.#grabbed = undefined;
      if (wasMoved) return;
      const position = this.#positionAt(event);
      this.#choose(this.#placeAt(position), position);
    });
    canvas.addEventListener('pointerleave', () => {
      tooltip.hidden = true;
    });
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener('keydown', (event) => this.#key(event));
    canvas.addEventListener('blur', () => {
      this.#cursor = undefined;
      this.redraw();
    });
    new ResizeObserver(() => this.redraw()).observe(canvas);
  }

  /** Marks a function, and moves to where it is. */
  select(id: number | undefined): void {
    this.#selected = id;
    const code = id === undefined ? undefined : this.#model?.code.get(id);
    const position = code === undefined ? undefined : this.#space.positionOf(code.address);
    if (position !== undefined) this.#view.reveal(position);
    this.redraw();
  }

  draw(model: EngineModel): void {
    if (model.id !== this.#model?.id) this.#view.show(0, this.#view.total);
    this.#model = model;
    this.#space = new AddressSpace(model.blocks);
    this.#view.setTotal(this.#space.size);
    this.redraw();
  }

  zoom(factor: number): void {
    const { from, size } = this.#view.stretch;
    this.#view.zoom(factor, this.#cursor ?? from + size / 2);
    this.redraw();
  }

  /** Draws what is known, again. */
  redraw(): void {
    const model = this.#model;
    if (model === undefined || this.#canvas.clientWidth === 0) return;
    const context = contextOf(this.#canvas);
    const colouring = colouringOf(model, this.#colourBy.value as ColourBy);
    this.#legend.draw(colouring);
    if (this.#space.size > 0) this.#drawCells(context, model, colouring);
    else {
      context.fillStyle = css(themeColour('faint'));
      context.font = '14px system-ui, sans-serif';
      context.fillText('This engine has no executable memory.', 8, 24);
    }
    this.#minimap.draw(model, this.#space);
  }

  get #columns(): number {
    return Math.max(Math.floor(this.#canvas.clientWidth), 1);
  }

  get #rows(): number {
    return Math.max(Math.floor((this.#canvas.clientHeight + rowGap) / (rowHeight + rowGap)), 1);
  }

  #drawCells(context: CanvasRenderingContext2D, model: EngineModel, colouring: Colouring): void {
    const columns = this.#columns;
    const rows = this.#rows;
    const quantity = colouring.by === 'pool' ? () => 0 : colouring.scale.quantity;
    const cells = new MemoryCells(model, this.#space, this.#view.stretch, columns * rows, quantity);
    const image = new ImageData(columns, rows);
    const paint = this.#painter(cells, colouring);
    for (let cell = 0; cell < columns * rows; cell++) {
      const colour = paint(cell);
      for (let i = 0; i < 3; i++) image.data[4 * cell + i] = colour[i] as number;
      image.data[4 * cell + 3] = 255;
    }
    const picture = new OffscreenCanvas(columns, rows);
    picture.getContext('2d')?.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = false;
    for (let row = 0; row < rows; row++) {
      context.drawImage(picture, 0, row, columns, 1, 0, row * (rowHeight + rowGap), columns, rowHeight);
    }
    const selected = this.#selected === undefined ? undefined : model.code.get(this.#selected);
    const position = selected && this.#space.positionOf(selected.address);
    if (selected !== undefined && position !== undefined) this.#outline(context, position, selected.size);
    if (this.#cursor !== undefined && document.activeElement === this.#canvas) {
      const { from, size } = this.#extentAt(this.#cursor);
      this.#outline(context, from, size);
    }
  }

  /** The colour of a cell: of what lies there, mixed by bytes. */
  #painter(cells: MemoryCells, colouring: Colouring): (cell: number) => Rgb {
    const [free, padding, panel] = [themeColour('free'), themeColour('other'), themeColour('panel')];
    const { blocks } = this.#space;
    const { from } = this.#view.stretch;
    const poolColour = (cell: number, pools: readonly number[]) => {
      const block = blocks[this.#space.blockIndexAt(from + cell * cells.cellSize)];
      return categoryColour(pools.indexOf(block?.granularity ?? 0));
    };
    return (cell) => {
      const known = cells.known[cell] as number;
      const unknown = cells.unknown[cell] as number;
      const kernel = cells.kernels[cell] as number;
      const library = cells.library[cell] as number;
      const code = known + unknown + kernel + library;
      const colour =
        colouring.by === 'pool'
          ? poolColour(cell, colouring.pools)
          : rampColour(known === 0 ? 0 : (cells.weighted[cell] as number) / known);
      // A floating point sum may be a little less than its parts.
      const padded = Math.max((cells.used[cell] as number) - code, 0);
      const rest = Math.max(cells.cellSize - padded - code, 0);
      const total = code + padded + rest;
      const mixed = [0, 1, 2].map(
        (i) =>
          ((colour[i] as number) * known +
            (unknownColour[i] as number) * unknown +
            (kernelColour[i] as number) * kernel +
            (libraryColour[i] as number) * library +
            (padding[i] as number) * padded +
            (free[i] as number) * rest) /
          total,
      );
      const share = cells.edges[cell] === 1 ? 0.6 : 0;
      return mixed.map((part, i) => part * (1 - share) + (panel[i] as number) * share) as unknown as Rgb;
    };
  }

  /** Draws around a range of bytes, in each row that it touches. */
  #outline(context: CanvasRenderingContext2D, position: number, size: number): void {
    const { from, size: shown } = this.#view.stretch;
    const columns = this.#columns;
    const rowBytes = shown / this.#rows;
    const ink = css(themeColour('ink'));
    const ground = css(themeColour('ground'));
    const [start, end] = [Math.max(position - from, 0), Math.min(position + size - from, shown)];
    for (let at = start; at < end; ) {
      const row = Math.floor(at / rowBytes);
      const to = Math.min(end, (row + 1) * rowBytes);
      const left = ((at - row * rowBytes) / rowBytes) * columns;
      const width = Math.max(((to - at) / rowBytes) * columns, 3);
      for (const [colour, margin] of [
        [ground, 2],
        [ink, 1],
      ] as const) {
        context.strokeStyle = colour;
        context.lineWidth = 2;
        const top = row * (rowHeight + rowGap) - margin + 1;
        context.strokeRect(left - margin + 1, top, width + 2 * margin - 2, rowHeight + 2 * margin - 2);
      }
      if (to <= at) return;
      at = to;
    }
  }

  #positionAt({ offsetX, offsetY }: { offsetX: number; offsetY: number }): number {
    const { from, size } = this.#view.stretch;
    const row = Math.min(Math.max(Math.floor(offsetY / (rowHeight + rowGap)), 0), this.#rows - 1);
    const column = Math.min(Math.max(offsetX, 0), this.#columns - 1);
    return from + ((row + column / this.#columns) * size) / this.#rows;
  }

  #cellSize(): number {
    return this.#view.stretch.size / (this.#rows * this.#columns);
  }

  #placeAt(position: number, size = Math.max(this.#cellSize(), 1)): Place | undefined {
    if (this.#model === undefined) return undefined;
    const from = Math.floor(position / size) * size;
    return placeAt(this.#model, this.#space, { from, size });
  }

  /** What is at the cursor: where pieces of code are told apart, the byte counts, so that each is reached. */
  #placeAtCursor(position: number): Place | undefined {
    return this.#cellSize() <= 64 ? this.#placeAt(position, 1) : this.#placeAt(position);
  }

  /** What the place at a position takes: a piece of code, a gap, or the cell with several. */
  #extentAt(position: number): Stretch {
    const place = this.#placeAtCursor(position);
    if (place?.kind === 'code') {
      return { from: this.#space.positionOf(place.code.address) ?? position, size: place.code.size };
    }
    if (place?.kind === 'free' || place?.kind === 'padding') {
      return { from: this.#space.positionOf(place.address) ?? position, size: Math.max(place.size, 1) };
    }
    const size = Math.max(this.#cellSize(), 1);
    return { from: Math.floor(position / size) * size, size };
  }

  #move(event: PointerEvent): void {
    const grabbed = this.#grabbed;
    if (
      grabbed !== undefined &&
      (grabbed.moved || Math.hypot(event.offsetX - grabbed.x, event.offsetY - grabbed.y) > 4)
    ) {
      const by = (grabbed.x - event.offsetX) / this.#columns / this.#rows;
      grabbed.moved = true;
      grabbed.x = event.offsetX;
      this.#view.pan(by);
      this.redraw();
    }
    this.#tell(this.#placeAt(this.#positionAt(event)), event.clientX, event.clientY);
  }

  #tell(place: Place | undefined, x: number, y: number): void {
    this.#tooltip.hidden = place === undefined;
    if (place === undefined || this.#model === undefined) return;
    this.#tooltip.textContent = describePlace(place, this.#model);
    const { offsetWidth, offsetHeight } = this.#tooltip;
    this.#tooltip.style.left = `${Math.max(Math.min(x + 12, window.innerWidth - offsetWidth - 8), 0)}px`;
    const below = y + 16;
    this.#tooltip.style.top = `${below + offsetHeight > window.innerHeight ? y - offsetHeight - 8 : below}px`;
  }

  /** Shows what a function is; goes nearer to where several are. */
  #choose(place: Place | undefined, position: number): void {
    if (place?.kind === 'code') {
      const { code } = place;
      if (code.kind !== 'library') this.#onPick(code.owner ?? code.id);
    } else if (place?.kind === 'several') {
      this.#view.zoom(1 / 8, position);
      this.#tooltip.hidden = true;
      this.redraw();
    }
  }

  #wheel(event: WheelEvent): void {
    // Where all is shown there is nothing to zoom out of, and the page scrolls.
    if (event.deltaY > 0 && this.#view.isWhole) return;
    event.preventDefault();
    if (event.shiftKey) this.#view.pan(event.deltaY / 2000);
    else this.#view.zoom(Math.exp(event.deltaY / 400), this.#positionAt(event));
    this.redraw();
    this.#tell(this.#placeAt(this.#positionAt(event)), event.clientX, event.clientY);
  }

  #key(event: KeyboardEvent): void {
    const { stretch } = this.#view;
    const cursor = this.#cursor ?? stretch.from;
    const row = stretch.size / this.#rows;
    if (event.key === 'ArrowRight') this.#cursor = this.#beside(cursor, 1);
    else if (event.key === 'ArrowLeft') this.#cursor = this.#beside(cursor, -1);
    else if (event.key === 'ArrowDown') this.#cursor = cursor + row;
    else if (event.key === 'ArrowUp') this.#cursor = cursor - row;
    else if (event.key === 'Home') this.#cursor = 0;
    else if (event.key === 'End') this.#cursor = this.#space.size - 1;
    else if (event.key === 'PageDown') this.#view.pan(0.9);
    else if (event.key === 'PageUp') this.#view.pan(-0.9);
    else if (event.key === '+' || event.key === '=') this.#view.zoom(1 / 2, cursor);
    else if (event.key === '-') this.#view.zoom(2, cursor);
    else if (event.key === '0') this.#view.show(0, this.#view.total);
    else if (event.key === 'Enter') this.#choose(this.#placeAtCursor(cursor), cursor);
    else return;
    event.preventDefault();
    if (this.#cursor !== undefined) {
      this.#cursor = Math.min(Math.max(this.#cursor, 0), Math.max(this.#space.size - 1, 0));
      if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End')
        this.#view.reveal(this.#cursor);
      const place = this.#placeAtCursor(this.#cursor);
      if (place !== undefined && this.#model !== undefined) {
        this.#words.textContent = describePlace(place, this.#model);
      }
    }
    this.redraw();
  }

  /** The place next to one, from which keys go on. */
  #beside(position: number, direction: 1 | -1): number {
    const { from, size } = this.#extentAt(position);
    return direction > 0 ? Math.max(from + size, position + 1) : Math.min(from, position) - 1;
  }
}
