/** Checks what a formula asks of other rows: elements of columns, and functions of whole columns. */
import { elementAt } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import type { Call, ElementAccess, Expression, NameReference, Span } from './ast.ts';
import type { LocalVariable } from './definitions.ts';
import type { DiagnosticCode } from './diagnostic-catalogue.ts';
import type { RowSurroundings } from './environment.ts';
import type { RowFunction } from './row-functions.ts';
import type { RowInputs } from './row-inputs.ts';
import type { Stage, TypedExpression, VariableExpression } from './typed-ast.ts';

/** The checker of the expression around. */
export interface SurroundingChecker {
  check(expression: Expression): TypedExpression;
  /** Checks an expression of all rows, in which names of one place mean nothing. */
  checkStage(expression: Expression, of: string): Stage;
  /** A value from outside of the expression. */
  refer(variable: LocalVariable): VariableExpression;
  /** The parameter of the program that a name stands for. */
  parameter(reference: NameReference): LocalVariable | undefined;
  /** Is the name defined by the expression itself? */
  isLocal(name: string): boolean;
  /** Is this the formula itself, and no function and no expression of all rows? */
  readonly isFormula: boolean;
  report(code: DiagnosticCode, span: Span, message: string, hint?: string): void;
  suggest(name: string, candidates: Iterable<string>): string | undefined;
}

/** Each gives undefined where it reported an error. */
export class RowExpressions {
  readonly #checker: SurroundingChecker;
  readonly #rows: RowSurroundings | undefined;
  readonly #inputs: RowInputs;

  constructor(checker: SurroundingChecker, rows: RowSurroundings | undefined, inputs: RowInputs) {
    this.#checker = checker;
    this.#rows = rows;
    this.#inputs = inputs;
  }

  element(access: ElementAccess): TypedExpression | undefined {
    const { column: name, columnSpan, index } = access;
    const checker = this.#checker;
    if (this.#rows === undefined) {
      this.#refuseRows(access, `\`${name}[…]\` is an element of a column`);
      return undefined;
    }
    const column = checker.parameter({ kind: 'name', name, ...columnSpan });
    if (column === undefined) {
      const message = `\`${name}\` is no column: only parameters of the formula are`;
      checker.report('E_NOT_A_COLUMN', columnSpan, message);
      return undefined;
    }
    const isLocal = checker.isLocal('index');
    const distance = isLocal ? undefined : distanceOf(index);
    if (distance === 0) return checker.refer(column);
    // Which rows look beyond the first and the last is known beforehand; whether they do so, is not.
    if (distance !== undefined && this.#rows.edges !== 'error') {
      return checker.refer(this.#inputs.neighbour(column, distance));
    }
    const elements = this.#inputs.elements(column);
    const count = this.#inputs.place('rowCount');
    checker.refer(elements);
    checker.refer(count);
    return { kind: 'element', type: 'f64', column: elements, count, row: checker.check(index) };
  }

  call(call: Call, fn: RowFunction): TypedExpression | undefined {
    const { callee, arguments: args } = call;
    if (this.#rows === undefined) {
      this.#refuseRows(call, `\`${callee}\` is a function of whole columns`);
      return undefined;
    }
    const count = args.length;
    const [least, most] = fn.kind === 'previous' ? [1, 2] : [fn.parameters.length, fn.parameters.length];
    if (count < least || count > most) {
      const usage = `it is called as \`${callee}(${fn.parameters.slice(-most).join(', ')})\``;
      const expected = least === most ? `${most} argument${most === 1 ? '' : 's'}` : '1 or 2 arguments';
      this.#checker.report('E_WRONG_ARITY', call, `\`${callee}\` takes ${expected}, not ${count}`, usage);
      return undefined;
    }
    if (fn.kind === 'previous') return this.#previous(call, this.#rows);
    const checker = this.#checker;
    const stage = checker.checkStage(elementAt(args, 0), callee);
    const second = count > 1 ? checker.checkStage(elementAt(args, 1), callee) : undefined;
    if (fn.kind === 'aggregate') return checker.refer(this.#inputs.aggregate(fn.aggregate, stage, second));
    invariant(second !== undefined, 'a rolling function has a window');
    return checker.refer(this.#inputs.rolling(fn.rolling, stage, second));
  }

  #previous({ callee, arguments: args, ...span }: Call, rows: RowSurroundings): TypedExpression | undefined {
    const checker = this.#checker;
    if (!checker.isFormula) {
      const message = `\`${callee}\` stands in the formula itself, not in a function or an expression of all rows`;
      checker.report('E_MISPLACED_PREV', span, message);
      return undefined;
    }
    const seed = elementAt(args, args.length - 1);
    let output: string | undefined = rows.output;
    if (args.length === 2) {
      const named = elementAt(args, 0);
      output = named.kind === 'name' && rows.outputs.includes(named.name) ? named.name : undefined;
      if (output === undefined) {
        const guess = named.kind === 'name' ? checker.suggest(named.name, rows.outputs) : undefined;
        const hint = guess === undefined ? undefined : `did you mean \`${guess}\`?`;
        checker.report(
          'E_UNKNOWN_NAME',
          named,
          `the first of two arguments of \`${callee}\` names an output`,
          hint,
        );
        return undefined;
      }
    }
    const variable = this.#inputs.previous(output);
    checker.refer(variable);
    return { kind: 'previous', type: 'f64', variable, seed: checker.check(seed) };
  }

  #refuseRows(span: Span, what: string): void {
    const hint = 'compile the formula and run it over columns: `compile(source).map(columns)`';
    this.#checker.report('E_ROWS_ONLY', span, `${what}, and there are no columns here`, hint);
  }
}

/** By how many rows `index`, `index + 1`, `index - 2` and the like are away; undefined for any other expression. */
function distanceOf(index: Expression): number | undefined {
  if (index.kind === 'name') return index.name === 'index' ? 0 : undefined;
  if (index.kind !== 'sum') return undefined;
  const { operands, operators } = index;
  const first = elementAt(operands, 0);
  if (first.kind !== 'name' || first.name !== 'index') return undefined;
  let distance = 0;
  for (const [position, operator] of operators.entries()) {
    const operand = elementAt(operands, position + 1);
    if (operand.kind !== 'number') return undefined;
    distance += operator === '-' ? -operand.value : operand.value;
  }
  return Number.isSafeInteger(distance) ? distance : undefined;
}
