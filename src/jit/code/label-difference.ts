import type { Label } from './label.ts';
import { writeInt64 } from './little-endian.ts';
import type { Section } from './section.ts';

/** Bytes that the distance between two labels takes. */
export type DifferenceSize = 1 | 2 | 4 | 8;

/** `size` bytes at `offset` of `section` that become the distance from `base` to `label`. */
export interface LabelDifference {
  readonly section: Section;
  readonly offset: number;
  readonly size: DifferenceSize;
  readonly label: Label;
  readonly base: Label;
}

/** Writes the distance to where it belongs in `image`; throws a `RangeError` if its bytes hold it neither with a sign nor without. */
export function writeDifference(image: Uint8Array, field: LabelDifference, distance: number): void {
  const { section, offset, size, label, base } = field;
  const limit = 2 ** (size * 8);
  if (distance < -limit / 2 || distance >= limit) {
    throw new RangeError(
      `label ${label} is ${distance} bytes from ${base}, too far for a difference of ${size} bytes`,
    );
  }
  const at = section.offset + offset;
  if (size === 8) writeInt64(image, at, distance);
  else for (let i = 0; i < size; i++) image[at + i] = distance >> (i * 8);
}
