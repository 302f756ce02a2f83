/**
 * Code that functions share which are equal but for their constants: people type many such formulas.
 *
 * When a key comes the second time, its code is generated with constants that nobody uses, found again in `.rodata` and
 * overwritten by those of each function that has the key. The bytes are those that `generate` would have made; a constant that
 * would have shared its place with another one of the code is left to `generate`.
 */
import { elementAt, slots } from '../../support/element.ts';
import type { CodeHolder } from '../code/code-holder.ts';
import { Block, IrFunction, IrModule, Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { generate, type Target } from './generate.ts';
import { isNormal, TemplateKey } from './template-key.ts';

/** Code with the constants of one function. Whoever has it has it alone, until he says that he is done. */
export interface ReadyCode {
  readonly code: CodeHolder;
  /** Of the frame entry, in bytes. */
  readonly entry: number;
  readonly mayTrap: boolean;
  done(): void;
}

/** How many are kept, a power of two. Each takes a few kilobytes. */
const capacity = 64;

/** Two halves that no other constant has, nor any instruction: these, and the number of the constant. */
const markHigh = 0x5a5a_0000;
const markLow = 0xc3c3_0000;

const double = new DataView(new ArrayBuffer(8));

/** The templates of one engine. A place is for all keys that are equal in their last bits: the latest of them has it. */
export class CodeTemplates {
  readonly #target: Target;
  /** Taken away while it is in use: memory that somebody else provides may compile when it is asked for, see `lang/parser.ts`. */
  #idleKey: TemplateKey | undefined;
  /** By place: the hash of the last key. */
  readonly #seen = new Int32Array(capacity);
  readonly #templates: (CodeTemplate | undefined)[] = slots(capacity);

  constructor(target: Target) {
    this.#target = target;
  }

  /** The code of a module whose only function is exported; undefined where that is to be generated. */
  find(module: IrModule): ReadyCode | undefined {
    const key = this.#idleKey ?? new TemplateKey();
    this.#idleKey = undefined;
    const ready = key.take(module) ? this.#find(module, key) : undefined;
    this.#idleKey = key;
    return ready;
  }

  #find(module: IrModule, key: TemplateKey): ReadyCode | undefined {
    const place = key.hash & (capacity - 1);
    if (this.#seen[place] !== key.hash) {
      this.#seen[place] = key.hash;
      this.#templates[place] = undefined;
      return undefined;
    }
    let template = this.#templates[place];
    if (template === undefined) {
      template = createTemplate(module, key, this.#target);
      this.#templates[place] = template;
    }
    return template.isFor(key) && template.take(key) ? template : undefined;
  }
}

class CodeTemplate implements ReadyCode {
  readonly code: CodeHolder;
  readonly entry: number;
  readonly mayTrap: boolean;
  readonly #name: string;
  readonly #words: Int32Array;
  /** By constant: where in the code it stands; undefined: the code is not to be filled. */
  readonly #places: readonly (readonly number[])[] | undefined;
  /** The other constants of the code, as doubles. */
  readonly #others: Float64Array;
  #isTaken = false;

  constructor(
    key: TemplateKey,
    { code, entry, mayTrap }: Omit<ReadyCode, 'done'>,
    places: readonly (readonly number[])[] | undefined,
    others: Float64Array,
  ) {
    this.code = code;
    this.entry = entry;
    this.mayTrap = mayTrap;
    this.#name = key.name;
    this.#words = key.words.slice(0, key.length);
    this.#places = places;
    this.#others = others;
  }

  isFor(key: TemplateKey): boolean {
    return key.equals(this.#name, this.#words);
  }

  /**
   * Puts the constants of the key in their places; false, and nothing was done, where somebody has the code, or one has to share its
   * place with another constant.
   */
  take({ constants, constantCount }: TemplateKey): boolean {
    const places = this.#places;
    if (places === undefined || this.#isTaken) return false;
    const others = this.#others;
    for (let i = 0; i < constantCount; i++) {
      for (let k = 0; k < others.length; k++) if (others[k] === constants[i]) return false;
    }
    this.#isTaken = true;
    const { bytes } = this.code.text;
    for (let i = 0; i < constantCount; i++) {
      double.setFloat64(0, constants[i] as number, true);
      const list = places[i] as readonly number[];
      for (let k = 0; k < list.length; k++) {
        const at = list[k] as number;
        for (let byte = 0; byte < 8; byte++) bytes[at + byte] = double.getUint8(byte);
      }
    }
    return true;
  }

  done(): void {
    this.#isTaken = false;
  }
}

function createTemplate(module: IrModule, key: TemplateKey, target: Target): CodeTemplate {
  const marked = withMarks(elementAt(module.functions, 0), key);
  const copy = new IrModule();
  copy.functions.push(marked);
  const generated = generate(copy, target);
  const { code } = generated;
  const { frameEntry, mayTrap } = generated.of(marked.name);
  const entry = frameEntry === undefined ? -1 : code.offsetOf(frameEntry);
  code.flatten();
  const places = entry < 0 ? undefined : findMarks(code, key.constantCount);
  return new CodeTemplate(key, { code, entry, mayTrap }, places, otherConstants(code, places ?? []));
}

/** The function with a mark in the place of each constant that is to be filled. */
function withMarks(fn: IrFunction, key: TemplateKey): IrFunction {
  const copy = new IrFunction(fn.name, fn.result);
  copy.valueCount = fn.valueCount;
  copy.blockCount = fn.blockCount;
  const { id, parameters, instructions, terminator } = elementAt(fn.blocks, 0);
  const block = new Block(id);
  copy.blocks.push(block);
  const values = slots<Value>(fn.valueCount);
  const copyOf = (value: Value): Value => elementAt(values, value.id);
  for (const parameter of parameters) {
    const own = new Value(parameter.id, parameter.type, undefined, []);
    values[parameter.id] = own;
    block.parameters.push(own);
  }
  for (const { id: own, type, op: opcode, operands, immediate } of instructions) {
    const isPlace = opcode === op.fconst && isNormal(immediate as number);
    const constant = isPlace ? mark(key.placeOf(immediate as number)) : immediate;
    const value = new Value(own, type, opcode, operands.map(copyOf), constant);
    values[own] = value;
    block.instructions.push(value);
  }
  if (terminator?.kind === 'return') block.terminator = { kind: 'return', value: copyOf(terminator.value) };
  return copy;
}

function mark(number: number): number {
  double.setUint32(0, markHigh + number);
  double.setUint32(4, markLow + number);
  return double.getFloat64(0);
}

/**
 * Where in the code each mark stands; undefined if one stands nowhere, or half of one somewhere else: a constant that is taken apart
 * is not replaced.
 */
function findMarks({ text, codeSize }: CodeHolder, count: number): number[][] | undefined {
  const places = slots(count).map((): number[] => []);
  const view = new DataView(text.bytes.buffer, text.bytes.byteOffset, codeSize);
  let halves = 0;
  for (let at = 0; at + 4 <= codeSize; at++) {
    const word = view.getUint32(at, true);
    const isHalf = word >>> 16 === markHigh >>> 16 || word >>> 16 === markLow >>> 16;
    if (!isHalf || (word & 0xffff) >= count) continue;
    halves++;
    if (at + 8 > codeSize || word >>> 16 !== markLow >>> 16) continue;
    const number = word & 0xffff;
    if (view.getUint32(at + 4, true) === markHigh + number) elementAt(places, number).push(at);
  }
  const found = places.reduce((sum, list) => sum + list.length, 0);
  return halves === 2 * found && places.every((list) => list.length > 0) ? places : undefined;
}

/** What stands in `.rodata` besides. */
function otherConstants(code: CodeHolder, places: readonly (readonly number[])[]): Float64Array {
  const filled = new Set(places.flat());
  const others: number[] = [];
  const view = new DataView(code.text.bytes.buffer, code.text.bytes.byteOffset, code.codeSize);
  for (let at = code.codeSize - code.rodata.size; at + 8 <= code.codeSize; at += 8) {
    if (!filled.has(at)) others.push(view.getFloat64(at, true));
  }
  return Float64Array.from(others);
}
