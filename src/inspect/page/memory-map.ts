import type { BlockSnapshot, FunctionSnapshot, NamedSnapshot } from '../snapshot.ts';
import { colourOf, formatAddress, formatAge, formatBytes, formatCalls } from './format.ts';

const rowHeight = 14;
const rowGap = 2;
const labelHeight = 18;

/** A piece of the canvas that stands for a run of memory. */
interface Cell {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly block: BlockSnapshot;
  readonly offset: number;
  readonly size: number;
  readonly owner: FunctionSnapshot | 'free' | 'other';
}

/**
 * Every block as rows of memory in address order: free in grey, used in the colour of the function that lives there or,
 * if that is none of those listed, in a darker grey. A large block takes several rows, each of the same number of bytes.
 */
export class MemoryMap {
  readonly #canvas: HTMLCanvasElement;
  readonly #tooltip: HTMLElement;
  /** Show what the greys mean; their colours are the style sheet's. */
  readonly #legend: { readonly free: HTMLElement; readonly other: HTMLElement };
  #cells: Cell[] = [];
  #time = 0;
  #selected: number | undefined;

  constructor(
    canvas: HTMLCanvasElement,
    legend: { readonly free: HTMLElement; readonly other: HTMLElement },
    tooltip: HTMLElement,
    onPick: (id: number) => void,
  ) {
    this.#canvas = canvas;
    this.#legend = legend;
    this.#tooltip = tooltip;
    canvas.addEventListener('mousemove', (event) => this.#hover(event));
    canvas.addEventListener('mouseleave', () => {
      tooltip.hidden = true;
    });
    canvas.addEventListener('click', (event) => {
      const owner = this.#at(event)?.owner;
      if (typeof owner === 'object') onPick(owner.id);
    });
  }

  select(id: number | undefined): void {
    this.#selected = id;
  }

  draw(snapshot: NamedSnapshot): void {
    this.#time = snapshot.time;
    const width = this.#canvas.clientWidth;
    const rowBytes = bytesInRow(snapshot.blocks, width);
    const owners = [...snapshot.functions].sort((a, b) => a.address - b.address);
    this.#cells = [];
    const labels: { y: number; text: string }[] = [];
    let y = 0;
    for (const block of snapshot.blocks) {
      const used = block.runs.reduce((sum, [, size]) => sum + size, 0);
      const share = Math.round((100 * used) / block.size);
      labels.push({
        y,
        text: `pool of ${block.granularity} B  ·  ${formatAddress(block.address)}  ·  ${formatBytes(block.size)}  ·  ${share} % used`,
      });
      y += labelHeight;
      this.#lay(block, owners, y, width, rowBytes);
      y += Math.ceil(block.size / rowBytes) * (rowHeight + rowGap) + rowGap * 3;
    }
    this.#paint(width, Math.max(y, labelHeight), labels);
  }

  #lay(
    block: BlockSnapshot,
    owners: readonly FunctionSnapshot[],
    top: number,
    width: number,
    rowBytes: number,
  ): void {
    const place = (offset: number, size: number, owner: Cell['owner']): void => {
      for (let at = offset; at < offset + size; ) {
        const row = Math.floor(at / rowBytes);
        const end = Math.min(offset + size, (row + 1) * rowBytes);
        this.#cells.push({
          x: ((at - row * rowBytes) / rowBytes) * width,
          y: top + row * (rowHeight + rowGap),
          width: ((end - at) / rowBytes) * width,
          block,
          offset,
          size,
          owner,
        });
        at = end;
      }
    };
    let free = 0;
    for (const [offset, size] of block.runs) {
      if (offset > free) place(free, offset - free, 'free');
      let at = offset;
      for (const owner of within(owners, block.address + offset, block.address + offset + size)) {
        const start = owner.address - block.address;
        if (start > at) place(at, start - at, 'other');
        place(start, owner.size, owner);
        at = start + owner.size;
      }
      if (offset + size > at) place(at, offset + size - at, 'other');
      free = offset + size;
    }
    if (block.size > free) place(free, block.size - free, 'free');
  }

  #paint(width: number, height: number, labels: readonly { y: number; text: string }[]): void {
    const scale = window.devicePixelRatio;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    this.#canvas.style.height = `${height}px`;
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    context.scale(scale, scale);
    const ink = getComputedStyle(this.#canvas).color;
    const greys = {
      free: getComputedStyle(this.#legend.free).backgroundColor,
      other: getComputedStyle(this.#legend.other).backgroundColor,
    };
    context.font = '12px system-ui, sans-serif';
    context.fillStyle = ink;
    for (const { y, text } of labels) context.fillText(text, 0, y + 12);
    for (const cell of this.#cells) {
      context.fillStyle = typeof cell.owner === 'object' ? colourOf(cell.owner.id) : greys[cell.owner];
      context.fillRect(cell.x, cell.y, Math.max(cell.width - 0.5, 0.5), rowHeight);
      if (typeof cell.owner === 'object' && cell.owner.id === this.#selected) {
        context.strokeStyle = ink;
        context.strokeRect(cell.x + 0.5, cell.y + 0.5, Math.max(cell.width - 1.5, 1), rowHeight - 1);
      }
    }
  }

  #hover(event: MouseEvent): void {
    const cell = this.#at(event);
    this.#tooltip.hidden = cell === undefined;
    if (cell === undefined) return;
    const { owner } = cell;
    const where = `${formatBytes(cell.size)} at ${formatAddress(cell.block.address + cell.offset)}`;
    if (owner === 'free') this.#tooltip.textContent = `free: ${where}`;
    else if (owner === 'other') this.#tooltip.textContent = `padding, or code that is not listed: ${where}`;
    else this.#tooltip.textContent = describe(owner, this.#time);
    this.#tooltip.style.left = `${Math.min(event.clientX + 12, window.innerWidth - 300)}px`;
    this.#tooltip.style.top = `${event.clientY + 16}px`;
  }

  #at(event: MouseEvent): Cell | undefined {
    const { offsetX: x, offsetY: y } = event;
    return this.#cells.find(
      (cell) => x >= cell.x && x < cell.x + cell.width && y >= cell.y && y < cell.y + rowHeight,
    );
  }
}

function describe(owner: FunctionSnapshot, time: number): string {
  const size = `${formatBytes(owner.size)} at ${formatAddress(owner.address)}`;
  return `${owner.name}\n${size}\nage ${formatAge(time, owner.born)}, calls ${formatCalls(owner.calls)}`;
}

/** A power of two such that rows are neither empty nor many. */
function bytesInRow(blocks: readonly BlockSnapshot[], width: number): number {
  const total = blocks.reduce((sum, block) => sum + block.size, 0);
  const bytesInPixel = Math.max(total / 48 / Math.max(width, 1), 8);
  return 2 ** Math.round(Math.log2(bytesInPixel * Math.max(width, 1)));
}

/** The functions in an address range, out of a list in address order. */
function within(
  owners: readonly FunctionSnapshot[],
  start: number,
  end: number,
): readonly FunctionSnapshot[] {
  let low = 0;
  let high = owners.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const owner = owners[middle];
    if (owner !== undefined && owner.address < start) low = middle + 1;
    else high = middle;
  }
  let last = low;
  for (let owner = owners[last]; owner !== undefined && owner.address < end; owner = owners[last]) last++;
  return owners.slice(low, last);
}
