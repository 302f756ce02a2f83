import type { EngineModel } from '../engine-model.ts';
import { ageScale, type ColourBy, callScale, poolsOf, type Scale } from '../picture/quantities.ts';
import {
  categoryColour,
  css,
  kernelColour,
  libraryColour,
  type Rgb,
  rampColour,
  unknownColour,
} from './colours.ts';
import { create } from './dom.ts';
import { formatCount, formatDuration } from './format.ts';

/** How functions are coloured at this moment: by a scale, or by the pool that their block belongs to. */
export type Colouring =
  | { readonly by: 'age' | 'calls'; readonly scale: Scale }
  | { readonly by: 'pool'; readonly pools: readonly number[] };

export function colouringOf(model: EngineModel, by: ColourBy): Colouring {
  if (by === 'pool') return { by, pools: poolsOf(model) };
  return { by, scale: by === 'age' ? ageScale(model) : callScale(model) };
}

/** Says what colours mean, with numbers. */
export class Legend {
  readonly #parent: HTMLElement;
  #shown = '';

  constructor(parent: HTMLElement) {
    this.#parent = parent;
  }

  draw(colouring: Colouring): void {
    const parts: Node[] = [];
    if (colouring.by === 'pool') {
      colouring.pools.forEach((granularity, index) => {
        parts.push(key(css(categoryColour(index)), `pool of ${granularity} B`));
      });
    } else {
      parts.push(scale(colouring.by, colouring.scale));
      parts.push(key(css(unknownColour), colouring.by === 'age' ? 'from before' : 'not counted'));
    }
    parts.push(
      key(css(kernelColour), 'kernel'),
      key(css(libraryColour), 'math library'),
      key('var(--other)', 'padding'),
      key('var(--free)', 'free'),
    );
    const next = create('div');
    next.append(...parts);
    // What is the same stands still.
    if (next.innerHTML === this.#shown) return;
    this.#shown = next.innerHTML;
    this.#parent.replaceChildren(...parts);
  }
}

function key(colour: string, text: string): HTMLElement {
  const made = create('span', '', 'key');
  const swatch = create('i', '', 'swatch');
  swatch.style.background = colour;
  made.append(swatch, text);
  return made;
}

/** A strip of the ramp, with marks below it. */
function scale(by: 'age' | 'calls', { marks }: Scale): HTMLElement {
  const made = create('span', '', 'scale');
  const strip = create('i', '', 'strip');
  const stops = Array.from({ length: 9 }, (_, index): Rgb => rampColour(index / 8)).map(css);
  strip.style.background = `linear-gradient(to right, ${stops.join()})`;
  made.append(create('span', by === 'age' ? 'age' : 'calls', 'name'), strip);
  for (const { at, value } of marks) {
    const mark = create(
      'span',
      by === 'age' ? formatDuration(value).replace('.0', '') : formatCount(value),
      'mark',
    );
    mark.style.left = `${(100 * at).toFixed(1)}%`;
    strip.append(mark);
  }
  return made;
}
