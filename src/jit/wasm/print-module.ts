/**
 * A module as text, in the format of the specification ("WebAssembly Core Specification 2.0", section 6): what assemblers read,
 * and people. Of what modules may have it knows what this project writes.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { ByteSource } from './byte-source.ts';
import { type WasmName, wasm } from './instruction.ts';
import { Kind, magic, Section } from './module-writer.ts';
import { nothing, ValueType } from './value-type.ts';

const typeNames: ReadonlyMap<number, string> = new Map(
  Object.entries(ValueType).map(([name, code]) => [code, name]),
);
const instructionNames: ReadonlyMap<number, WasmName> = new Map(
  Object.entries(wasm).map(([name, code]) => [code, name as WasmName]),
);

/** Prefixes of instructions with a second number. */
const prefixes: ReadonlySet<number> = new Set([0xfc, 0xfd]);

/** The text of a module's bytes, lines without a newline behind the last. */
export function printWasm(bytes: Uint8Array): string {
  return new ModulePrinter(bytes).run();
}

interface Signature {
  readonly parameters: string;
  readonly results: string;
}

class ModulePrinter {
  readonly #source: ByteSource;
  readonly #lines: string[] = ['(module'];
  readonly #signatures: Signature[] = [];
  /** By number of a function: its type, and its name. */
  readonly #types: number[] = [];
  readonly #names = new Map<number, string>();
  #importCount = 0;

  constructor(bytes: Uint8Array) {
    invariant(
      magic.every((byte, index) => bytes[index] === byte),
      'modules begin with their magic number',
    );
    this.#source = new ByteSource(bytes, 8);
    this.#readNames(new ByteSource(bytes, 8));
  }

  run(): string {
    while (!this.#source.isAtEnd) {
      const id = this.#source.byte();
      const section = this.#source.part();
      if (id === Section.custom) continue;
      const count = section.unsigned();
      for (let i = 0; i < count; i++) this.#entry(id, section, i);
    }
    return `${this.#lines.join('\n')})`;
  }

