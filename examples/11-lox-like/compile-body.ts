import { type Block, IrBuilder, type Opcode, op, type Value } from 'exprjit/ir';
import { type FunctionDeclaration, TokenReader } from './tokens.ts';
import type { Unit } from './unit.ts';

/** Makes IR of the functions that the unit is to have, also of those that it turns out to need. */
export function compileUnit(unit: Unit): Unit {
  for (let next = unit.pending.pop(); next !== undefined; next = unit.pending.pop()) {
    new BodyCompiler(unit, next);
  }
  return unit;
}

const { fsqrt: sqrt, ffloor: floor, fabs: abs, fmin: min, fmax: max } = op;
export const builtins = new Map<string, Opcode | undefined>(
  Object.entries({ sqrt, floor, abs, min, max, array: undefined, len: undefined }),
);

/** By how tightly they bind, the weakest first. */
const levels = [['or'], ['and'], ['==', '!='], ['<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%']];

const opcodes: Readonly<Record<string, Opcode | undefined>> = {
  ...{ '==': op.feq, '!=': op.fne, '<': op.flt, '<=': op.fle, '>': op.fgt, '>=': op.fge },
  ...{ '+': op.fadd, '-': op.fsub, '*': op.fmul, '/': op.fdiv, '%': op.frem },
};

/**
 * Makes IR of a function while it reads it. Values are numbers, or truth values that become 1 and 0 where a number is wanted. Where ways
 * meet, each variable is a parameter of the block; those that are the same on all ways the optimiser takes out again.
 */
class BodyCompiler {
  readonly #unit: Unit;
  readonly #b: IrBuilder;
  readonly #t: TokenReader;
  /** From names to positions in the variables, the innermost scope last. */
  readonly #scopes: Map<string, number>[];
  #variables: Value[];

  constructor(unit: Unit, { name, parameters, body }: FunctionDeclaration) {
    this.#unit = unit;
    this.#t = new TokenReader(body);
    this.#b = new IrBuilder(unit.module, name, Array<'f64'>(parameters.length).fill('f64'), 'f64');
    this.#variables = [...this.#b.parameters];
    this.#scopes = [new Map(parameters.map((parameter, index) => [parameter, index]))];
    this.#statementsTo('the end');
    this.#b.return(this.#b.number(0));
  }

