/**
 * From an expression of the source to a typed one.
 *
 * A name followed by brackets is a function, any other a value; the two do not hide each other. An expression that
 * has an error is typed as a number, so that it causes no others.
 */
import { elementAt } from '../support/element.ts';
import { suggestName } from '../support/suggest-name.ts';
import type {
  Block,
  Call,
  Comparison,
  ComparisonOperator,
  Conditional,
  Expression,
  NameReference,
  Span,
  Unary,
} from './ast.ts';
import { type Builtin, builtins } from './builtins.ts';
import { type Definitions, type FunctionUnderCheck, LocalVariable } from './definitions.ts';
import type { DiagnosticList } from './diagnostic.ts';
import type { DiagnosticCode } from './diagnostic-catalogue.ts';
import type { ResolvedEnvironment } from './environment.ts';
import { absentFunctions, arityElsewhere, namesElsewhere, valuesElsewhere } from './names-elsewhere.ts';
import type { Occurrences } from './occurrences.ts';
import { RowExpressions, type SurroundingChecker } from './row-expressions.ts';
import { rowFunctions } from './row-functions.ts';
import type { RowInputs } from './row-inputs.ts';
import type { SourceSpans } from './source-spans.ts';
import type { SourceText } from './source-text.ts';
import type { Stage, TypedBinding, TypedExpression, VariableExpression } from './typed-ast.ts';
import type { ValueNames } from './value-names.ts';

/** What stands for an expression that has an error. */
const wrong: TypedExpression = Object.freeze({ kind: 'constant', type: 'f64', value: Number.NaN });

/** What an expression refers to outside of itself. */
export interface References {
  /** In order of first use. */
  readonly variables: Set<LocalVariable>;
  /** With the first call of each. */
  readonly functions: Map<FunctionUnderCheck, Span>;
}

/** What all expressions of a program are checked against, and where it is noted. */
export interface CheckerScope {
  readonly environment: ResolvedEnvironment;
  readonly definitions: Definitions;
  readonly names: ValueNames;
  readonly diagnostics: DiagnosticList;
  readonly occurrences: Occurrences | undefined;
  readonly rowInputs: RowInputs;
  /** Gets the place of each expression of the program; undefined, as always but for explanations: nobody asks. */
  readonly spans: SourceSpans | undefined;
}

/** Checks the expression of one statement or the body of one function. */
export class ExpressionChecker implements SurroundingChecker {
  readonly references: References = { variables: new Set(), functions: new Map() };
  readonly #environment: ResolvedEnvironment;
  readonly #definitions: Definitions;
  readonly #names: ValueNames;
  readonly #diagnostics: DiagnosticList;
  readonly #occurrences: Occurrences | undefined;
  readonly #source: SourceText;
  /** Position of the statement, which sees the `let`s before it. */
  readonly #index: number;
  readonly #locals = new Map<string, LocalVariable>();
  readonly #rows: RowExpressions;
  /** Within an expression of all rows: the function that asks for it, and names of one place, which mean nothing there. */
  #stage: { readonly of: string; readonly hidden: ReadonlySet<string> } | undefined;
  /** Is it the body of a function, which takes values from outside as they are? */
  readonly #isFunction: boolean;

  constructor(scope: CheckerScope, source: SourceText, index: number, parameters?: readonly LocalVariable[]) {
    this.#environment = scope.environment;
    this.#definitions = scope.definitions;
    this.#names = scope.names;
    this.#diagnostics = scope.diagnostics;
    this.#occurrences = scope.occurrences;
    this.#source = source;
    this.#index = index;
    this.#rows = new RowExpressions(this, scope.environment.rows, scope.rowInputs);
    this.#isFunction = parameters !== undefined;
    for (const parameter of parameters ?? []) this.#locals.set(parameter.name, parameter);
  }

