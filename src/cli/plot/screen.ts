import { type Palette, paletteFor, plain } from '../style.ts';

/** Characters that a plot on a terminal may be made of: braille dots, half blocks, or what every terminal has. */
export const markKinds = ['braille', 'blocks', 'ascii'] as const;

export type MarkKind = (typeof markKinds)[number];

/** What a terminal can show. */
export interface Screen {
  readonly palette: Palette;
  readonly marks: MarkKind;
  /** Colours beyond those of the palette. */
  readonly colours: 'none' | '256' | 'all';
}

type Environment = Readonly<Record<string, string | undefined>>;

export function screenFor(stream: { readonly isTTY?: boolean }, environment: Environment = {}): Screen {
  const palette = paletteFor(stream, environment);
  const hasAll = /^(truecolor|24bit)$/.test(environment['COLORTERM'] ?? '');
  const colours = palette === plain ? 'none' : hasAll ? 'all' : '256';
  return { palette, marks: marksFor(environment), colours };
}

/**
 * Braille where texts are UTF-8: as the locale says, and where none is set, as in most containers. Linux's console has the font
 * of the first PCs, which has blocks and no braille.
 */
function marksFor({
  LC_ALL: all,
  LC_CTYPE: characters,
  LANG: language,
  TERM: terminal,
}: Environment): MarkKind {
  const locale = [all, characters, language].find((name) => name !== undefined && name !== '');
  if (terminal === 'dumb' || (locale !== undefined && !/utf-?8/i.test(locale))) return 'ascii';
  return terminal === 'linux' ? 'blocks' : 'braille';
}