  #statement(): void {
    const t = this.#t;
    if (t.accept('{')) this.#scoped(() => this.#statementsTo('}'));
    else if (t.accept('if')) this.#if();
    else if (t.accept('while')) this.#loop(false);
    else if (t.accept('for')) this.#scoped(() => this.#loop(true));
    else if (t.accept('var')) this.#var();
    else if (t.accept('print')) this.#b.callHost('print', this.#endedExpression());
    else if (t.accept('return')) this.#return();
    else this.#endedExpression();
  }

  #statementsTo(end: string): void {
    while (this.#t.token.text !== end) this.#statement();
    this.#t.accept(end);
  }

  #scoped(compile: () => void): void {
    const outside = this.#variables.length;
    this.#scopes.push(new Map());
    compile();
    this.#scopes.pop();
    this.#variables.length = outside;
  }

  #endedExpression(): Value {
    const value = this.#number();
    this.#t.expect(';');
    return value;
  }

  #return(): void {
    this.#b.return(this.#t.accept(';') ? this.#b.number(0) : this.#endedExpression());
    // What follows is never reached, but has to be somewhere.
    this.#b.moveTo(this.#b.createBlock());
  }

  #var(): void {
    const { line } = this.#t.token;
    const name = this.#t.name();
    const value = this.#t.accept('=') ? this.#number() : this.#b.number(0);
    this.#t.expect(';');
    if (!this.#unit.isMain || this.#scopes.length > 1) {
      this.#scopes.at(-1)?.set(name, this.#variables.push(value) - 1);
    } else {
      this.#unit.declareGlobal(name);
      this.#storeVariable(name, value, line);
    }
  }

  #if(): void {
    const [b, t] = [this.#b, this.#t];
    const [first, second, next] = [b.createBlock(), b.createBlock(), this.#join()];
    t.expect('(');
    b.branch(this.#truth(this.#expression()), first, second);
    t.expect(')');
    const before = [...this.#variables];
    b.moveTo(first);
    this.#scoped(() => this.#statement());
    b.jump(next, ...this.#variables);
    b.moveTo(second);
    this.#variables = before;
    if (t.accept('else')) this.#scoped(() => this.#statement());
    b.jump(next, ...this.#variables);
    this.#enter(next);
  }

  /** `while (condition) body`, `for (first; condition; step) body` */
  #loop(isFor: boolean): void {
    const [b, t] = [this.#b, this.#t];
    t.expect('(');
    if (isFor && t.accept('var')) this.#var();
    else if (isFor && !t.accept(';')) this.#endedExpression();
    const [head, body, step, next] = [this.#join(), b.createBlock(), this.#join(), b.createBlock()];
    b.jump(head, ...this.#variables);
    this.#enter(head);
    const isEndless = isFor && t.token.text === ';';
    b.branch(isEndless ? b.boolean(true) : this.#truth(this.#expression()), body, next);
    const after = [...this.#variables];
    this.#enter(step);
    if (isFor) t.expect(';');
    if (isFor && t.token.text !== ')') this.#number();
    t.expect(')');
    b.jump(head, ...this.#variables);
    this.#variables = [...after];
    b.moveTo(body);
    this.#scoped(() => this.#statement());
    b.jump(step, ...this.#variables);
    b.moveTo(next);
    this.#variables = after;
  }

  /** A block where ways meet, which may also bring a truth value. */
  #join(...more: readonly 'bool'[]): Block {
    return this.#b.createBlock([...this.#variables.map(() => 'f64' as const), ...more]);
  }

  #enter(block: Block): void {
    this.#b.moveTo(block);
    this.#variables = block.parameters.slice(0, this.#variables.length);
  }

  #truth(value: Value): Value {
    return value.type === 'bool' ? value : this.#b.emit(op.fne, value, this.#b.number(0));
  }

  #number(value = this.#expression()): Value {
    return value.type === 'bool' ? this.#b.emit(op.btof, value) : value;
  }

  #expression(weakest = 0): Value {
    const level = levels[weakest];
    let value = level === undefined ? this.#unary() : this.#expression(weakest + 1);
    for (let { text } = this.#t.token; level?.includes(text); { text } = this.#t.token) {
      this.#t.next();
      const opcode = opcodes[text];
      if (opcode === undefined) value = this.#shortCircuit(text === 'and', value);
      else value = this.#b.emit(opcode, this.#number(value), this.#number(this.#expression(weakest + 1)));
    }
    return value;
  }

  /** The right side of `and` and `or` is computed only where the left one does not decide. */
  #shortCircuit(isAnd: boolean, left: Value): Value {
    const b = this.#b;
    const decided = this.#truth(left);
    const [more, next] = [b.createBlock(), this.#join('bool')];
    const skip = [...this.#variables, decided];
    if (isAnd) b.branch(decided, more, next, [], skip);
    else b.branch(decided, next, more, skip, []);
    b.moveTo(more);
    const right = this.#truth(this.#expression(isAnd ? 2 : 1));
    b.jump(next, ...this.#variables, right);
    this.#enter(next);
    return next.parameters.at(-1) as Value;
  }

  #unary(): Value {
    if (this.#t.accept('-')) return this.#b.emit(op.fneg, this.#number(this.#unary()));
    if (this.#t.accept('!')) return this.#b.emit(op.bnot, this.#truth(this.#unary()));
    let value = this.#primary();
    for (let { line } = this.#t.token; this.#t.accept('['); { line } = this.#t.token) {
      const index = this.#number();
      this.#t.expect(']');
      const place = this.#element(this.#number(value), index, line);
      const isTarget = this.#t.accept('=');
      value = isTarget ? this.#number() : this.#b.loadMemory('f64', place);
      if (isTarget) this.#b.storeMemory('f64', place, value);
    }
    return value;
  }

  #primary(): Value {
    const t = this.#t;
    const { kind, text, line } = t.next();
    if (kind === 'number') return this.#b.number(Number(text));
    if (kind === 'name' && t.accept('(')) return this.#call(text, line);
    if (kind === 'name' && t.accept('=')) return this.#storeVariable(text, this.#number(), line);
    if (kind === 'name') return this.#loadVariable(text, line);
    if (text === 'true' || text === 'false') return this.#b.boolean(text === 'true');
    if (text === '[')
      return this.#arrayOf(
        t.list(']', () => this.#number()),
        line,
      );
    if (text !== '(') throw new SyntaxError(`line ${line}: '${text}' is no expression`);
    const value = this.#expression();
    t.expect(')');
    return value;
  }

  #call(name: string, line: number): Value {
    const b = this.#b;
    const args = this.#t.list(')', () => this.#number());
    const isBuiltin = builtins.has(name);
    const opcode = builtins.get(name);
    const arity = isBuiltin ? (opcode?.operands?.length ?? 1) : this.#unit.arityOf(name);
    if (arity !== args.length) {
      const expected = arity === undefined ? 'is not there' : `takes ${arity} arguments, not ${args.length}`;
      throw new SyntaxError(`line ${line}: function '${name}' ${expected}`);
    }
    if (opcode !== undefined) return b.emit(opcode, ...args);
    if (!isBuiltin) return this.#unit.call(b, name, args);
    if (name === 'array') return b.callHost('array', ...args);
    return b.emit(op.itof, this.#length(b.emit(op.ftoi, ...args)));
  }

  #arrayOf(items: readonly Value[], line: number): Value {
    const array = this.#b.callHost('array', this.#b.number(items.length));
    items.forEach((item, index) => {
      this.#b.storeMemory('f64', this.#element(array, this.#b.number(index), line), item);
    });
    return array;
  }

  /** In memory an array is its length, 64 bits, and then its elements. */
  #length(place: Value): Value {
    return this.#b.loadMemory('i64', place);
  }

  /** The place of an element, after a look whether there is one. */
  #element(array: Value, index: Value, line: number): Value {
    const b = this.#b;
    const [place, position] = [b.emit(op.ftoi, array), b.emit(op.ftoi, index)];
    const [right, wrong] = [b.createBlock(), b.createBlock()];
    b.branch(b.emit(op.iult, position, this.#length(place)), right, wrong);
    b.moveTo(wrong);
    b.return(b.callHost('fail', b.number(line)));
    b.moveTo(right);
    return b.emit(op.iadd, b.emit(op.iadd, place, b.integer(8n)), b.emit(op.ishl, position, b.integer(3n)));
  }

  #loadVariable(name: string, line: number): Value {
    const local = this.#local(name);
    if (local !== undefined) return this.#variables[local] as Value;
    return this.#b.loadMemory('f64', this.#globalPlace(name, line));
  }

  #storeVariable(name: string, value: Value, line: number): Value {
    const local = this.#local(name);
    if (local !== undefined) this.#variables[local] = value;
    else this.#b.storeMemory('f64', this.#globalPlace(name, line), value);
    return value;
  }

  #local(name: string): number | undefined {
    return this.#scopes.findLast((scope) => scope.has(name))?.get(name);
  }

  #globalPlace(name: string, line: number): Value {
    const place = this.#unit.names.globals.get(name);
    if (place === undefined) throw new SyntaxError(`line ${line}: there is no variable '${name}'`);
    return this.#b.integer(BigInt(place));
  }
}
