/**
 * Builds syntax trees from operands and operators as the grammar meets them.
 *
 * Operands wait on a stack until precedence tells which operator gets them (Dijkstra's shunting yard). Beside
 * each operand stand its extent, brackets included since these leave no node, and the height of its tree.
 * Invariant: no height exceeds `limits.nesting`, so whoever walks a tree may recurse.
 *
 * Before the first `start` the actions do nothing: chevrotain runs every rule once with dummy tokens in order
 * to learn the grammar.
 */
import type { IToken } from 'chevrotain';
import { elementAt, lastOf } from '../support/element.ts';
import { invariant } from '../support/invariant.ts';
import type {
  Expression,
  Identifier,
  LetBinding,
  ProductOperator,
  Span,
  SumOperator,
  UnaryOperator,
} from './ast.ts';
import { CompileError } from './compile-error.ts';
import { createDiagnostic } from './diagnostic.ts';
import type { DiagnosticCode } from './diagnostic-catalogue.ts';
import { defaultLimits, type SourceLimits } from './limits.ts';
import { binaryOperators, type Operator, Precedence, prefixOperators } from './operators.ts';
import { SourceText } from './source-text.ts';
import { normalizeName } from './tokens.ts';

/** A finished part of the tree that waits for its parent. */
interface Operand {
  readonly node: Expression;
  /** Brackets included, unlike the node's own. */
  readonly start: number;
  readonly end: number;
  readonly height: number;
}

interface WaitingOperator {
  readonly operator: Operator;
  readonly start: number;
}

type BinaryOperator = Exclude<Operator, { readonly kind: 'unary' }>;

/** An n-ary node while it grows; to everyone else it is read-only. */
interface Growing {
  start: number;
  end: number;
  readonly operators: (SumOperator | ProductOperator)[];
  readonly operands: Expression[];
}

const noSource = new SourceText('');
const nothing: Operand = {
  node: { kind: 'number', value: 0, start: 0, end: 0 },
  start: 0,
  end: 0,
  height: 1,
};

export class TreeBuilder {
  #source = noSource;
  #limits = defaultLimits;
  #enabled = false;
  #ascii = true;
  #depth = 0;
  #nodes = 0;
  /** Where the operators of the innermost unfinished expression begin. */
  #base = 0;
  /** Of the trees bound by `let` so far in the innermost block. */
  #bindingsHeight = 0;
  readonly #operators: WaitingOperator[] = [];
  readonly #operands: Operand[] = [];

  get source(): SourceText {
    return this.#source;
  }

  start(source: SourceText, limits: SourceLimits): void {
    this.#source = source;
    this.#limits = limits;
    this.#enabled = true;
    this.#ascii = /^[\0-\x7f]*$/.test(source.text);
    this.#depth = 0;
    this.#nodes = 0;
    this.#base = 0;
    this.#bindingsHeight = 0;
    this.#empty();
  }

  /** Lets go of the source and the tree. */
  finish(): void {
    this.#source = noSource;
    this.#empty();
  }

