/**
 * The tree after checking: every name is resolved, every expression has its type, and what was sugar is gone.
 * Conversions between numbers and booleans are not nodes: who lowers an operand converts it to what it needs.
 */
import type { HostFunction } from '../jit/ir/function.ts';
import type {
  ComparisonOperator,
  FunctionDefinition,
  ProductOperator,
  Program,
  Span,
  SumOperator,
} from './ast.ts';
import type { Builtin } from './builtins.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { AggregateKind, Edges, RollingKind } from './row-functions.ts';
import type { SourceText } from './source-text.ts';

/** A number or a boolean, by the names the IR has for them. */
export type ValueType = 'f64' | 'bool';

/** A parameter, a `let` or a loop's counter: one for each place that defines it. */
export interface Variable {
  readonly name: string;
  readonly type: ValueType;
  /** Whether derivatives are taken by it. */
  readonly varies: boolean;
}

export interface ConstantExpression {
  readonly kind: 'constant';
  readonly type: ValueType;
  readonly value: number | boolean;
}

export interface VariableExpression {
  readonly kind: 'variable';
  readonly type: ValueType;
  readonly variable: Variable;
}

export interface NegateExpression {
  readonly kind: 'negate';
  readonly type: 'f64';
  readonly operand: TypedExpression;
}

/** Unary `+` of a boolean. */
export interface ConvertExpression {
  readonly kind: 'convert';
  readonly type: 'f64';
  readonly operand: TypedExpression;
}

export interface NotExpression {
  readonly kind: 'not';
  readonly type: 'bool';
  readonly operand: TypedExpression;
}

export interface ArithmeticExpression {
  readonly kind: 'arithmetic';
  readonly type: 'f64';
  readonly operators: readonly (SumOperator | ProductOperator)[];
  readonly operands: readonly TypedExpression[];
}

export interface PowerExpression {
  readonly kind: 'power';
  readonly type: 'f64';
  readonly base: TypedExpression;
  readonly exponent: TypedExpression;
}

export interface ComparisonExpression {
  readonly kind: 'comparison';
  readonly type: 'bool';
  readonly operator: ComparisonOperator;
  readonly left: TypedExpression;
  readonly right: TypedExpression;
}

export interface LogicalExpression {
  readonly kind: 'and' | 'or';
  readonly type: 'bool';
  readonly operands: readonly TypedExpression[];
}

/** Boolean only if both branches are. */
export interface ConditionalExpression {
  readonly kind: 'conditional';
  readonly type: ValueType;
  readonly test: TypedExpression;
  readonly consequent: TypedExpression;
  readonly alternate: TypedExpression;
}

export interface TypedBinding {
  readonly variable: Variable;
  readonly value: TypedExpression;
}

export interface BlockExpression {
  readonly kind: 'block';
  readonly type: ValueType;
  readonly bindings: readonly TypedBinding[];
  readonly result: TypedExpression;
}

export interface BuiltinExpression {
  readonly kind: 'builtin';
  readonly type: ValueType;
  readonly builtin: Builtin;
  readonly arguments: readonly TypedExpression[];
}

/** Whether the operand is missing. */
export interface IsNullExpression {
  readonly kind: 'isnull';
  readonly type: 'bool';
  readonly operand: TypedExpression;
}

/** The first operand that is not missing. Boolean only if all are. */
export interface CoalesceExpression {
  readonly kind: 'coalesce';
  readonly type: ValueType;
  readonly operands: readonly TypedExpression[];
}

/** `sum` and `prod`: the bounds are outside the counter's scope. */
export interface LoopExpression {
  readonly kind: 'loop';
  readonly type: 'f64';
  readonly operation: 'sum' | 'prod';
  readonly counter: Variable;
  readonly from: TypedExpression;
  readonly to: TypedExpression;
  readonly body: TypedExpression;
}

/** `diff`: how the operand grows with the variable. */
export interface DerivativeExpression {
  readonly kind: 'derivative';
  readonly type: 'f64';
  readonly operand: TypedExpression;
  readonly variable: Variable;
  readonly source: SourceText;
  readonly span: Span;
}

export interface CallExpression {
  readonly kind: 'call';
  readonly type: ValueType;
  readonly callee: CheckedFunction;
  readonly arguments: readonly TypedExpression[];
}

