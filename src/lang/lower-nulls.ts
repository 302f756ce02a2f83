/**
 * From the typed tree to IR that knows missing values.
 *
 * Each expression becomes a value and, unless it is always there, a truth value that says whether it is: its presence. What the value of
 * a missing expression is means nothing; so nothing that may trap, loop or call goes by it.
 *
 * 1. Arithmetic, comparisons and built-in functions are there if all their operands are.
 * 2. `&&`, `||` and `!` are those of SQL: of three values. A missing condition is not true.
 * 3. A loop is there if its bounds are, and its terms in all rounds.
 * 4. A function of the program is as its body in its place. Where it is recursive, and of the host, it is called if all that
 *    it gets is there; else its result is missing.
 * 5. An element of a column is there if the number of its row is, and it is. Beyond the rows it is NaN, which is there.
 * 6. What the row before gave is there if that was, and its seed as it comes.
 * 7. A derivative is there if what is derived is. Presences are truth values, which have no derivatives; so what is derived is the
 *    operand of `coalesce` or the side of a conditional that is taken.
 */
import { IrBuilder } from '../jit/ir/builder.ts';
import { reversePostorder } from '../jit/ir/control-flow.ts';
import { type Block, hostNumber, IrModule, type Value } from '../jit/ir/function.ts';
import { op } from '../jit/ir/opcode.ts';
import { elementAt, lastOf } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import {
  arithmeticOpcodes,
  comparisonOpcodes,
  type Derivatives,
  defined,
  derived,
  irNameOf,
  lowerFunction,
  placedParameters,
} from './lower.ts';
import { emitElement } from './lower-element.ts';
import type { NullRoot } from './null-root.ts';
import type {
  ArithmeticExpression,
  CallExpression,
  CheckedFunction,
  CoalesceExpression,
  ConditionalExpression,
  ElementExpression,
  HostCallExpression,
  LogicalExpression,
  LoopExpression,
  TypedBinding,
  TypedExpression,
  ValueType,
  Variable,
} from './typed-ast.ts';
import { eachVariable } from './typed-tree.ts';

/**
 * A function to make: the root's value, with a number in the place of what is missing, or its presence. That number may be a parameter,
 * behind all others.
 */
export interface NullFunction {
  readonly name: string;
  readonly gives: 'presence' | { readonly missing: number | 'parameter' };
}

export interface NullParameters {
  /** Parameters behind those of the root: numbers, not 0 where something is there; of all elements of a column all such numbers. */
  readonly presenceCount: number;
  /** By parameter of the root: which of them speaks of it; -1 of what is always there. */
  readonly presenceOf: readonly number[];
}

/** Expressions that a root may come to, with the functions that stand in it. */
const mostExpressions = 100_000;
/** How deep they may be nested. */
const mostNested = 1000;

/**
 * The module of these functions of a root, and of what they call.
 *
 * @param derivatives Hears of each derivative, which `differentiate` has to put into effect.
 * @param tooLarge The error for a root that comes to more than is allowed.
 */
export function lowerNulls(
  root: NullRoot,
  nulls: NullParameters,
  functions: readonly NullFunction[],
  derivatives: Derivatives,
  tooLarge: (size: number, limit: number, unit: string) => Error,
): IrModule {
  const module = new IrModule();
  let calls = false;
  for (const { name, gives } of functions) {
    const lowering = new NullLowering(module, name, root, nulls, gives, derivatives, tooLarge);
    lowering.run(root, gives);
    calls ||= lowering.calls;
  }
  if (calls) for (const fn of root.functions) lowerFunction(module, fn, derivatives, root.edges);
  return module;
}

/** The value of an expression. */
interface Maybe {
  readonly value: Value;
  /** Whether it is there; undefined: always. */
  readonly present: Value | undefined;
}

/** One of several ways to a value. */
interface End extends Maybe {
  /** Where it ends. */
  readonly block: Block;
}