  /** To set the length of a list takes as long as to push some elements; an error leaves some here. */
  #empty(): void {
    if (this.#operators.length > 0) this.#operators.length = 0;
    if (this.#operands.length > 0) this.#operands.length = 0;
  }

  fail(code: DiagnosticCode, span: Span, message: string, hint?: string): never {
    throw new CompileError([createDiagnostic(this.#source, code, span, message, hint)]);
  }

  /** Enters an expression that begins with `next`; what it returns goes to {@link leave}. */
  enter(next: IToken): number {
    if (++this.#depth > this.#limits.nesting + 1) this.#tooDeep(next.startOffset);
    const outer = this.#base;
    this.#base = this.#operators.length;
    return outer;
  }

  leave(outer: number): void {
    this.#depth--;
    this.#base = outer;
  }

  /** Whether nothing of the innermost expression waits for an operand to come. */
  get isAtStart(): boolean {
    return this.#operators.length === this.#base;
  }

  identifier(token: IToken): Identifier {
    const { image, startOffset } = token;
    return { name: this.#ascii ? image : normalizeName(image), start: startOffset, end: endOf(token) };
  }

  number(token: IToken): void {
    if (!this.#enabled) return;
    const { image, startOffset: start } = token;
    const end = endOf(token);
    const value = Number(image.includes('_') ? image.replaceAll('_', '') : image);
    if (value === Number.POSITIVE_INFINITY) {
      const message = 'this number is larger than the largest double, 1.7976931348623157e308';
      this.fail('E_NUMBER_RANGE', { start, end }, message, 'infinity is written `inf`');
    }
    this.#push({ kind: 'number', value, start, end }, 1);
  }

  name(token: IToken): void {
    if (!this.#enabled) return;
    const { name, start, end } = this.identifier(token);
    this.#push({ kind: 'name', name, start, end }, 1);
  }

  /** A call with the last `count` operands as its arguments. */
  call(callee: IToken, count: number, closing: IToken): void {
    if (!this.#enabled) return;
    const { name, start, end } = this.identifier(callee);
    const args: Expression[] = [];
    let height = 0;
    for (let i = this.#operands.length - count; i < this.#operands.length; i++) {
      const operand = elementAt(this.#operands, i);
      args.push(operand.node);
      height = Math.max(height, operand.height);
    }
    for (let i = 0; i < count; i++) this.#operands.pop();
    const calleeSpan = { start, end };
    this.#push(
      { kind: 'call', callee: name, calleeSpan, arguments: args, start, end: endOf(closing) },
      height + 1,
    );
  }

  /** An element of a column, at the row that the last operand is. */
  element(column: IToken, closing: IToken): void {
    if (!this.#enabled) return;
    const { name, start, end } = this.identifier(column);
    const { node, height } = this.pop();
    const columnSpan = { start, end };
    this.#push(
      { kind: 'element', column: name, columnSpan, index: node, start, end: endOf(closing) },
      height + 1,
    );
  }

  /** The last operand stands in brackets. */
  bracketed(opening: IToken, closing: IToken): void {
    const { node, height } = this.pop();
    this.#operands.push({ node, start: opening.startOffset, end: endOf(closing), height });
  }

  /** Makes a binding of the last operand. */
  binding(start: number, target: Identifier): LetBinding {
    const { node, end, height } = this.pop();
    this.#bindingsHeight = Math.max(this.#bindingsHeight, height);
    return { kind: 'let', target, value: node, start, end };
  }

  /** Enters a block; what it returns goes to {@link block}. */
  enterBlock(): number {
    const outer = this.#bindingsHeight;
    this.#bindingsHeight = 0;
    return outer;
  }

  block(opening: IToken, bindings: readonly LetBinding[], closing: IToken, outer: number): void {
    if (!this.#enabled) return;
    const { node, height } = this.pop();
    const span = { start: opening.startOffset, end: endOf(closing) };
    this.#push(
      { kind: 'block', bindings, result: node, ...span },
      Math.max(this.#bindingsHeight, height) + 1,
    );
    this.#bindingsHeight = outer;
  }

  /** Makes a conditional of the last three operands, which begins at `start` or with the first of them. */
  conditional(start?: number): void {
    if (!this.#enabled) return;
    const alternate = this.pop();
    const consequent = this.pop();
    const test = this.pop();
    this.#push(
      {
        kind: 'conditional',
        test: test.node,
        consequent: consequent.node,
        alternate: alternate.node,
        start: start ?? test.start,
        end: alternate.end,
      },
      Math.max(test.height, consequent.height, alternate.height) + 1,
    );
  }

  /** An operator in front of the next operand. */
  prefix(token: IToken): void {
    if (!this.#enabled) return;
    const operator = prefixOperators.get(token.image);
    invariant(operator !== undefined, `${token.image} is no prefix operator`);
    const isNot = operator.precedence === Precedence.Not;
    if (isNot && !this.isAtStart && lastOf(this.#operators).operator.precedence > Precedence.Not) {
      const span = { start: token.startOffset, end: endOf(token) };
      this.fail(
        'E_MISPLACED_NOT',
        span,
        '`not` cannot stand here',
        'write `!x`, or put `(not x)` in brackets',
      );
    }
    this.#shift(operator, token);
  }

  /** An operator between the last operand and the next one. */
  binary(token: IToken): void {
    if (!this.#enabled) return;
    const operator = binaryOperators.get(token.image);
    invariant(operator !== undefined, `${token.image} is no binary operator`);
    if (operator.kind === 'comparison') this.#refuseChain(token);
    // A power groups to the right, so an earlier power waits for this one.
    this.#reduce(operator.kind === 'power' ? Precedence.Atom : operator.precedence);
    this.#shift(operator, token);
  }

  /** Gives all operators of the innermost expression their operands: one operand is left. */
  complete(): void {
    this.#reduce(Precedence.Or);
  }

  /** Takes the last operand. */
  pop(): Operand {
    return this.#operands.pop() ?? nothing;
  }

  checkNodes(): void {
    if (this.#nodes <= this.#limits.nodes) return;
    const message = `the source has ${this.#nodes} nodes; at most ${this.#limits.nodes} are allowed`;
    this.fail('E_NODES', { start: 0, end: 0 }, message);
  }

  checkParameters(target: Identifier, count: number): void {
    const most = this.#limits.parameters;
    if (count <= most) return;
    this.fail(
      'E_PARAMETERS',
      target,
      `\`${target.name}\` has ${count} parameters; at most ${most} are allowed`,
    );
  }

  #refuseChain(token: IToken): void {
    this.#reduce(Precedence.Sum);
    if (this.isAtStart || lastOf(this.#operators).operator.kind !== 'comparison') return;
    const span = { start: token.startOffset, end: endOf(token) };
    const hint = 'compare in pairs: `a < b && b < c`';
    this.fail('E_CHAINED_COMPARISON', span, 'a comparison cannot be compared without brackets', hint);
  }

  #shift(operator: Operator, token: IToken): void {
    // What waits becomes levels of the tree above what comes, so this bounds the stack early.
    if (this.#operators.length - this.#base >= this.#limits.nesting) this.#tooDeep(token.startOffset);
    this.#operators.push({ operator, start: token.startOffset });
  }

  /** Applies the waiting operators of the innermost expression that bind at least as tightly. */
  #reduce(precedence: number): void {
    while (this.#operators.length > this.#base) {
      const { operator, start } = lastOf(this.#operators);
      if (operator.precedence < precedence) return;
      this.#operators.pop();
      if (operator.kind === 'unary') this.#applyUnary(operator.symbol, start);
      else this.#applyBinary(operator);
    }
  }

  #applyUnary(operator: UnaryOperator, start: number): void {
    const { node, end, height } = this.pop();
    this.#push({ kind: 'unary', operator, operand: node, start, end }, height + 1);
  }

  #applyBinary(operator: BinaryOperator): void {
    const right = this.pop();
    const left = this.pop();
    if (left.node.kind === operator.kind && operator.kind !== 'comparison' && operator.kind !== 'power') {
      this.#grow(operator, left, right);
      return;
    }
    this.#push(combine(operator, left, right), Math.max(left.height, right.height) + 1);
  }

  /** Appends to a run of operators of one level; the left node was made here and has no parent yet. */
  #grow(operator: BinaryOperator, left: Operand, right: Operand): void {
    const { start } = left;
    const { end } = right;
    this.#checkHeight(right.height + 1, start);
    const run = left.node as unknown as Growing;
    if (operator.kind === 'sum' || operator.kind === 'product') run.operators.push(operator.symbol);
    run.operands.push(right.node);
    run.start = start;
    run.end = end;
    this.#operands.push({ node: left.node, start, end, height: Math.max(left.height, right.height + 1) });
  }

  #push(node: Expression, height: number): void {
    this.#checkHeight(height, node.start);
    this.#nodes++;
    this.#operands.push({ node, start: node.start, end: node.end, height });
  }

  #checkHeight(height: number, start: number): void {
    if (height > this.#limits.nesting) this.#tooDeep(start);
  }

  #tooDeep(start: number): never {
    const message = `nested more than ${this.#limits.nesting} levels deep`;
    this.fail('E_NESTING', { start, end: start + 1 }, message, 'name parts of it with `let`');
  }
}

function combine(
  operator: BinaryOperator,
  { node: left, start }: Operand,
  { node: right, end }: Operand,
): Expression {
  switch (operator.kind) {
    case 'comparison':
      return { kind: 'comparison', operator: operator.symbol, left, right, start, end };
    case 'power':
      return { kind: 'power', base: left, exponent: right, start, end };
    case 'sum':
      return { kind: 'sum', operators: [operator.symbol], operands: [left, right], start, end };
    case 'product':
      return { kind: 'product', operators: [operator.symbol], operands: [left, right], start, end };
    default:
      return { kind: operator.kind, operands: [left, right], start, end };
  }
}

export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}