export interface HostCallExpression {
  readonly kind: 'hostCall';
  readonly type: 'f64';
  readonly host: HostFunction;
  readonly arguments: readonly TypedExpression[];
}

/** The element of a column at any row. */
export interface ElementExpression {
  readonly kind: 'element';
  readonly type: 'f64';
  /** Stands for all of the column. */
  readonly column: Variable;
  /** How many rows there are. */
  readonly count: Variable;
  readonly row: TypedExpression;
}

/** The result of an output in the row before; in the first row `seed`. */
export interface PreviousExpression {
  readonly kind: 'previous';
  readonly type: 'f64';
  readonly variable: Variable;
  readonly seed: TypedExpression;
}

export type TypedExpression =
  | ConstantExpression
  | VariableExpression
  | NegateExpression
  | ConvertExpression
  | NotExpression
  | ArithmeticExpression
  | PowerExpression
  | ComparisonExpression
  | LogicalExpression
  | ConditionalExpression
  | BlockExpression
  | BuiltinExpression
  | IsNullExpression
  | CoalesceExpression
  | LoopExpression
  | DerivativeExpression
  | CallExpression
  | HostCallExpression
  | ElementExpression
  | PreviousExpression;

/** An expression that is computed over all rows before the formula itself. */
export interface Stage {
  readonly expression: TypedExpression;
  /** So many of the program's `let`s stand in front of it. */
  readonly bindingCount: number;
}

/** The element of a column some rows further on, or before if the distance is negative. */
export interface NeighbourInput {
  readonly kind: 'neighbour';
  readonly variable: Variable;
  readonly column: Variable;
  readonly distance: number;
}

export interface AggregateInput {
  readonly kind: 'aggregate';
  readonly variable: Variable;
  readonly aggregate: AggregateKind;
  readonly stage: Stage;
  /** Of a quantile, which: one number for all rows. */
  readonly share: Stage | undefined;
}

export interface RollingInput {
  readonly kind: 'rolling';
  readonly variable: Variable;
  readonly rolling: RollingKind;
  readonly stage: Stage;
  /** How many rows: one number for all of them. */
  readonly window: Stage;
}

/** All of a column, whose elements are taken at any row. */
export interface ElementsInput {
  readonly kind: 'elements';
  readonly variable: Variable;
  readonly column: Variable;
}

/** The result of an output in the row before. */
export interface PreviousInput {
  readonly kind: 'previous';
  readonly variable: Variable;
  /** Undefined: that of the formula itself. */
  readonly output: string | undefined;
}

/** The number of the first row of those that go together; how many rows there are in all. */
export interface PlaceInput {
  readonly kind: 'firstRow' | 'rowCount';
  readonly variable: Variable;
}

export type RowInput =
  | NeighbourInput
  | ElementsInput
  | AggregateInput
  | RollingInput
  | PreviousInput
  | PlaceInput;

export interface CheckedFunction {
  readonly name: string;
  readonly definition: FunctionDefinition;
  readonly source: SourceText;
  readonly parameters: readonly Variable[];
  /**
   * Values from outside that it or a function it calls refers to, in order of first use: parameters of the program
   * and `let`s at top level. Calls pass them after the arguments.
   */
  readonly captures: readonly Variable[];
  /** Functions that its body calls. */
  readonly callees: ReadonlySet<CheckedFunction>;
  readonly type: ValueType;
  readonly body: TypedExpression;
}

export interface CheckedProgram {
  readonly program: Program;
  /** Those of the program, then those of the library that these may call. */
  readonly functions: readonly CheckedFunction[];
  /** Given or found, then those the surroundings provide and the program uses. */
  readonly parameters: readonly Variable[];
  /** How many of the parameters are `provided` ones; they come last. */
  readonly providedCount: number;
  /** What elements beyond the rows are. */
  readonly edges: Edges;
  /** What it takes of other rows. */
  readonly rowInputs: readonly RowInput[];
  /** The `let`s at top level, in order. */
  readonly bindings: readonly TypedBinding[];
  readonly result: TypedExpression | undefined;
  /** In the order of the source. */
  readonly warnings: readonly Diagnostic[];
}
