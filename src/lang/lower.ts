/**
 * From the typed tree to IR.
 *
 * Conditionals, `&&`, `||` and loops become control flow, so that nothing is evaluated that the language skips; the
 * optimiser makes selects of the cheap ones. A condition that is only branched on never becomes a value. Calls in
 * tail position are calls like all others; the optimiser makes loops of them.
 */
import { IrBuilder } from '../jit/ir/builder.ts';
import { reversePostorder } from '../jit/ir/control-flow.ts';
import { type Block, hostNumber, type IrFunction, IrModule, type Value } from '../jit/ir/function.ts';
import { type Opcode, op, type Type } from '../jit/ir/opcode.ts';
import { elementAt, lastOf } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import type { ComparisonOperator, ProductOperator, SumOperator } from './ast.ts';
import { emitElement } from './lower-element.ts';
import { namedStages } from './row-inputs.ts';
import type { SourceSpans } from './source-spans.ts';
import type {
  ArithmeticExpression,
  CheckedFunction,
  CheckedProgram,
  ConditionalExpression,
  DerivativeExpression,
  ElementExpression,
  LogicalExpression,
  LoopExpression,
  RowInput,
  TypedBinding,
  TypedExpression,
  Variable,
} from './typed-ast.ts';

/** The IR's name of the function that computes a program's result. */
export const mainName = 'main';

/** The IR's name of a function of the program; `$` cannot occur in names of a source. */
export function irNameOf(fn: CheckedFunction): string {
  return fn.name === mainName ? `${mainName}$` : fn.name;
}

/** The IR's name of the function that computes the result of the first row, if a program asks for that of the row before. */
export const firstName = 'main$first';

/** What `differentiate` has to put into effect in a module. */
export class Derivatives {
  /** Whether anything is told apart for the sake of derivatives, also where none is ever evaluated. */
  vary = false;
  /** By the `derive` in IR that each became. */
  readonly expressions = new Map<Value, DerivativeExpression>();
}

/** What derivatives are taken by is a value of its own, also where it equals another one. */
export function defined(
  builder: IrBuilder,
  derivatives: Derivatives | undefined,
  { varies }: Variable,
  value: Value,
): Value {
  if (!varies) return value;
  if (derivatives !== undefined) derivatives.vary = true;
  return builder.emit(op.vary, value);
}

/** `index` and `length`, of which the kernel knows what they are of the rows that go together, with what they are of all. */
export function placedParameters(
  builder: IrBuilder,
  parameters: readonly Variable[],
  inputs: readonly RowInput[],
  valueIn: (variable: Variable) => Value,
): [parameter: Variable, value: Value][] {
  return inputs.flatMap(({ kind, variable }): [Variable, Value][] => {
    const name = kind === 'firstRow' ? 'index' : kind === 'rowCount' ? 'length' : undefined;
    const placed = name === undefined ? undefined : parameters.find((parameter) => parameter.name === name);
    if (placed === undefined) return [];
    const given = valueIn(variable);
    return [[placed, kind === 'firstRow' ? builder.emit(op.fadd, valueIn(placed), given) : given]];
  });
}

/** The derivative of a value by that of the expression's variable. */
export function derived(
  builder: IrBuilder,
  derivatives: Derivatives | undefined,
  expression: DerivativeExpression,
  operand: Value,
  by: Value,
): Value {
  const derivative = builder.emit(op.derive, operand, by);
  derivatives?.expressions.set(derivative, expression);
  return derivative;
}

/**
 * The IR of a program: if it has a result, {@link mainName} with the program's parameters and what it takes of other rows, the same
 * for the first row where that differs, and what comes before all rows; and each function under
 * {@link irNameOf} with its own parameters and, after them, its captures.
 *
 * Derivatives are operations, which `differentiate` has to put into effect; `derivatives` hears of each. `spans` gets the places of values
 * that come from expressions whose places it has.
 */
