/**
 * What the code of a function depends on, as a list of numbers: everything but most of its constants.
 *
 * A constant that is a normal number becomes a place to be filled: no choice of the compiler depends on which it is. Zero, what is near
 * it, infinities and NaN are part of the key, since some code is right for them only, or wrong.
 */

import { grown } from '../../support/growable.ts';
import type { IrModule, Value } from '../ir/function.ts';

/** Larger functions are worth more than the search, and rarely come twice. */
const mostInstructions = 64;
/** Integer constants from here on could have the bits of a number that is a place to be filled, and share its memory. */
const integerLimit = 2n ** 52n;

const number = new Float64Array(1);
const halves = new Int32Array(number.buffer);
const exponentMask = 0x7ff00000;

/** Names of types and of functions of the math library, of which there are few. */
const names = new Map<string, number>();

/** Is it a number that code takes as it takes any other? */
export function isNormal(value: number): boolean {
  number[0] = value;
  const exponent = (halves[1] as number) & exponentMask;
  return exponent !== 0 && exponent !== exponentMask;
}

/** The key of one function after the other, in memory that is used again. */
export class TemplateKey {
  /** Of the function. */
  name = '';
  /** Valid up to `length`. */
  words = new Int32Array(256);
  length = 0;
  hash = 0;
  /** The constants that are places to be filled, in order, each once. */
  readonly constants: number[] = [];
  constantCount = 0;
  /** By value id: its position among parameters and instructions. */
  #positions = new Int32Array(128);

  /** Takes the key of a module's only function; false if there are others, or its code may depend on more than a key holds. */
  take({ functions, hosts }: IrModule): boolean {
    const [fn] = functions;
    if (fn === undefined || functions.length > 1 || hosts.length > 0 || fn.blocks.length > 1) return false;
    const [block] = fn.blocks;
    if (block?.terminator?.kind !== 'return' || block.instructions.length > mostInstructions) return false;
    this.length = 0;
    this.constantCount = 0;
    if (fn.valueCount > this.#positions.length) this.#positions = grown(this.#positions, fn.valueCount);
    this.name = fn.name;
    this.#add(nameNumber(fn.result));
    this.#add(block.parameters.length);
    let position = 0;
    for (const parameter of block.parameters) {
      this.#positions[parameter.id] = position++;
      this.#add(nameNumber(parameter.type));
    }
    for (const value of block.instructions) {
      this.#positions[value.id] = position++;
      if (!this.#instruction(value)) return false;
    }
    this.#add(this.#positions[block.terminator.value.id] as number);
    let hash = this.length;
    for (let i = 0; i < this.length; i++) hash = Math.imul(hash ^ (this.words[i] as number), 0x01000193);
    this.hash = hash ^ (hash >>> 15);
    return true;
  }

  /** Is it that of a function with this name and these words? */
  equals(name: string, words: Int32Array): boolean {
    if (words.length !== this.length || name !== this.name) return false;
    for (let i = 0; i < this.length; i++) if (words[i] !== this.words[i]) return false;
    return true;
  }

  /** The position among {@link constants} of one that is a place to be filled. */
  placeOf(constant: number): number {
    for (let i = 0; i < this.constantCount; i++) if (this.constants[i] === constant) return i;
    return -1;
  }

  #instruction({ op: opcode, type, operands, immediate }: Value): boolean {
    if (opcode === undefined || !opcode.pure || opcode.primitive) return false;
    this.#add(opcode.index);
    this.#add(nameNumber(type));
    this.#add(operands.length);
    for (let i = 0; i < operands.length; i++) this.#add(this.#positions[(operands[i] as Value).id] as number);
    return immediate === undefined || this.#immediate(immediate);
  }

  #immediate(immediate: NonNullable<Value['immediate']>): boolean {
    switch (typeof immediate) {
      case 'number':
        this.#number(immediate);
        return true;
      case 'boolean':
        this.#add(immediate ? 1 : 0);
        return true;
      case 'string':
        this.#add(nameNumber(immediate));
        return true;
      default: {
        if (immediate <= -integerLimit || immediate >= integerLimit) return false;
        const value = Number(immediate);
        this.#add(value | 0);
        this.#add(Math.floor(value / 2 ** 32));
        return true;
      }
    }
  }

  #number(value: number): void {
    if (isNormal(value)) {
      let place = this.placeOf(value);
      if (place < 0) {
        place = this.constantCount++;
        this.constants[place] = value;
      }
      this.#add(place);
      return;
    }
    this.#add(-1);
    number[0] = value;
    this.#add(halves[0] as number);
    this.#add(halves[1] as number);
  }

  #add(word: number): void {
    if (this.length === this.words.length) this.words = grown(this.words, this.length + 1);
    this.words[this.length++] = word;
  }
}

function nameNumber(name: string): number {
  const known = names.get(name);
  if (known !== undefined) return known;
  const next = names.size;
  names.set(name, next);
  return next;
}
