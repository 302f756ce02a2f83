export type Rgb = readonly [red: number, green: number, blue: number];

/** From low to high, each lighter than the one before, so that they can be told apart without hues too. */
const stops: readonly Rgb[] = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];

/** The colour of a share from 0 to 1. */
export function colourOf(share: number): Rgb {
  const place = share * (stops.length - 1);
  const [from = [0, 0, 0], to = from] = stops.slice(Math.floor(place));
  const mixed = (channel: 0 | 1 | 2): number =>
    Math.round(from[channel] + (to[channel] - from[channel]) * (place % 1));
  return [mixed(0), mixed(1), mixed(2)];
}

/** The colour of 256 that is nearest, in the cube of six steps for each channel that terminals have. */
export function nearestOf256([red, green, blue]: Rgb): number {
  // The steps are 0, 95, 135, 175, 215 and 255.
  const step = (value: number): number => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40));
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}