class NullLowering {
  /** Does it call functions of the program? */
  calls = false;
  readonly #module: IrModule;
  readonly #builder: IrBuilder;
  readonly #values = new Map<Variable, Maybe>();
  /** By hidden parameter for all elements of a column: the one for where they are there. */
  readonly #elementPresences = new Map<Variable, Value>();
  readonly #recursive = new Map<CheckedFunction, boolean>();
  readonly #derivatives: Derivatives;
  readonly #edges: NullRoot['edges'];
  readonly #isFirst: boolean;
  readonly #tooLarge: (size: number, limit: number, unit: string) => Error;
  #count = 0;
  #depth = 0;

  constructor(
    module: IrModule,
    name: string,
    { parameters, rowInputs, edges, isFirst }: NullRoot,
    { presenceCount, presenceOf }: NullParameters,
    gives: NullFunction['gives'],
    derivatives: Derivatives,
    tooLarge: (size: number, limit: number, unit: string) => Error,
  ) {
    this.#module = module;
    this.#derivatives = derivatives;
    this.#tooLarge = tooLarge;
    this.#edges = edges;
    this.#isFirst = isFirst;
    const own = parameters.map(({ type }) => type);
    const isGiven = gives !== 'presence' && gives.missing === 'parameter';
    const types = [...own, ...new Array<ValueType>(presenceCount + (isGiven ? 1 : 0)).fill('f64')];
    this.#builder = new IrBuilder(module, name, types, gives === 'presence' ? 'bool' : 'f64');
    const given = this.#builder.block.parameters;
    const zero = this.#builder.number(0);
    const wholes = new Set(rowInputs.flatMap(({ kind, variable }) => (kind === 'elements' ? variable : [])));
    const known = new Map<Value, Value>();
    for (const [index, parameter] of parameters.entries()) {
      const value = elementAt(given, index);
      const presence = elementAt(presenceOf, index);
      const speaker = presence < 0 ? undefined : elementAt(given, parameters.length + presence);
      const isWhole = wholes.has(parameter);
      if (isWhole && speaker !== undefined) this.#elementPresences.set(parameter, speaker);
      if (isWhole || speaker === undefined) {
        this.#define(parameter, always(value));
        continue;
      }
      const present = known.get(speaker) ?? this.#builder.emit(op.fne, speaker, zero);
      known.set(speaker, present);
      this.#define(parameter, { value, present });
    }
    const placed = placedParameters(
      this.#builder,
      parameters,
      rowInputs,
      (variable) => this.#variable(variable).value,
    );
    for (const [parameter, value] of placed) this.#values.set(parameter, always(value));
  }

  run({ bindings, result }: NullRoot, gives: NullFunction['gives']): void {
    const builder = this.#builder;
    const given = lastOf(builder.block.parameters);
    this.#bind(bindings);
    const { value, present } = this.#number(result);
    if (gives === 'presence') builder.return(present ?? builder.boolean(true));
    else if (present === undefined) builder.return(value);
    else {
      const missing = gives.missing === 'parameter' ? given : builder.number(gives.missing);
      builder.return(builder.select(present, value, missing));
    }
    const { function: fn } = builder;
    if (fn.blocks.length > 1) fn.blocks = reversePostorder(fn);
  }

