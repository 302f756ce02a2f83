/**
 * Reads the textual form of IR. Ids are kept as written, so that print ∘ parse is the identity on printed text.
 * A `;` starts a comment. What is read is well formed, not yet correct: that is for the verifier to say.
 *
 * Two walks over each function: the first makes every block and value, the second, when all of them have their
 * types, fills in operands and edges. So a use may stand before its definition.
 */
import { CodedError } from '../../support/coded-error.ts';
import { type BoundaryType, isBoundaryType } from './boundary-type.ts';
import {
  Block,
  type Edge,
  type Immediate,
  IrFunction,
  IrModule,
  mostId,
  type Terminator,
  Value,
} from './function.ts';
import { type Opcode, op, opcodeByName, type Type } from './opcode.ts';
import { isType } from './type.ts';

/** Text that is no IR. `line` counts from 1. */
export class IrSyntaxError extends CodedError<'E_IR_SYNTAX'> {
  override readonly name = 'IrSyntaxError';
  readonly line: number;

  constructor(line: number, message: string) {
    super('E_IR_SYNTAX', `line ${line}: ${message}`);
    this.line = line;
  }
}

const tokenPattern =
  /\s*(?:("(?:[^"\\]|\\.)*")|(-?(?:\d[\d.]*(?:e[+-]?\d+)?|Infinity|NaN))(?![\p{L}\p{N}_$])|([\p{L}_$][\p{L}\p{M}\p{N}_$]*)|([(){}[\]:,=]))/uy;

/** Reads what `printModule` writes. Throws {@link IrSyntaxError} for text that is no IR; what it means is for the verifier to judge. */
export function parseModule(text: string): IrModule {
  const module = new IrModule();
  const lines = new LineReader(text);
  while (lines.next()) {
    if (lines.accept('host')) parseHost(lines, module);
    else if (lines.accept('global')) parseGlobal(lines, module);
    else if (lines.accept('function')) parseFunction(lines, module);
    else lines.fail("expected 'host', 'global' or 'function'");
  }
  return module;
}

function parseHost(lines: LineReader, module: IrModule): void {
  const name = lines.name();
  const items = lines.list(() =>
    lines.either(
      () => lines.number(),
      () => lines.boundaryType(),
    ),
  );
  const [arity] = items;
  if (items.length === 1 && arity !== undefined && !isBoundaryType(arity)) {
    lines.end();
    module.hosts.push({ name, arity: Number(arity) });
    return;
  }
  const parameters = items.map((item) =>
    isBoundaryType(item) && item !== 'void' ? item : lines.fail(`${item} is no type of a parameter`),
  );
  lines.expect(':');
  const result = lines.boundaryType();
  lines.end();
  module.hosts.push({ name, parameters, result });
}

function parseGlobal(lines: LineReader, module: IrModule): void {
  const name = lines.name();
  lines.expect(':');
  const type = lines.type();
  if (type !== 'f64' && type !== 'i64' && type !== 'bool') lines.fail(`a global is no ${type}`);
  lines.expect('=');
  const initial =
    type === 'f64' ? Number(lines.number()) : type === 'i64' ? lines.integer() : lines.boolean();
  lines.end();
  module.globals.push({ name, type, initial });
}

function parseFunction(lines: LineReader, module: IrModule): void {
  const name = lines.name();
  const signature = lines.list(() => lines.type());
  lines.expect(':');
  const fn = new IrFunction(name, lines.type());
  lines.expect('{');
  lines.end();
  const reader = new FunctionReader(lines, fn, module);
  reader.read();
  const entry = fn.blocks.at(0)?.parameters.map((parameter) => parameter.type) ?? [];
  if (entry.join() !== signature.join()) {
    lines.fail(
      `${name} is declared with (${signature.join(', ')}) but its entry block takes (${entry.join(', ')})`,
    );
  }
  module.functions.push(fn);
}

/** An operand or edge argument to be looked up once all values are known. */
interface PendingLine {
  readonly line: number;
  readonly resolve: () => void;
}

class FunctionReader {
  readonly #lines: LineReader;
  readonly #function: IrFunction;
  readonly #module: IrModule;
  readonly #values = new Map<number, Value>();
  readonly #blocks = new Map<number, Block>();
  readonly #pending: PendingLine[] = [];
  #current: Block | undefined;

  constructor(lines: LineReader, fn: IrFunction, module: IrModule) {
    this.#lines = lines;
    this.#function = fn;
    this.#module = module;
  }

  read(): void {
    const lines = this.#lines;
    for (;;) {
      if (!lines.next()) lines.fail("the function lacks its closing '}'");
      if (lines.accept('}')) break;
      this.#line();
    }
    lines.end();
    const end = lines.line;
    for (const { line, resolve } of this.#pending) {
      lines.line = line;
      resolve();
    }
    lines.line = end;
  }