  check(expression: Expression): TypedExpression {
    switch (expression.kind) {
      case 'number':
        return { kind: 'constant', type: 'f64', value: expression.value };
      case 'name':
        return this.#name(expression);
      case 'unary':
        return this.#unary(expression);
      case 'power': {
        const base = this.check(expression.base);
        const exponent = this.check(expression.exponent);
        return { kind: 'power', type: 'f64', base, exponent };
      }
      case 'sum':
      case 'product': {
        const { operators } = expression;
        return { kind: 'arithmetic', type: 'f64', operators, operands: this.#list(expression.operands) };
      }
      case 'comparison':
        return this.#comparison(expression);
      case 'and':
      case 'or':
        return { kind: expression.kind, type: 'bool', operands: this.#list(expression.operands) };
      case 'conditional':
        return this.#conditional(expression);
      case 'call':
        return this.#call(expression);
      case 'element':
        this.#occurrences?.value({ kind: 'name', name: expression.column, ...expression.columnSpan });
        return this.#rows.element(expression) ?? wrong;
      case 'block':
        return this.#block(expression);
    }
  }

  get isFormula(): boolean {
    return this.#stage === undefined && this.#index !== Number.POSITIVE_INFINITY;
  }

  checkStage(expression: Expression, of: string): Stage {
    const outer = this.#stage;
    this.#stage = { of, hidden: new Set([...(outer?.hidden ?? []), ...this.#locals.keys()]) };
    const checked = this.check(expression);
    this.#stage = outer;
    return { expression: checked, bindingCount: this.#names.letsBefore(this.#index) };
  }

  refer(variable: LocalVariable): VariableExpression {
    variable.used = true;
    this.references.variables.add(variable);
    return { kind: 'variable', type: variable.type, variable };
  }

  isLocal(name: string): boolean {
    return this.#locals.has(name);
  }

  parameter({ name }: NameReference): LocalVariable | undefined {
    return this.#locals.has(name) ? undefined : this.#names.column(name, this.#index);
  }

  report(code: DiagnosticCode, span: Span, message: string, hint?: string): void {
    this.#report(code, span, message, hint);
  }

  suggest(name: string, candidates: Iterable<string>): string | undefined {
    return this.#suggest(name, candidates);
  }

  #list(expressions: readonly Expression[]): TypedExpression[] {
    const checked: TypedExpression[] = [];
    for (const expression of expressions) checked.push(this.check(expression));
    return checked;
  }

  #name(reference: NameReference): TypedExpression {
    const { name } = reference;
    const local = this.#locals.get(name);
    if (local !== undefined) {
      local.used = true;
      if (this.#stage?.hidden.has(name) === true) this.#refuseLocal(reference, this.#stage.of);
      return { kind: 'variable', type: local.type, variable: local };
    }
    this.#occurrences?.value(reference);
    const meaning = this.#names.find(name, this.#index);
    switch (meaning.kind) {
      case 'variable': {
        const { variable } = meaning;
        variable.used = true;
        this.references.variables.add(variable);
        return { kind: 'variable', type: variable.type, variable };
      }
      case 'constant': {
        const { value } = meaning;
        return { kind: 'constant', type: typeof value === 'boolean' ? 'bool' : 'f64', value };
      }
      case 'early':
        this.#report(
          'E_USE_BEFORE_DEFINITION',
          reference,
          `\`${name}\` gets its value only later`,
          'move its `let` up',
        );
        return wrong;
      case 'unknown':
        this.#reportUnknownName(reference);
        return wrong;
    }
  }

  #refuseLocal(reference: NameReference, of: string): void {
    const message = `\`${of}\` is of all rows, and \`${reference.name}\` is known only here`;
    const hint = 'only parameters of the formula, `let`s at top level and functions can stand in it';
    this.#report('E_STAGE_LOCAL', reference, message, hint);
  }

