export type Paint = (text: string) => string;

/** Ways to set off text on a terminal. */
export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly magenta: Paint;
  readonly cyan: Paint;
}

/** What switches each style on and off (ECMA-48, Select Graphic Rendition). */
const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const satisfies Record<keyof Palette, readonly [number, number]>;

function palette(paint: (on: number, off: number) => Paint): Palette {
  const entries = Object.entries(codes).map(([name, [on, off]]) => [name, paint(on, off)]);
  return Object.freeze(Object.fromEntries(entries) as Record<keyof Palette, Paint>);
}

export const plain: Palette = palette(() => (text) => text);

export const coloured: Palette = palette(
  (on, off) => (text) => (text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`),
);

type Environment = Readonly<Record<string, string | undefined>>;

/** `FORCE_COLOR` decides (0 and false: none), then `NO_COLOR` and a terminal that is `dumb`, then whether it is a terminal. */
export function paletteFor(stream: { readonly isTTY?: boolean }, environment: Environment = {}): Palette {
  const { FORCE_COLOR: forced, NO_COLOR: forbidden, TERM: terminal } = environment;
  if (forced !== undefined) return forced === '0' || forced === 'false' ? plain : coloured;
  if (forbidden !== undefined && forbidden !== '') return plain;
  return stream.isTTY === true && terminal !== 'dumb' ? coloured : plain;
}
