/** Colours of pictures. Those of the page itself, greys among them, are the style sheet's. */

export type Rgb = readonly [red: number, green: number, blue: number];

/** From 0 to 1: blue to yellow by way of red, which differ in lightness too. */
const ramp: readonly Rgb[] = [
  [52, 74, 158],
  [124, 70, 160],
  [205, 72, 120],
  [240, 128, 62],
  [248, 196, 64],
];

/** Of pools, by ascending granularity; told apart also by those who see few colours. */
const categories: readonly Rgb[] = [
  [68, 119, 170],
  [238, 102, 119],
  [34, 136, 51],
  [204, 187, 68],
  [102, 204, 238],
  [170, 51, 119],
];

export const kernelColour: Rgb = [0, 158, 150];
export const libraryColour: Rgb = [140, 120, 70];
/** Of functions that lack the quantity. */
export const unknownColour: Rgb = [132, 142, 158];

export function rampColour(value: number): Rgb {
  const place = Math.min(Math.max(value, 0), 1) * (ramp.length - 1);
  const index = Math.min(Math.floor(place), ramp.length - 2);
  const low = ramp[index] as Rgb;
  const high = ramp[index + 1] as Rgb;
  const share = place - index;
  return [0, 1, 2].map(
    (i) => (low[i] as number) * (1 - share) + (high[i] as number) * share,
  ) as unknown as Rgb;
}

export function categoryColour(index: number): Rgb {
  return categories[index % categories.length] as Rgb;
}

export function css([red, green, blue]: Rgb): string {
  return `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)})`;
}

/** A colour of the style sheet, as it is now. */
export function themeColour(name: string): Rgb {
  const probe = document.createElement('i');
  probe.style.color = `var(--${name})`;
  probe.hidden = true;
  document.body.append(probe);
  const numbers = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
  probe.remove();
  return [Number(numbers[0] ?? 0), Number(numbers[1] ?? 0), Number(numbers[2] ?? 0)];
}