  #bind(bindings: readonly TypedBinding[]): void {
    for (const { variable, value } of bindings) this.#define(variable, this.#value(value));
  }

  #define(variable: Variable, { value, present }: Maybe): void {
    const own = defined(this.#builder, this.#derivatives, variable, value);
    this.#values.set(variable, { value: own, present });
  }

  #as(type: ValueType, expression: TypedExpression): Maybe {
    return type === 'bool' ? this.#condition(expression) : this.#number(expression);
  }

  /** As a number: true is 1, false is 0. */
  #number(expression: TypedExpression): Maybe {
    const { value, present } = this.#value(expression);
    return { value: value.type === 'bool' ? this.#builder.emit(op.btof, value) : value, present };
  }

  /** As a boolean: a number is true if it is neither 0 nor NaN. */
  #condition(expression: TypedExpression): Maybe {
    const builder = this.#builder;
    const { value, present } = this.#value(expression);
    if (value.type === 'bool') return { value, present };
    const truth = builder.emit(op.fgt, builder.emit(op.fabs, value), builder.number(0));
    return { value: truth, present };
  }

  #numbers(expressions: readonly TypedExpression[]): Maybe[] {
    const values: Maybe[] = [];
    for (const expression of expressions) values.push(this.#number(expression));
    return values;
  }

  /** The value in the expression's own type. */
  #value(expression: TypedExpression): Maybe {
    if (++this.#count > mostExpressions) throw this.#tooLarge(this.#count, mostExpressions, 'expressions');
    if (++this.#depth > mostNested) throw this.#tooLarge(this.#depth, mostNested, 'levels');
    const value = this.#valueOf(expression);
    this.#depth--;
    return value;
  }

  #valueOf(expression: TypedExpression): Maybe {
    const builder = this.#builder;
    switch (expression.kind) {
      case 'constant':
        return always(
          typeof expression.value === 'boolean'
            ? builder.boolean(expression.value)
            : builder.number(expression.value),
        );
      case 'variable':
        return this.#variable(expression.variable);
      case 'negate': {
        const { value, present } = this.#number(expression.operand);
        return { value: builder.emit(op.fneg, value), present };
      }
      case 'convert':
        return this.#number(expression.operand);
      case 'not': {
        const { value, present } = this.#condition(expression.operand);
        return { value: builder.emit(op.bnot, value), present };
      }
      case 'arithmetic':
        return this.#arithmetic(expression);
      case 'power':
        return this.#strictly([expression.base, expression.exponent], (args) =>
          builder.callMath('pow', ...args),
        );
      case 'comparison':
        return this.#strictly([expression.left, expression.right], (args) =>
          builder.emit(comparisonOpcodes[expression.operator], ...args),
        );
      case 'and':
      case 'or':
        return this.#logical(expression);
      case 'conditional':
        return this.#conditional(expression);
      case 'block':
        this.#bind(expression.bindings);
        return this.#value(expression.result);
      case 'builtin': {
        const { emit } = expression.builtin;
        invariant(emit !== undefined, `${expression.builtin.name} is a loop`);
        return this.#strictly(expression.arguments, (args) => emit(builder, args));
      }
      case 'isnull': {
        const { present } = this.#value(expression.operand);
        return always(present === undefined ? builder.boolean(false) : builder.emit(op.bnot, present));
      }
      case 'coalesce':
        return this.#coalesce(expression);
      case 'loop':
        return this.#loop(expression);
      case 'call':
        return this.#isRecursive(expression.callee) ? this.#call(expression) : this.#inline(expression);
      case 'hostCall':
        return this.#hostCall(expression);
      case 'derivative': {
        const { value, present } = this.#number(expression.operand);
        const by = this.#variable(expression.variable).value;
        return { value: derived(builder, this.#derivatives, expression, value, by), present };
      }
      case 'element':
        return this.#element(expression);
      case 'previous':
        return this.#isFirst ? this.#number(expression.seed) : this.#variable(expression.variable);
    }
  }

  #variable(variable: Variable): Maybe {
    const value = this.#values.get(variable);
    invariant(value !== undefined, `${variable.name} has no value here`);
    return value;
  }

  /** Is all of it there? */
  #all(presences: readonly (Value | undefined)[]): Value | undefined {
    let all: Value | undefined;
    for (const present of new Set(presences)) {
      if (present !== undefined)
        all = all === undefined ? present : this.#builder.emit(op.band, all, present);
    }
    return all;
  }

  #strictly(operands: readonly TypedExpression[], emit: (args: readonly Value[]) => Value): Maybe {
    const args = this.#numbers(operands);
    const present = this.#all(args.map((each) => each.present));
    return { value: emit(args.map(({ value }) => value)), present };
  }

  #arithmetic({ operators, operands }: ArithmeticExpression): Maybe {
    return this.#strictly(operands, (args) => {
      let left = elementAt(args, 0);
      for (const [index, operator] of operators.entries()) {
        left = this.#builder.emit(arithmeticOpcodes[operator], left, elementAt(args, index + 1));
      }
      return left;
    });
  }

  #element({ column, count, row }: ElementExpression): Maybe {
    const builder = this.#builder;
    const elements = this.#variable(column).value;
    const rows = this.#variable(count).value;
    const { value, present } = this.#number(row);
    // A row that is missing may be any number, and must not be refused. There is a first row wherever there are any.
    const at =
      present !== undefined && this.#edges === 'error'
        ? builder.select(present, value, builder.number(0))
        : value;
    const element = emitElement(this.#module, builder, this.#edges, elements, rows, at);
    const presences = this.#elementPresences.get(column);
    if (presences === undefined) return { value: element, present };
    // A row that there is not has been refused by now, if it is to be.
    const edges = this.#edges === 'error' ? 'nan' : this.#edges;
    const speaker = emitElement(this.#module, builder, edges, presences, rows, at);
    const isThere = builder.emit(op.fne, speaker, builder.number(0));
    return { value: element, present: this.#all([present, isThere]) };
  }

  /** An operand that decides jumps ahead; that one is missing counts where none decides. */
  #logical({ kind, operands }: LogicalExpression): Maybe {
    const builder = this.#builder;
    const decided = builder.createBlock();
    /** Whether a truth value decides. */
    const decides = (value: Value): Value => (kind === 'or' ? value : builder.emit(op.bnot, value));
    let present: Value | undefined;
    for (let i = 0; i < operands.length - 1; i++) {
      const operand = this.#condition(elementAt(operands, i));
      const next = builder.createBlock();
      const isDecided = decides(operand.value);
      const test = operand.present ? builder.emit(op.band, operand.present, isDecided) : isDecided;
      builder.branch(test, decided, next);
      builder.moveTo(next);
      present = this.#all([present, operand.present]);
    }
    const last = this.#condition(lastOf(operands));
    const others = present && builder.emit(op.bor, present, decides(last.value));
    const end = { value: last.value, present: this.#all([last.present, others]), block: builder.block };
    builder.moveTo(decided);
    return this.#join([end, { ...always(builder.boolean(kind === 'or')), block: decided }]);
  }

  #conditional({ type, test, consequent, alternate }: ConditionalExpression): Maybe {
    const builder = this.#builder;
    const whenTrue = builder.createBlock();
    const whenFalse = builder.createBlock();
    const { value, present } = this.#condition(test);
    builder.branch(present ? builder.emit(op.band, present, value) : value, whenTrue, whenFalse);
    builder.moveTo(whenTrue);
    const first = this.#end(this.#as(type, consequent));
    builder.moveTo(whenFalse);
    return this.#join([first, this.#end(this.#as(type, alternate))]);
  }

  #coalesce({ type, operands }: CoalesceExpression): Maybe {
    const builder = this.#builder;
    const ends: End[] = [];
    for (const operand of operands) {
      const { value, present } = this.#as(type, operand);
      if (present === undefined || operand === lastOf(operands)) {
        ends.push(this.#end({ value, present }));
        break;
      }
      const found = builder.createBlock();
      const next = builder.createBlock();
      builder.branch(present, found, next);
      ends.push({ ...always(value), block: found });
      builder.moveTo(next);
    }
    return this.#join(ends);
  }

  /** As `lower.ts` does it; a bound that is missing becomes a NaN, which makes no round. */
  #loop({ operation, counter, from, to, body }: LoopExpression): Maybe {
    const builder = this.#builder;
    const start = this.#number(from);
    const end = this.#number(to);
    const bounds = this.#all([start.present, end.present]);
    const first = bounds ? builder.select(bounds, start.value, builder.number(Number.NaN)) : start.value;
    const one = builder.number(1);
    const distance = builder.emit(op.fsub, end.value, first);
    const rounds = builder.emit(op.fadd, builder.emit(op.ffloor, distance), one);
    const mayMiss = this.#mayMiss(body);
    const head = builder.createBlock(mayMiss ? ['f64', 'f64', 'bool'] : ['f64', 'f64']);
    const round = builder.createBlock();
    const exit = builder.createBlock();
    const initial = [builder.number(0), operation === 'sum' ? builder.number(0) : one];
    builder.jump(head, ...initial, ...(mayMiss ? [builder.boolean(true)] : []));

    builder.moveTo(head);
    const index = elementAt(head.parameters, 0);
    const result = elementAt(head.parameters, 1);
    const terms = mayMiss ? elementAt(head.parameters, 2) : undefined;
    builder.branch(builder.emit(op.flt, index, rounds), round, exit);

    builder.moveTo(round);
    this.#define(counter, always(builder.emit(op.fadd, first, index)));
    const term = this.#number(body);
    const next = builder.emit(operation === 'sum' ? op.fadd : op.fmul, result, term.value);
    const present = mayMiss ? this.#all([terms, term.present]) : undefined;
    builder.jump(head, builder.emit(op.fadd, index, one), next, ...(present ? [present] : []));

    builder.moveTo(exit);
    return { value: result, present: this.#all([bounds, terms]) };
  }

  /** Whether anything in the expression may be missing. */
  #mayMiss(expression: TypedExpression): boolean {
    let mayMiss = false;
    eachVariable(expression, (variable) => {
      if (this.#values.get(variable)?.present !== undefined || this.#elementPresences.has(variable)) {
        mayMiss = true;
      }
    });
    return mayMiss;
  }

  #isRecursive(fn: CheckedFunction): boolean {
    const known = this.#recursive.get(fn) ?? isRecursive(fn);
    this.#recursive.set(fn, known);
    return known;
  }

  /** The function's body in its place. */
  #inline({ callee, arguments: args }: CallExpression): Maybe {
    const values = this.#numbers(args);
    for (const [index, parameter] of callee.parameters.entries())
      this.#define(parameter, elementAt(values, index));
    return this.#as(callee.type, callee.body);
  }

  #call({ callee, arguments: args }: CallExpression): Maybe {
    this.calls = true;
    const values = this.#numbers(args);
    for (const captured of callee.captures) values.push(this.#variable(captured));
    return this.#ifAllThere(values, callee.type, (given) =>
      this.#builder.call(irNameOf(callee), callee.type, ...given),
    );
  }

  #hostCall({ host, arguments: args }: HostCallExpression): Maybe {
    const index = hostNumber(this.#module, host);
    return this.#ifAllThere(this.#numbers(args), 'f64', (given) => this.#builder.callHost(index, ...given));
  }

  #ifAllThere(args: readonly Maybe[], type: ValueType, call: (given: readonly Value[]) => Value): Maybe {
    const builder = this.#builder;
    const given = args.map(({ value }) => value);
    const all = this.#all(args.map(({ present }) => present));
    if (all === undefined) return always(call(given));
    const there = builder.createBlock();
    const missing = builder.createBlock();
    builder.branch(all, there, missing);
    builder.moveTo(there);
    const called = this.#end(always(call(given)));
    builder.moveTo(missing);
    const nothing = type === 'bool' ? builder.boolean(false) : builder.number(Number.NaN);
    return this.#join([called, this.#end({ value: nothing, present: builder.boolean(false) })]);
  }

  /** A value where the builder is. */
  #end({ value, present }: Maybe): End {
    return { value, present, block: this.#builder.block };
  }

  /** Goes on where the ends meet, with what each of them gives. */
  #join(ends: readonly End[]): Maybe {
    const builder = this.#builder;
    const first = elementAt(ends, 0);
    const mayMiss = ends.some(({ present }) => present !== undefined);
    const { type } = first.value;
    const join = builder.createBlock(mayMiss ? [type, 'bool'] : [type]);
    for (const { block, value, present } of ends) {
      builder.moveTo(block);
      builder.jump(join, value, ...(mayMiss ? [present ?? builder.boolean(true)] : []));
    }
    builder.moveTo(join);
    const value = elementAt(join.parameters, 0);
    return { value, present: mayMiss ? elementAt(join.parameters, 1) : undefined };
  }
}

function always(value: Value): Maybe {
  return { value, present: undefined };
}

/** Does it come to call itself? */
function isRecursive(fn: CheckedFunction): boolean {
  const reached = new Set<CheckedFunction>();
  const open = [...fn.callees];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === fn) return true;
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...next.callees);
  }
  return false;
}