  #unary({ operator, operand }: Unary): TypedExpression {
    const checked = this.check(operand);
    switch (operator) {
      case '-':
        return { kind: 'negate', type: 'f64', operand: checked };
      case '+':
        return checked.type === 'f64' ? checked : { kind: 'convert', type: 'f64', operand: checked };
      case '!':
        return { kind: 'not', type: 'bool', operand: checked };
    }
  }

  #comparison(comparison: Comparison): TypedExpression {
    const { operator } = comparison;
    const left = this.check(comparison.left);
    const right = this.check(comparison.right);
    this.#reportConstantComparison(comparison, left, right);
    return { kind: 'comparison', type: 'bool', operator, left, right };
  }

  /** Of literals and of `nan`, whose value no environment changes. */
  #reportConstantComparison(comparison: Comparison, left: TypedExpression, right: TypedExpression): void {
    if (isNaNName(comparison.left, left) || isNaNName(comparison.right, right)) {
      const message = `comparing with \`nan\` is always ${comparison.operator === '!='}`;
      this.#report('W_CONSTANT_COMPARISON', comparison, message, 'to find NaN, write `isnan(x)`');
    } else if (comparison.left.kind === 'number' && comparison.right.kind === 'number') {
      const outcome = compare(comparison.operator, comparison.left.value, comparison.right.value);
      this.#report('W_CONSTANT_COMPARISON', comparison, `this comparison is always ${outcome}`);
    }
  }

  #conditional(conditional: Conditional): TypedExpression {
    const test = this.check(conditional.test);
    const consequent = this.check(conditional.consequent);
    const alternate = this.check(conditional.alternate);
    const type = consequent.type === 'bool' && alternate.type === 'bool' ? 'bool' : 'f64';
    return { kind: 'conditional', type, test, consequent, alternate };
  }

  #block(block: Block): TypedExpression {
    const hidden: [name: string, outer: LocalVariable | undefined][] = [];
    const own = new Set<string>();
    const bindings: (TypedBinding & { readonly variable: LocalVariable })[] = [];
    for (const { target, value } of block.bindings) {
      const { name } = target;
      const checked = this.check(value);
      const variable = new LocalVariable(name, checked.type);
      if (own.has(name)) {
        this.#report('E_DUPLICATE_DEFINITION', target, `\`${name}\` is already defined in this block`);
      } else {
        own.add(name);
        hidden.push([name, this.#locals.get(name)]);
      }
      this.#locals.set(name, variable);
      bindings.push({ variable, value: checked });
    }
    const result = this.check(block.result);
    for (const [index, { variable }] of bindings.entries()) {
      const { target } = elementAt(block.bindings, index);
      if (!variable.used) reportUnused(this.#diagnostics, this.#source, target);
    }
    for (const [name, outer] of hidden) this.#restore(name, outer);
    return { kind: 'block', type: result.type, bindings, result };
  }

  #call(call: Call): TypedExpression {
    const { callee, arguments: args } = call;
    this.#occurrences?.call(call);
    const rowFunction = rowFunctions.get(callee);
    const builtin = this.#builtin(callee);
    // `sum(i, a, b, e)` is a loop, `min(x, y)` an operation; of one argument they are of a whole column.
    const isOfColumn = rowFunction !== undefined && this.#environment.rows !== undefined && args.length === 1;
    if (builtin !== undefined && isOfColumn) return this.#rows.call(call, rowFunction) ?? wrong;
    if (builtin !== undefined) {
      if (builtin.group === 'derivative') return this.#derivative(call, builtin);
      if (builtin.emit === undefined) return this.#loop(call, builtin);
      const checked = this.#list(args);
      if (!this.#checkArity(call, builtin)) return wrong;
      if (builtin.name === 'isnull') return { kind: 'isnull', type: 'bool', operand: elementAt(checked, 0) };
      if (builtin.name === 'coalesce') return coalesced(checked);
      return { kind: 'builtin', type: builtin.type, builtin, arguments: checked };
    }
    const defined = this.#definitions.functions.get(callee);
    const host = this.#environment.hosts.get(callee);
    const isRowFunction =
      rowFunction !== undefined &&
      (this.#environment.rows !== undefined || args.length === 1 || callee === 'prev');
    if (isRowFunction && defined === undefined && host === undefined) {
      return this.#rows.call(call, rowFunction) ?? wrong;
    }
    const checked = this.#list(args);
    if (defined !== undefined) {
      const parameters = defined.definition.parameters.map(({ name }) => name);
      if (!this.references.functions.has(defined)) this.references.functions.set(defined, call.calleeSpan);
      if (!this.#checkArity(call, fixedArity(parameters))) return wrong;
      return { kind: 'call', type: defined.type, callee: defined, arguments: checked };
    }
    if (host !== undefined) {
      if (!this.#checkArity(call, { minArity: host.arity, maxArity: host.arity, parameters: [] }))
        return wrong;
      return { kind: 'hostCall', type: 'f64', host, arguments: checked };
    }
    this.#reportUnknownFunction(call);
    return wrong;
  }

  #loop(call: Call, builtin: Builtin): TypedExpression {
    if (!this.#checkArity(call, builtin)) return wrong;
    const [counter, from, to, body] = call.arguments as [Expression, Expression, Expression, Expression];
    const checkedFrom = this.check(from);
    const checkedTo = this.check(to);
    if (counter.kind !== 'name') {
      const message = `the first argument of \`${call.callee}\` names its counter`;
      this.#report('E_LOOP_VARIABLE', counter, message, `for example \`${call.callee}(i, 1, 10, i^2)\``);
      return wrong;
    }
    const { name } = counter;
    const outer = this.#locals.get(name);
    const variable = new LocalVariable(name, 'f64');
    this.#locals.set(name, variable);
    const checkedBody = this.check(body);
    this.#restore(name, outer);
    return {
      kind: 'loop',
      type: 'f64',
      operation: builtin.name === 'sum' ? 'sum' : 'prod',
      counter: variable,
      from: checkedFrom,
      to: checkedTo,
      body: checkedBody,
    };
  }

  /** The variable is looked up after the expression, since free names become parameters in the order in which they stand. */
  #derivative(call: Call, builtin: Builtin): TypedExpression {
    if (!this.#checkArity(call, builtin)) return wrong;
    const [expression, by] = call.arguments as [Expression, Expression];
    const operand = this.check(expression);
    const variable = this.#variableOf(call, by);
    if (variable === undefined) return wrong;
    variable.varies = true;
    return { kind: 'derivative', type: 'f64', operand, variable, source: this.#source, span: call };
  }

  /** What derivatives can be taken by: a value that is computed here, and so can be told from all else that the expression is made of. */
  #variableOf({ callee }: Call, by: Expression): LocalVariable | undefined {
    const report = (message: string, hint: string) => this.#report('E_DIFF_VARIABLE', by, message, hint);
    if (by.kind !== 'name') {
      const message = `the second argument of \`${callee}\` names the variable`;
      report(message, `for example \`${callee}(x^2, x)\`; of a value, \`{ let x = …; ${callee}(x^2, x) }\``);
      return undefined;
    }
    const { name } = by;
    const isLocal = this.#locals.has(name);
    const checked = this.#name(by);
    if (checked === wrong) return undefined;
    if (checked.kind !== 'variable') {
      const message = `\`${name}\` is a constant; there is no derivative by it`;
      report(message, `name its value: \`{ let t = ${name}; ${callee}(t^2, t) }\``);
      return undefined;
    }
    if (checked.type === 'bool') {
      report(
        `\`${name}\` is true or false; there is no derivative by it`,
        `\`let ${name} = +(…)\` is a number`,
      );
      return undefined;
    }
    if (!isLocal && this.#isFunction) {
      // What the function takes from outside may depend on it in turn, which nobody sees from here.
      const message = `\`${name}\` is a value from outside of the function; there is no derivative by it here`;
      report(message, `make it a parameter of the function`);
      return undefined;
    }
    // It is the variable object of the checker, whichever way it was found.
    return checked.variable as LocalVariable;
  }

  /** Unless the program or the host has a function of the name, where that may be. */
  #builtin(name: string): Builtin | undefined {
    const builtin = builtins.get(name);
    const isHidden =
      builtin?.yields === true &&
      (this.#definitions.functions.has(name) || this.#environment.hosts.has(name));
    return isHidden ? undefined : builtin;
  }

  #restore(name: string, outer: LocalVariable | undefined): void {
    if (outer === undefined) this.#locals.delete(name);
    else this.#locals.set(name, outer);
  }

  #checkArity(call: Call, { minArity, maxArity, parameters }: Arity): boolean {
    const count = call.arguments.length;
    if (count >= minArity && count <= maxArity) return true;
    const atLeast = maxArity === minArity ? '' : 'at least ';
    const expected = `${atLeast}${minArity} argument${minArity === 1 ? '' : 's'}`;
    const message = `\`${call.callee}\` takes ${expected}, not ${count}`;
    const usage = `${call.callee}(${parameters.join(', ')})`;
    const hint =
      arityElsewhere.get(`${call.callee} ${count}`) ??
      (parameters.length === minArity ? `it is called as \`${usage}\`` : undefined);
    this.#report('E_WRONG_ARITY', call, message, hint);
    return false;
  }

  #reportUnknownName(reference: NameReference): void {
    const { name } = reference;
    if (this.#names.isFunction(name)) {
      const message = `\`${name}\` is a function`;
      this.#report('E_NOT_A_VALUE', reference, message, `call it: \`${name}(…)\``);
      return;
    }
    const suggestion = this.#suggest(name, this.#valueCandidates());
    const guess = suggestion === undefined ? undefined : `did you mean \`${suggestion}\`?`;
    const hint = guess ?? valuesElsewhere.get(name) ?? valuesElsewhere.get(name.toLowerCase());
    this.#report('E_UNKNOWN_NAME', reference, `\`${name}\` is not defined`, hint);
  }

  #reportUnknownFunction({ callee, calleeSpan }: Call): void {
    const isValue = this.#locals.has(callee) || this.#names.isValue(callee);
    if (isValue) {
      const message = `\`${callee}\` is a value, not a function`;
      this.#report(
        'E_NOT_A_FUNCTION',
        calleeSpan,
        message,
        `multiplication needs its sign: \`${callee} * (…)\``,
      );
      return;
    }
    const inOurCase = callee.toLowerCase();
    const elsewhere = namesElsewhere.get(inOurCase);
    const suggestion = this.#suggest(callee, this.#functionCandidates());
    const guess = suggestion === undefined ? undefined : `did you mean \`${suggestion}\`?`;
    const known = elsewhere === undefined ? undefined : `here that is \`${elsewhere}\``;
    const hint = known ?? absentFunctions.get(inOurCase) ?? guess;
    this.#report('E_UNKNOWN_FUNCTION', calleeSpan, `the function \`${callee}\` is not defined`, hint);
  }

  #suggest(name: string, candidates: Iterable<string>): string | undefined {
    return this.#diagnostics.isFull ? undefined : suggestName(name, candidates);
  }

  *#valueCandidates(): Iterable<string> {
    yield* this.#locals.keys();
    yield* this.#names.candidates();
  }

  *#functionCandidates(): Iterable<string> {
    yield* this.#definitions.functions.keys();
    yield* this.#environment.hosts.keys();
    yield* builtins.keys();
    if (this.#environment.rows !== undefined) yield* rowFunctions.keys();
  }

  #report(code: DiagnosticCode, span: Span, message: string, hint?: string): void {
    this.#diagnostics.report(this.#source, code, span, message, hint);
  }
}

