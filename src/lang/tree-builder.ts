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
import { cutText } from '../support/cut-text.ts';
import { elementAt, lastOf, maybeAt } from '../support/element.ts';
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
import { type BuiltOperator, type BuiltPrefix, type Operator, Precedence } from './operators.ts';
import { plainReading, type Reading } from './reading.ts';
import { SourceText } from './source-text.ts';
import { endOf, normalizeName, Postfix } from './tokens.ts';

/** A finished part of the tree that waits for its parent. */
interface Operand {
  readonly node: Expression;
  /** Brackets included, unlike the node's own. */
  readonly start: number;
  readonly end: number;
  readonly height: number;
}

interface WaitingOperator {
  readonly operator: Operator | Chain;
  readonly start: number;
  readonly end: number;
}

/** Between comparisons of a chain: `&&`, and names for what stands in two of them. Waits for the rest of the chain. */
interface Chain {
  readonly kind: 'chain';
  readonly precedence: number;
  readonly bindings: readonly LetBinding[];
}

type BinaryOperator = Exclude<Operator, BuiltOperator | BuiltPrefix | { readonly kind: 'unary' }>;

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
  #reading = plainReading;
  #enabled = false;
  #ascii = true;
  #depth = 0;
  #nodes = 0;
  /** The last number that a side of comparisons got for its name, and those that the source has names with. */
  #sides = 0;
  #sidesTaken: ReadonlySet<string> | undefined;
  /** Where the operators of the innermost unfinished expression begin. */
  #base = 0;
  /** Of the trees bound by `let` so far in the innermost block. */
  #bindingsHeight = 0;
  readonly #operators: WaitingOperator[] = [];
  readonly #operands: Operand[] = [];

  get source(): SourceText {
    return this.#source;
  }

  start(source: SourceText, limits: SourceLimits, reading: Reading): void {
    if (source !== this.#source) this.#sidesTaken = undefined;
    this.#source = source;
    this.#reading = reading;
    this.#limits = limits;
    this.#enabled = true;
    this.#ascii = /^[\0-\x7f]*$/.test(source.text);
    this.#depth = 0;
    this.#nodes = 0;
    this.#sides = 0;
    this.#base = 0;
    this.#bindingsHeight = 0;
    this.#empty();
  }

  /** Lets go of the source and the tree. */
  finish(): void {
    this.#source = noSource;
    this.#sidesTaken = undefined;
    this.#reading = plainReading;
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

  identifier(token: IToken, of: 'values' | 'functions' = 'values'): Identifier {
    const { image, startOffset } = token;
    const name = this.#ascii ? image : normalizeName(image);
    const spell = this.#reading.spelling?.[of];
    return { name: spell === undefined ? name : spell(name), start: startOffset, end: endOf(token) };
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
    const { name, start, end } = this.identifier(callee, 'functions');
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
    const operator = this.#reading.syntax.prefix.get(token.image);
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

  /** An operator behind the last operand; says whether another operand comes. */
  binary(token: IToken): boolean {
    if (!this.#enabled) return true;
    if (token.tokenType === Postfix) {
      this.#applyPostfix(token);
      return false;
    }
    const { syntax } = this.#reading;
    const operator = syntax.binary.get(token.image);
    invariant(operator !== undefined, `${token.image} is no binary operator`);
    if (operator.kind === 'comparison' && this.#isChained()) {
      if (!syntax.chainedComparisons) this.#refuseChain(token);
      this.#chain();
    } else {
      if (operator.kind === 'product' && operator.isUnwritten === true) this.#refuseAmbiguous(token);
      // A power groups to the right, so an earlier power waits for this one.
      this.#reduce(operator.kind === 'power' ? Precedence.Atom : operator.precedence);
    }
    this.#shift(operator, token);
    return true;
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

  /** Does a comparison wait for what a comparison is to take? */
  #isChained(): boolean {
    this.#reduce(Precedence.Comparison + 1);
    return !this.isAtStart && lastOf(this.#operators).operator.kind === 'comparison';
  }

  #refuseChain(token: IToken): never {
    const span = { start: token.startOffset, end: endOf(token) };
    const hint = 'compare in pairs: `a < b && b < c`';
    this.fail('E_CHAINED_COMPARISON', span, 'a comparison cannot be compared without brackets', hint);
  }

  /** Ends the comparison that waits, and begins another with its right side. */
  #chain(): void {
    const { operator } = this.#operators.pop() as WaitingOperator;
    invariant(operator.kind === 'comparison', 'a chain is of comparisons');
    const middle = this.pop();
    const left = this.pop();
    const bindings: LetBinding[] = [];
    // What is bound is computed first, so the left side is bound if the middle is: sides keep their order.
    if (!isTrivial(middle.node)) for (const side of [left, middle]) this.#bind(side, bindings);
    const targets = bindings.map(({ target }) => target).reverse();
    const name = maybeAt(targets, 0);
    const of = (side: Operand, target: Identifier | undefined): Expression =>
      target === undefined ? copyOf(side.node) : { kind: 'name', ...target };
    const first = combine(
      operator,
      { ...left, node: of(left, maybeAt(targets, 1)) },
      { ...middle, node: of(middle, name) },
    );
    this.#push(first, Math.max(left.height, middle.height) + 1);
    this.#operators.push({
      operator: { kind: 'chain', precedence: Precedence.Comparison, bindings },
      start: middle.start,
      end: middle.end,
    });
    // In its brackets, if it has any.
    this.#operands.push({ ...middle, node: of(middle, name) });
    this.#nodes += middle.node.kind === 'unary' ? 2 : 1;
  }

  /** Names a side of a chain, unless it is one of those that need no name. */
  #bind({ node, start, end }: Operand, bindings: LetBinding[]): void {
    if (isTrivial(node)) return;
    this.#sidesTaken ??= sidesIn(this.#source.text);
    do this.#sides++;
    while (this.#sidesTaken.has(String(this.#sides)));
    const target = { name: `side${this.#sides}`, start, end };
    bindings.push({ kind: 'let', target, value: node, start, end });
  }

  /** `1/2x`. */
  #refuseAmbiguous(token: IToken): void {
    this.#reduce(Precedence.Product + 1);
    if (this.isAtStart) return;
    const { operator, start, end } = lastOf(this.#operators);
    if (operator.precedence !== Precedence.Product) return;
    if (operator.kind === 'product' && operator.symbol === '*') return;
    const { text } = this.#source;
    const divisor = text.slice(end, token.startOffset).trim();
    this.fail(
      'E_AMBIGUOUS_PRODUCT',
      { start, end: token.startOffset },
      `a product without its sign behind \`${text.slice(start, end)}\` may be read in two ways`,
      `write the \`*\` behind \`${cutText(divisor)}\`, and brackets around what is meant`,
    );
  }

  #applyPostfix(token: IToken): void {
    const operator = this.#reading.syntax.postfix.get(token.image);
    invariant(operator !== undefined, `${token.image} is no postfix operator`);
    const sign = { start: token.startOffset, end: endOf(token) };
    const { node, start, height } = this.pop();
    const { nodes, levels } = operator;
    this.#push(operator.build(node, sign, { start, end: sign.end }), height + levels, nodes);
  }

  #shift(operator: Operator, token: IToken): void {
    // What waits becomes levels of the tree above what comes, so this bounds the stack early.
    if (this.#operators.length - this.#base >= this.#limits.nesting) this.#tooDeep(token.startOffset);
    this.#operators.push({ operator, start: token.startOffset, end: endOf(token) });
  }

  /** Applies the waiting operators of the innermost expression that bind at least as tightly. */
  #reduce(precedence: number): void {
    while (this.#operators.length > this.#base) {
      const { operator, start, end } = lastOf(this.#operators);
      if (operator.precedence < precedence) return;
      this.#operators.pop();
      if (operator.kind === 'unary') this.#applyUnary(operator.symbol, start);
      else this.#apply(operator, { start, end });
    }
  }

  #applyUnary(operator: UnaryOperator, start: number): void {
    const { node, end, height } = this.pop();
    this.#push({ kind: 'unary', operator, operand: node, start, end }, height + 1);
  }

  #apply(operator: Exclude<WaitingOperator['operator'], { readonly kind: 'unary' }>, sign: Span): void {
    const right = this.pop();
    if (operator.kind === 'builtPrefix') {
      const span = { start: sign.start, end: right.end };
      this.#push(operator.build(right.node, sign, span), right.height + operator.levels, operator.nodes);
      return;
    }
    const left = this.pop();
    if (operator.kind === 'built') {
      const span = { start: left.start, end: right.end };
      const height = Math.max(left.height, right.height) + operator.levels;
      this.#push(operator.build(left.node, right.node, sign, span), height, operator.nodes);
    } else if (operator.kind === 'chain') this.#applyChain(operator, left, right);
    else this.#applyBinary(operator, left, right);
  }

  #applyChain({ bindings }: Chain, left: Operand, right: Operand): void {
    const span = { start: left.start, end: right.end };
    // Only a chain makes an `and` that has no brackets and stands within one.
    const rest = right.node.kind === 'and' ? right.node.operands : [right.node];
    const result: Expression = { kind: 'and', operands: [left.node, ...rest], ...span };
    const height = Math.max(left.height, right.height) + 1;
    if (bindings.length === 0) this.#push(result, height);
    else this.#push({ kind: 'block', bindings, result, ...span }, height + 1, bindings.length + 2);
  }

  #applyBinary(operator: BinaryOperator, left: Operand, right: Operand): void {
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

  #push(node: Expression, height: number, nodes = 1): void {
    this.#checkHeight(height, node.start);
    this.#nodes += nodes;
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

/** What stands behind `side` in a text, in any case, where that is a number. */
function sidesIn(text: string): ReadonlySet<string> {
  return new Set(Array.from(text.matchAll(/side(\d+)/gi), ([, number = '']) => number));
}

/** Is it computed again as easily as it is named? */
function isTrivial(node: Expression): boolean {
  const { kind } = node.kind === 'unary' ? node.operand : node;
  return kind === 'name' || kind === 'number';
}

/** Of a trivial node, since no node stands in two places. */
function copyOf(node: Expression): Expression {
  return node.kind === 'unary' ? { ...node, operand: copyOf(node.operand) } : { ...node };
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
