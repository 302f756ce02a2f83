/**
 * Where in the source the values of optimised IR come from.
 *
 * Problem: passes replace values by new ones, and ask nobody where these come from; to have them say so would cost every compilation.
 * Strategy: between two passes, operands are compared. Where an instruction that was there before now takes a new value in the place
 * of another, the new one stands for the other and has its place. What only new values take was made for these, and has theirs.
 */
import { askedFor, type Block, type IrFunction, type Value } from '../../jit/ir/function.ts';
import type { Span } from '../../lang/ast.ts';

export class PassOrigins {
  readonly #spans: Map<Value, Span>;
  /** By instruction, and by block for its end: what it took at the last look. */
  readonly #taken = new Map<Value | Block, readonly Value[]>();

  /** `spans` are those of the values before all passes, and grow. */
  constructor(spans: Map<Value, Span>) {
    this.#spans = spans;
  }

  /** Looks at a function that a pass has changed, or at the first state of all. */
  look({ blocks }: IrFunction): void {
    for (const block of blocks) {
      for (const value of block.instructions) this.#compare(value, value.operands);
      // With the operands of its instructions, which change nothing.
      this.#compare(block, [...askedFor({ ...block, instructions: [] })]);
    }
    this.#inherit(blocks);
  }

  #compare(user: Value | Block, now: readonly Value[]): void {
    const before = this.#taken.get(user);
    this.#taken.set(user, [...now]);
    if (before === undefined || before.length !== now.length) return;
    for (const [index, value] of now.entries()) {
      const replaced = before[index];
      const span = replaced === value || replaced === undefined ? undefined : this.#spans.get(replaced);
      if (span !== undefined && !this.#spans.has(value)) this.#spans.set(value, span);
    }
  }

  /** From users to what only they take; users stand behind. */
  #inherit(blocks: readonly Block[]): void {
    for (const { instructions } of [...blocks].reverse()) {
      for (const user of [...instructions].reverse()) {
        const span = this.#spans.get(user);
        if (span === undefined) continue;
        for (const operand of user.operands) {
          if (operand.op !== undefined && !this.#spans.has(operand)) this.#spans.set(operand, span);
        }
      }
    }
  }
}