  #line(): void {
    const lines = this.#lines;
    const word = lines.name();
    if (word === 'jump' || word === 'branch' || word === 'switch' || word === 'return') {
      this.#terminator(word);
      return;
    }
    const id = lines.id(word, 'b');
    if (id !== undefined) {
      this.#blockHeader(id);
      return;
    }
    this.#instruction(word);
  }

  #blockHeader(id: number): void {
    const lines = this.#lines;
    if (this.#blocks.has(id)) lines.fail(`b${id} is defined twice`);
    const block = new Block(id);
    this.#blocks.set(id, block);
    this.#function.blocks.push(block);
    this.#function.blockCount = Math.max(this.#function.blockCount, id + 1);
    this.#current = block;
    const parameters = lines.list(() => {
      const name = lines.name();
      lines.expect(':');
      return this.#define(name, lines.type(), undefined);
    });
    block.parameters.push(...parameters);
    lines.expect(':');
    lines.end();
  }

  #instruction(name: string): void {
    const lines = this.#lines;
    const block = this.#open();
    const annotated = lines.accept(':') ? lines.type() : undefined;
    lines.expect('=');
    const mnemonic = lines.name();
    const opcode = opcodeByName.get(mnemonic) ?? lines.fail(`no operation is called '${mnemonic}'`);
    const implied = opcode === op.callhost ? 'f64' : opcode.result;
    const type = annotated ?? implied ?? lines.fail(`${mnemonic} needs a type: ${name}: f64 = ${mnemonic} …`);
    const value = this.#define(name, type, opcode);
    block.instructions.push(value);
    value.immediate = this.#immediate(opcode);
    const names = inParentheses.has(opcode)
      ? lines.list(() => lines.name())
      : lines.commaList(() => lines.name());
    lines.end();
    this.#later(() => {
      value.operands = names.map((operand) => this.#value(operand));
    });
  }

  #immediate(opcode: Opcode): Immediate | undefined {
    const lines = this.#lines;
    switch (opcode) {
      case op.fconst:
      case op.give:
      case op.stack:
      case op.look:
      case op.taken:
      case op.ilane:
      case op.ibit:
      case op.permute16:
      case op.pairs:
      case op.bound:
        return Number(lines.number());
      case op.iconst:
      case op.fbits:
        return lines.integer();
      case op.bconst:
        return lines.boolean();
      case op.call:
      case op.callmath:
      case op.ftable:
      case op.frepair:
      case op.tableaddress:
      case op.load:
      case op.store:
      case op.mload:
      case op.mstore:
      case op.mread:
      case op.mwrite:
      case op.getglobal:
      case op.setglobal:
        return lines.name();
      case op.callhost: {
        const name = lines.name();
        const index = this.#module.hosts.findIndex((host) => host.name === name);
        return index >= 0 ? index : lines.fail(`no host is called '${name}'`);
      }
      default:
        return undefined;
    }
  }

  #terminator(kind: Terminator['kind']): void {
    const lines = this.#lines;
    const block = this.#open();
    let make: () => Terminator;
    if (kind === 'jump') {
      const edge = this.#edge();
      make = () => ({ kind, edge: edge() });
    } else if (kind === 'branch') {
      const condition = lines.name();
      lines.expect(',');
      const whenTrue = this.#edge();
      lines.expect(',');
      const whenFalse = this.#edge();
      make = () => ({
        kind,
        condition: this.#value(condition),
        whenTrue: whenTrue(),
        whenFalse: whenFalse(),
      });
    } else if (kind === 'switch') {
      const value = lines.name();
      lines.expect(',');
      const cases = this.#cases();
      lines.expect(',');
      const otherwise = this.#edge();
      make = () => ({
        kind,
        value: this.#value(value),
        cases: cases.map((each) => ({ value: each.value, edge: each.edge() })),
        otherwise: otherwise(),
      });
    } else {
      const result = lines.name();
      make = () => ({ kind, value: this.#value(result) });
    }
    lines.end();
    this.#current = undefined;
    this.#later(() => {
      block.terminator = make();
    });
  }

  /** `[0: b1, -5: b2(v3)]`. */
  #cases(): { readonly value: bigint; readonly edge: () => Edge }[] {
    const lines = this.#lines;
    lines.expect('[');
    if (lines.accept(']')) return [];
    const cases = lines.commaList(() => {
      const value = lines.integer();
      lines.expect(':');
      return { value, edge: this.#edge() };
    });
    lines.expect(']');
    return cases;
  }

  #edge(): () => Edge {
    const lines = this.#lines;
    const name = lines.name();
    const id = lines.id(name, 'b') ?? lines.fail(`expected a block, not '${name}'`);
    const names = lines.list(() => lines.name(), 'optional');
    return () => ({
      target: this.#blocks.get(id) ?? lines.fail(`b${id} is not defined`),
      args: names.map((argument) => this.#value(argument)),
    });
  }

  #open(): Block {
    return this.#current ?? this.#lines.fail('expected a block header: the block before is complete');
  }

  #define(name: string, type: Type, opcode: Opcode | undefined): Value {
    const lines = this.#lines;
    const id = lines.id(name, 'v') ?? lines.fail(`expected a value such as v0, not '${name}'`);
    if (this.#values.has(id)) lines.fail(`${name} is defined twice`);
    const value = new Value(id, type, opcode, []);
    this.#values.set(id, value);
    this.#function.valueCount = Math.max(this.#function.valueCount, id + 1);
    return value;
  }

  #value(name: string): Value {
    const id = this.#lines.id(name, 'v');
    const value = id === undefined ? undefined : this.#values.get(id);
    return value ?? this.#lines.fail(`${name} is not defined`);
  }

  #later(resolve: () => void): void {
    this.#pending.push({ line: this.#lines.line, resolve });
  }
}