export function lower(program: CheckedProgram, derivatives?: Derivatives, spans?: SourceSpans): IrModule {
  const module = new IrModule();
  const { bindings, result, functions } = program;
  if (result !== undefined) {
    lowerRoot(module, derivatives, mainName, program, bindings, result, false, spans);
    if (hasFirst(program)) lowerRoot(module, derivatives, firstName, program, bindings, result, true, spans);
    for (const { name, stage } of namedStages(program.rowInputs)) {
      const before = bindings.slice(0, stage.bindingCount);
      lowerRoot(module, derivatives, name, program, before, stage.expression, false, spans);
    }
  }
  for (const fn of functions) lowerFunction(module, fn, derivatives, program.edges, spans);
  return module;
}

/** Adds a function to a module, under {@link irNameOf}; see {@link lower}. */
export function lowerFunction(
  module: IrModule,
  fn: CheckedFunction,
  derivatives?: Derivatives,
  edges: CheckedProgram['edges'] = 'nan',
  spans?: SourceSpans,
): void {
  const all = [...fn.parameters, ...fn.captures];
  lowering(spans, module, derivatives, irNameOf(fn), all, fn.type, edges).return(fn.body);
}

/** Does the first row have a function of its own? */
export function hasFirst({ rowInputs }: CheckedProgram): boolean {
  return rowInputs.some(({ kind }) => kind === 'previous');
}

function lowerRoot(
  module: IrModule,
  derivatives: Derivatives | undefined,
  name: string,
  { parameters, rowInputs, edges }: CheckedProgram,
  bindings: readonly TypedBinding[],
  result: TypedExpression,
  isFirst: boolean,
  spans: SourceSpans | undefined,
): void {
  const all = [...parameters, ...rowInputs.map(({ variable }) => variable)];
  const root = lowering(spans, module, derivatives, name, all, result.type, edges, isFirst);
  root.place(parameters, rowInputs);
  root.bind(bindings);
  root.return(result);
}

function lowering(
  spans: SourceSpans | undefined,
  ...given: ConstructorParameters<typeof FunctionLowering>
): FunctionLowering {
  return spans === undefined ? new FunctionLowering(...given) : new TracedLowering(spans, ...given);
}

export const arithmeticOpcodes: Readonly<Record<SumOperator | ProductOperator, Opcode>> = {
  '+': op.fadd,
  '-': op.fsub,
  '*': op.fmul,
  '/': op.fdiv,
  '%': op.frem,
};

export const comparisonOpcodes: Readonly<Record<ComparisonOperator, Opcode>> = {
  '<': op.flt,
  '<=': op.fle,
  '>': op.fgt,
  '>=': op.fge,
  '==': op.feq,
  '!=': op.fne,
};

/** Appends to the builder's current block; an expression may move it to another. */
class FunctionLowering {
  readonly #module: IrModule;
  readonly #derivatives: Derivatives | undefined;
  readonly #builder: IrBuilder;
  readonly #values = new Map<Variable, Value>();
  readonly #edges: CheckedProgram['edges'];
  /** Is it of the first row, before which there is none? */
  readonly #isFirst: boolean;

  constructor(
    module: IrModule,
    derivatives: Derivatives | undefined,
    name: string,
    parameters: readonly Variable[],
    result: Type,
    edges: CheckedProgram['edges'],
    isFirst = false,
  ) {
    this.#module = module;
    this.#derivatives = derivatives;
    this.#edges = edges;
    this.#isFirst = isFirst;
    const types = parameters.map(({ type }) => type);
    this.#builder = new IrBuilder(module, name, types, result);
    for (const [index, parameter] of parameters.entries()) {
      this.#define(parameter, elementAt(this.#builder.block.parameters, index));
    }
  }

  get function(): IrFunction {
    return this.#builder.function;
  }

  place(parameters: readonly Variable[], inputs: readonly RowInput[]): void {
    const placed = placedParameters(this.#builder, parameters, inputs, (variable) =>
      this.#variable(variable),
    );
    for (const [parameter, value] of placed) this.#values.set(parameter, value);
  }

  bind(bindings: readonly TypedBinding[]): void {
    for (const { variable, value } of bindings) this.#define(variable, this.value(value));
  }

