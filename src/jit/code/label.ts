import type { Section } from './section.ts';

/**
 * A place in the code of one {@link CodeHolder}, which makes it, binds it and knows its final address.
 * It may be used before it is bound.
 */
export class Label {
  /** Unique in its CodeHolder. */
  readonly id: number;
  /** The symbol that the code exports here, if any. */
  readonly name: string | undefined;
  /** Where the label is bound; undefined until then. */
  section: Section | undefined = undefined;
  /** Byte offset in `section`; -1 until bound. */
  offset = -1;

  constructor(id: number, name: string | undefined) {
    this.id = id;
    this.name = name;
  }

  /** Whether the label has a place yet. */
  get isBound(): boolean {
    return this.section !== undefined;
  }

  /** The name, or one made of the number. */
  toString(): string {
    return this.name ?? `L${this.id}`;
  }
}
