/**
 * Where in a source values of IR come from: for those who show it, and nothing else asks. A checker notes the spans of expressions, the
 * lowering those of values.
 */
import type { Block, IrFunction, Value } from '../jit/ir/function.ts';
import { op } from '../jit/ir/opcode.ts';
import { elementAt } from '../support/element.ts';
import type { Span } from './ast.ts';
import type { TypedExpression } from './typed-ast.ts';
import { childrenOf } from './typed-tree.ts';

/** A block, and how many of its instructions were looked at. */
interface OpenBlock {
  readonly block: Block;
  instructions: number;
}

export class SourceSpans {
  readonly #expressions = new Map<TypedExpression, Span>();
  readonly values = new Map<Value, Span>();
  /** By number of a value. */
  readonly #emitted = new Map<IrFunction, (Value | undefined)[]>();
  /** By function, so many of its blocks were looked at, and those of them that have no end yet: only there are new values. */
  readonly #seen = new Map<IrFunction, { blocks: number; open: OpenBlock[] }>();

  /** An expression of the program's own source. */
  noteExpression(expression: TypedExpression, { start, end }: Span): void {
    if (!this.#expressions.has(expression)) this.#expressions.set(expression, { start, end });
  }

  /**
   * The values of a function from `first` on were emitted for an expression, those that are noted already for expressions within
   * it.
   */
  noteValues(fn: IrFunction, first: number, expression: TypedExpression): void {
    const span = this.#expressions.get(expression);
    if (span === undefined) return;
    const own = this.#valuesFrom(fn, first).filter((value) => !this.values.has(value));
    const parts = childrenOf(expression);
    // Constants are emitted by whoever takes them, in the order in which they stand.
    const literals = parts.filter(({ kind }) => kind === 'constant');
    let index = 0;
    for (const value of own) {
      const literal = value.op === op.fconst ? literals.shift() : undefined;
      if (literal !== undefined) this.values.set(value, this.#expressions.get(literal) ?? span);
      else if (expression.kind === 'arithmetic') this.values.set(value, this.#upTo(parts, ++index, span));
      else this.values.set(value, span);
    }
  }

  /** In the order in which they were emitted. What was found before is not looked at again, since long sources have many expressions. */
  #valuesFrom(fn: IrFunction, first: number): Value[] {
    const emitted = this.#emitted.get(fn) ?? [];
    this.#emitted.set(fn, emitted);
    const seen = this.#seen.get(fn) ?? { blocks: 0, open: [] };
    this.#seen.set(fn, seen);
    for (; seen.blocks < fn.blocks.length; seen.blocks++) {
      const block = elementAt(fn.blocks, seen.blocks);
      for (const value of block.parameters) emitted[value.id] = value;
      seen.open.push({ block, instructions: 0 });
    }
    for (const each of seen.open) {
      const { instructions } = each.block;
      for (const value of instructions.slice(each.instructions)) emitted[value.id] = value;
      each.instructions = instructions.length;
    }
    seen.open = seen.open.filter(({ block }) => block.terminator === undefined);
    return emitted.slice(first).filter((value) => value !== undefined);
  }

  /** Of `a + b + c` each sum is of the operands up to its own. */
  #upTo(operands: readonly TypedExpression[], last: number, whole: Span): Span {
    const operand = operands[last];
    const end =
      last + 1 < operands.length && operand !== undefined ? this.#expressions.get(operand)?.end : undefined;
    return { start: whole.start, end: end ?? whole.end };
  }
}