  /** They stand at the end. */
  #readNames(source: ByteSource): void {
    while (!source.isAtEnd) {
      const id = source.byte();
      const section = source.part();
      if (id !== Section.custom || section.name() !== 'name') continue;
      section.byte();
      const names = section.part();
      for (let left = names.unsigned(); left > 0; left--) this.#names.set(names.unsigned(), names.name());
    }
  }

  #entry(id: number, source: ByteSource, index: number): void {
    switch (id) {
      case Section.types:
        this.#type(source);
        return;
      case Section.imports:
        this.#import(source);
        return;
      case Section.functions:
        this.#types.push(source.unsigned());
        return;
      case Section.memory:
        this.#lines.push(`  (memory ${limits(source)})`);
        return;
      case Section.exports: {
        const name = source.name();
        const kind = source.byte() === Kind.function ? 'func' : 'memory';
        this.#lines.push(`  (export ${quoted(name)} (${kind} ${source.unsigned()}))`);
        return;
      }
      case Section.code:
        this.#function(source.part(), this.#importCount + index);
        return;
      case Section.data: {
        source.unsigned();
        source.byte();
        const address = source.signed();
        source.byte();
        this.#lines.push(`  (data (i32.const ${address}) ${escaped(source.take(source.unsigned()))})`);
      }
    }
  }

  #type(source: ByteSource): void {
    source.byte();
    const [parameters, results] = [typesIn(source), typesIn(source)];
    const signature = { parameters: listed('param', parameters), results: listed('result', results) };
    this.#signatures.push(signature);
    this.#lines.push(`  (type (func${signature.parameters}${signature.results}))`);
  }

  #import(source: ByteSource): void {
    const [module, name] = [source.name(), source.name()];
    if (source.byte() === Kind.memory) {
      this.#lines.push(`  (import ${quoted(module)} ${quoted(name)} (memory ${limits(source)}))`);
      return;
    }
    const type = source.unsigned();
    this.#types.push(type);
    this.#importCount++;
    this.#lines.push(`  (import ${quoted(module)} ${quoted(name)} (func (type ${type})))`);
  }

  #function(source: ByteSource, number: number): void {
    const type = elementAt(this.#types, number);
    const { parameters, results } = elementAt(this.#signatures, type);
    const name = this.#names.get(number);
    const comment = name === undefined ? `${number}` : `${number} ${name}`;
    this.#lines.push(`  (func (;${comment};) (type ${type})${parameters}${results}`);
    for (let left = source.unsigned(); left > 0; left--) {
      const count = source.unsigned();
      this.#lines.push(`    (local${` ${typeName(source.byte())}`.repeat(count)})`);
    }
    let depth = 2;
    while (!source.isAtEnd) {
      const name = instruction(source);
      // The last one is the function's own.
      if (name === 'end' && source.isAtEnd) break;
      if (name === 'end' || name === 'else') depth--;
      this.#lines.push(`${'  '.repeat(depth)}${this.#withOperands(name, source)}`);
      if (name === 'block' || name === 'loop' || name === 'if' || name === 'else') depth++;
    }
    this.#lines[this.#lines.length - 1] += ')';
  }

  #withOperands(name: WasmName, source: ByteSource): string {
    switch (name) {
      case 'block':
      case 'loop':
      case 'if': {
        const type = source.byte();
        return type === nothing ? name : `${name} (result ${typeName(type)})`;
      }
      case 'call': {
        const number = source.unsigned();
        const called = this.#names.get(number);
        return called === undefined ? `call ${number}` : `call ${number} (;${called};)`;
      }
      case 'br':
      case 'local.get':
      case 'local.set':
      case 'local.tee':
        return `${name} ${source.unsigned()}`;
      case 'i32.const':
      case 'i64.const':
        return `${name} ${source.signed()}`;
      case 'f64.const':
        return `${name} ${double(source)}`;
      case 'v128.const':
        return `${name} i64x2 0x${source.word().toString(16)} 0x${source.word().toString(16)}`;
      case 'i8x16.shuffle':
        return `${name} ${[...source.take(16)].join(' ')}`;
      default:
        return otherOperands(name, source);
    }
  }
}

function otherOperands(name: WasmName, source: ByteSource): string {
  if (/\.(load|store)/.test(name)) {
    const alignment = 2 ** source.unsigned();
    const offset = source.unsigned();
    const place = `${name}${offset === 0 ? '' : ` offset=${offset}`} align=${alignment}`;
    return name.endsWith('_lane') ? `${place} ${source.byte()}` : place;
  }
  return /(extract|replace)_lane$/.test(name) ? `${name} ${source.byte()}` : name;
}

function instruction(source: ByteSource): WasmName {
  const first = source.byte();
  const code = prefixes.has(first) ? (first << 16) | source.unsigned() : first;
  const name = instructionNames.get(code);
  invariant(name !== undefined, `there is no instruction 0x${code.toString(16)}`);
  return name;
}

function typeName(code: number): string {
  return typeNames.get(code) ?? `0x${code.toString(16)}`;
}

function typesIn(source: ByteSource): string[] {
  return Array.from(source.take(source.unsigned()), typeName);
}

function listed(what: string, types: readonly string[]): string {
  return types.length === 0 ? '' : ` (${what} ${types.join(' ')})`;
}

function limits(source: ByteSource): string {
  const hasMost = source.byte() === 1;
  const least = source.unsigned();
  return hasMost ? `${least} ${source.unsigned()}` : `${least}`;
}

/** A double so that it is read back to the bit. */
function double(source: ByteSource): string {
  const value = source.double();
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  return Object.is(value, -0) ? '-0' : String(value);
}

function quoted(text: string): string {
  return escaped(new TextEncoder().encode(text));
}

function escaped(bytes: Uint8Array): string {
  const characters = Array.from(bytes, (byte) => {
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    return isPlain ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${characters.join('')}"`;
}