  #define(variable: Variable, value: Value): void {
    this.#values.set(variable, defined(this.#builder, this.#derivatives, variable, value));
  }

  /** Ends the function. */
  return(expression: TypedExpression): void {
    const fn = this.#builder.function;
    this.#builder.return(this.#as(fn.result, expression));
    if (fn.blocks.length > 1) fn.blocks = reversePostorder(fn);
  }

  #as(type: Type, expression: TypedExpression): Value {
    return type === 'bool' ? this.#condition(expression) : this.#number(expression);
  }

  /** As a number: true is 1, false is 0. */
  #number(expression: TypedExpression): Value {
    if (expression.kind === 'constant') return this.#builder.number(Number(expression.value));
    const value = this.value(expression);
    return value.type === 'bool' ? this.#builder.emit(op.btof, value) : value;
  }

  /** As a boolean: a number is true if it is neither 0 nor NaN. */
  #condition(expression: TypedExpression): Value {
    const builder = this.#builder;
    const value = this.value(expression);
    if (value.type === 'bool') return value;
    return builder.emit(op.fgt, builder.emit(op.fabs, value), builder.number(0));
  }

  #numbers(expressions: readonly TypedExpression[]): Value[] {
    const values: Value[] = [];
    for (const expression of expressions) values.push(this.#number(expression));
    return values;
  }

  /** The value in the expression's own type. */
  value(expression: TypedExpression): Value {
    const builder = this.#builder;
    switch (expression.kind) {
      case 'constant':
        return typeof expression.value === 'boolean'
          ? builder.boolean(expression.value)
          : builder.number(expression.value);
      case 'variable':
        return this.#variable(expression.variable);
      case 'negate':
        return builder.emit(op.fneg, this.#number(expression.operand));
      case 'convert':
        return this.#number(expression.operand);
      case 'not':
        return builder.emit(op.bnot, this.#condition(expression.operand));
      case 'arithmetic':
        return this.#arithmetic(expression);
      case 'power': {
        const base = this.#number(expression.base);
        return builder.callMath('pow', base, this.#number(expression.exponent));
      }
      case 'comparison': {
        const left = this.#number(expression.left);
        return builder.emit(comparisonOpcodes[expression.operator], left, this.#number(expression.right));
      }
      case 'and':
      case 'or':
        return this.#logical(expression);
      case 'conditional':
        return this.#conditional(expression);
      case 'block':
        this.bind(expression.bindings);
        return this.value(expression.result);
      case 'builtin': {
        const { emit } = expression.builtin;
        invariant(emit !== undefined, `${expression.builtin.name} is a loop`);
        return emit(builder, this.#numbers(expression.arguments));
      }
      // Where this code runs nothing is missing.
      case 'isnull':
        this.value(expression.operand);
        return builder.boolean(false);
      case 'coalesce':
        return this.#as(expression.type, elementAt(expression.operands, 0));
      case 'loop':
        return this.#loop(expression);
      case 'derivative': {
        const operand = this.#number(expression.operand);
        return derived(builder, this.#derivatives, expression, operand, this.#variable(expression.variable));
      }
      case 'call': {
        const { callee } = expression;
        const args = this.#numbers(expression.arguments);
        for (const captured of callee.captures) args.push(this.#variable(captured));
        return builder.call(irNameOf(callee), callee.type, ...args);
      }
      case 'element':
        return this.#element(expression);
      case 'previous':
        return this.#isFirst ? this.#number(expression.seed) : this.#variable(expression.variable);
      case 'hostCall': {
        const args = this.#numbers(expression.arguments);
        return builder.callHost(hostNumber(this.#module, expression.host), ...args);
      }
    }
  }

  #variable(variable: Variable): Value {
    const value = this.#values.get(variable);
    invariant(value !== undefined, `${variable.name} has no value here`);
    return value;
  }

  #arithmetic({ operators, operands }: ArithmeticExpression): Value {
    let left = this.#number(elementAt(operands, 0));
    for (const [index, operator] of operators.entries()) {
      const right = this.#number(elementAt(operands, index + 1));
      left = this.#builder.emit(arithmeticOpcodes[operator], left, right);
    }
    return left;
  }

  #element({ column, count, row }: ElementExpression): Value {
    const [elements, rows] = [this.#variable(column), this.#variable(count)];
    return emitElement(this.#module, this.#builder, this.#edges, elements, rows, this.#number(row));
  }

  /** All operands but the last may jump ahead with the value that decides. */
  #logical({ kind, operands }: LogicalExpression): Value {
    const builder = this.#builder;
    const decided = builder.createBlock();
    const join = builder.createBlock(['bool']);
    for (let i = 0; i < operands.length - 1; i++) {
      const next = builder.createBlock();
      if (kind === 'and') this.#branch(elementAt(operands, i), next, decided);
      else this.#branch(elementAt(operands, i), decided, next);
      builder.moveTo(next);
    }
    builder.jump(join, this.#condition(lastOf(operands)));
    builder.moveTo(decided);
    builder.jump(join, builder.boolean(kind === 'or'));
    builder.moveTo(join);
    return elementAt(join.parameters, 0);
  }

  #conditional({ type, test, consequent, alternate }: ConditionalExpression): Value {
    const builder = this.#builder;
    const whenTrue = builder.createBlock();
    const whenFalse = builder.createBlock();
    const join = builder.createBlock([type]);
    this.#branch(test, whenTrue, whenFalse);
    builder.moveTo(whenTrue);
    builder.jump(join, this.#as(type, consequent));
    builder.moveTo(whenFalse);
    builder.jump(join, this.#as(type, alternate));
    builder.moveTo(join);
    return elementAt(join.parameters, 0);
  }

  /** Ends the current block: goes one way or the other. */
  #branch(condition: TypedExpression, whenTrue: Block, whenFalse: Block): void {
    const builder = this.#builder;
    switch (condition.kind) {
      case 'not':
        this.#branch(condition.operand, whenFalse, whenTrue);
        return;
      case 'and':
      case 'or': {
        const { operands } = condition;
        for (let i = 0; i < operands.length - 1; i++) {
          const next = builder.createBlock();
          if (condition.kind === 'and') this.#branch(elementAt(operands, i), next, whenFalse);
          else this.#branch(elementAt(operands, i), whenTrue, next);
          builder.moveTo(next);
        }
        this.#branch(lastOf(operands), whenTrue, whenFalse);
        return;
      }
      default:
        builder.branch(this.#condition(condition), whenTrue, whenFalse);
    }
  }

  /**
   * The number of rounds is known before the first, so a counter too large to grow by one ends nevertheless:
   *
   *     n = floor(to - from) + 1; k = 0; result = 0 or 1
   *     while (k < n) { counter = from + k; result = result + body; k = k + 1 }
   *
   * A NaN among the bounds makes no round.
   */
  #loop({ operation, counter, from, to, body }: LoopExpression): Value {
    const builder = this.#builder;
    const first = this.#number(from);
    const distance = builder.emit(op.fsub, this.#number(to), first);
    const one = builder.number(1);
    const rounds = builder.emit(op.fadd, builder.emit(op.ffloor, distance), one);
    const head = builder.createBlock(['f64', 'f64']);
    const round = builder.createBlock();
    const exit = builder.createBlock();
    builder.jump(head, builder.number(0), operation === 'sum' ? builder.number(0) : one);

    builder.moveTo(head);
    const index = elementAt(head.parameters, 0);
    const result = elementAt(head.parameters, 1);
    builder.branch(builder.emit(op.flt, index, rounds), round, exit);

    builder.moveTo(round);
    this.#define(counter, builder.emit(op.fadd, first, index));
    const term = this.#number(body);
    const next = builder.emit(operation === 'sum' ? op.fadd : op.fmul, result, term);
    builder.jump(head, builder.emit(op.fadd, index, one), next);

    builder.moveTo(exit);
    return result;
  }
}

/** Also notes where values come from. */
class TracedLowering extends FunctionLowering {
  readonly #spans: SourceSpans;

  constructor(spans: SourceSpans, ...given: ConstructorParameters<typeof FunctionLowering>) {
    super(...given);
    this.#spans = spans;
  }

  override value(expression: TypedExpression): Value {
    const first = this.function.valueCount;
    const value = super.value(expression);
    this.#spans.noteValues(this.function, first, expression);
    return value;
  }
}
