import { pixelsOf } from './canvas.ts';
import type { Picture } from './picture.ts';
import { encodePng } from './png.ts';
import { svgOf } from './svg.ts';

/** Where a picture is written, and how. */
export interface PictureFile {
  readonly name: string;
  encode(picture: Picture): string | Uint8Array;
}

const encoders = { svg: svgOf, png: (picture: Picture) => encodePng(pixelsOf(picture)) };

/** In the format that the name ends in, or in that one; undefined if the name is of neither. */
export function pictureFile(name: string, format?: keyof typeof encoders): PictureFile | undefined {
  const ending = format ?? /\.(svg|png)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending !== 'svg' && ending !== 'png') return undefined;
  return { name, encode: encoders[ending] };
}