/** Operations that carry something in front of their operands. */
const inParentheses: ReadonlySet<Opcode> = new Set([
  op.call,
  op.callmath,
  op.callhost,
  op.give,
  op.load,
  op.store,
  op.mload,
  op.mstore,
  op.mread,
  op.mwrite,
  op.bound,
  op.setglobal,
  op.stack,
  op.look,
  op.taken,
  op.ftable,
  op.frepair,
  op.tableaddress,
  op.ilane,
  op.ibit,
  op.permute16,
  op.pairs,
]);

/** Tokens of one line at a time. */
class LineReader {
  line = 0;
  readonly #lines: readonly string[];
  #text = '';
  #position = 0;

  constructor(text: string) {
    this.#lines = text.split('\n');
  }

  /** Moves to the next line with anything on it. */
  next(): boolean {
    for (;;) {
      const text = this.#lines.at(this.line);
      if (text === undefined) return false;
      this.line++;
      this.#text = text.replace(/;.*$/, '').trimEnd();
      this.#position = 0;
      if (this.#text !== '') return true;
    }
  }

  fail(message: string): never {
    throw new IrSyntaxError(this.line, message);
  }

  accept(word: string): boolean {
    const before = this.#position;
    if (this.#token()?.[0].trim() === word) return true;
    this.#position = before;
    return false;
  }

  expect(word: string): void {
    const found = this.#text.slice(this.#position).trim();
    if (!this.accept(word)) this.fail(`expected '${word}'${found === '' ? '' : `, not '${found}'`}`);
  }

  end(): void {
    const rest = this.#text.slice(this.#position).trim();
    if (rest !== '') this.fail(`unexpected '${rest}'`);
  }

  name(): string {
    const token = this.#token();
    if (token?.[1] !== undefined) return String(JSON.parse(token[1]));
    return token?.[3] ?? this.fail('expected a name');
  }

  type(): Type {
    const name = this.name();
    if (isType(name)) return name;
    return this.fail(`no type is called '${name}'`);
  }

  boundaryType(): BoundaryType {
    const name = this.name();
    return isBoundaryType(name) ? name : this.fail(`no type is called '${name}'`);
  }

  boolean(): boolean {
    if (this.accept('true')) return true;
    return this.accept('false') ? false : this.fail('expected true or false');
  }

  /** A number by the first, or else whatever the second reads. */
  either<T>(number: () => string, other: () => T): string | T {
    const before = this.#position;
    const isNumber = this.#token()?.[2] !== undefined;
    this.#position = before;
    return isNumber ? number() : other();
  }

  number(): string {
    const text = this.#token()?.[2];
    if (text === undefined || (Number.isNaN(Number(text)) && text !== 'NaN')) this.fail('expected a number');
    return text;
  }

  integer(): bigint {
    const text = this.number();
    if (!/^-?\d+$/.test(text)) this.fail('expected an integer');
    const value = BigInt(text);
    if (value !== BigInt.asIntN(64, value)) this.fail(`${text} is no 64-bit integer`);
    return value;
  }

  /** The number in a name such as `v12`, or undefined if the name is no such. */
  id(name: string, letter: 'v' | 'b'): number | undefined {
    if (!name.startsWith(letter) || !/^\d+$/.test(name.slice(1))) return undefined;
    const id = Number(name.slice(1));
    return id <= mostId ? id : this.fail(`${name}: ids go up to ${mostId}`);
  }

  /** `(a, b, c)`. */
  list<T>(item: () => T, presence?: 'optional'): T[] {
    if (presence === 'optional' && !this.accept('(')) return [];
    if (presence !== 'optional') this.expect('(');
    if (this.accept(')')) return [];
    const items = this.commaList(item);
    this.expect(')');
    return items;
  }

  /** `a, b, c`, or nothing at the end of the line. */
  commaList<T>(item: () => T): T[] {
    if (this.#text.slice(this.#position).trim() === '') return [];
    const items = [item()];
    while (this.accept(',')) items.push(item());
    return items;
  }

  #token(): RegExpExecArray | undefined {
    tokenPattern.lastIndex = this.#position;
    const token = tokenPattern.exec(this.#text);
    if (token === null) return undefined;
    this.#position = tokenPattern.lastIndex;
    return token;
  }
}