/** Also notes where expressions stand. */
export class TracingChecker extends ExpressionChecker {
  readonly #spans: SourceSpans;

  constructor(
    spans: SourceSpans,
    scope: CheckerScope,
    source: SourceText,
    index: number,
    parameters?: readonly LocalVariable[],
  ) {
    super(scope, source, index, parameters);
    this.#spans = spans;
  }

  override check(expression: Expression): TypedExpression {
    const checked = super.check(expression);
    this.#spans.noteExpression(checked, expression);
    return checked;
  }
}

function coalesced(operands: readonly TypedExpression[]): TypedExpression {
  const isBoolean = operands.every(({ type }) => type === 'bool');
  return { kind: 'coalesce', type: isBoolean ? 'bool' : 'f64', operands };
}

type Arity = Pick<Builtin, 'minArity' | 'maxArity' | 'parameters'>;

function fixedArity(parameters: readonly string[]): Arity {
  return { minArity: parameters.length, maxArity: parameters.length, parameters };
}

function isNaNName(expression: Expression, checked: TypedExpression): boolean {
  return expression.kind === 'name' && expression.name === 'nan' && checked.kind === 'constant';
}

function compare(operator: ComparisonOperator, left: number, right: number): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '==':
      return left === right;
    case '!=':
      return left !== right;
  }
}

/** Names that begin with `_` say that this is intended. */
export function reportUnused(
  diagnostics: DiagnosticList,
  source: SourceText,
  target: Span & { name: string },
): void {
  if (target.name.startsWith('_')) return;
  const message = `\`${target.name}\` is never used`;
  diagnostics.report(source, 'W_UNUSED_LET', target, message, 'a name that begins with `_` may stay unused');
}
