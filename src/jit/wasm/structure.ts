/**
 * Structured control flow of a function's graph, after Ramsey, "Beyond Relooper" (2022).
 *
 * WebAssembly has no jumps, only blocks that are left at their end and loops that are begun again. A walk down the dominator
 * tree gives both: what a block dominates stands within it, so that
 *
 *     a block with several ways in     stands behind the end of a `block`, which every way to it leaves
 *     the head of a loop               stands at the start of a `loop`
 *     any other                        stands where the only edge to it is
 *
 * Iterative, since a function may have a hundred thousand blocks in a row. Of the two sides of a branch that is nested which
 * is the smaller, so that depth stays small in chains.
 */
import { elementAt, slots } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { ranks } from '../ir/control-flow.ts';
import type { DominatorTree } from '../ir/dominators.ts';
import { type Block, type Edge, successors, type Value } from '../ir/function.ts';

/** Hears of what stands where, in order. */
export interface StructureVisitor {
  open(kind: 'block' | 'loop'): void;
  close(): void;
  instructions(block: Block): void;
  /** Opens what is run if the condition is `expected`. */
  when(condition: Value, expected: boolean): void;
  /** Passes the arguments; the jump follows. */
  edge(edge: Edge, isBack: boolean): void;
  /** To the end, or the start, of the enclosing construct with this number, the innermost being 0. */
  leave(depth: number): void;
  return(value: Value): void;
}

/** Control flow must be reducible. */
export function walkStructure(tree: DominatorTree, visitor: StructureVisitor): void {
  new Structurer(tree, visitor).run();
}

class Structurer {
  readonly #tree: DominatorTree;
  readonly #visitor: StructureVisitor;
  readonly #rank: Int32Array;
  /** By block id. */
  readonly #isHead: Uint8Array;
  readonly #isMerge: Uint8Array;
  /** By block id: the merges that it dominates immediately, in reverse postorder. */
  readonly #merges: (Block[] | undefined)[];
  /** By block id: number of the `block` that ends in front of it, and of its `loop`. */
  readonly #blockLabel: Int32Array;
  readonly #loopLabel: Int32Array;
  #depth = 0;
  readonly #tasks: (() => void)[] = [];

  constructor(tree: DominatorTree, visitor: StructureVisitor) {
    const { order, blockCount } = tree;
    this.#tree = tree;
    this.#visitor = visitor;
    this.#rank = ranks(order, blockCount);
    this.#isHead = new Uint8Array(blockCount);
    this.#isMerge = new Uint8Array(blockCount);
    this.#merges = slots(blockCount);
    this.#blockLabel = new Int32Array(blockCount);
    this.#loopLabel = new Int32Array(blockCount);
    const forward = new Int32Array(blockCount);
    for (const block of order) {
      for (const { target } of successors(block)) {
        if (this.#isBack(block, target)) {
          invariant(tree.dominates(target, block), 'control flow is reducible');
          this.#isHead[target.id] = 1;
        } else {
          forward[target.id] = (forward[target.id] as number) + 1;
        }
      }
    }
    for (const block of order) {
      const above = tree.immediate(block);
      if ((forward[block.id] as number) < 2 || above === undefined) continue;
      this.#isMerge[block.id] = 1;
      const merges = this.#merges[above.id] ?? [];
      merges.push(block);
      this.#merges[above.id] = merges;
    }
  }

  run(): void {
    this.#block(elementAt(this.#tree.order, 0));
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) task();
  }

  #isBack(source: Block, target: Block): boolean {
    return (this.#rank[target.id] as number) <= (this.#rank[source.id] as number);
  }

  /** A block and all that it dominates. What comes last is put on the stack first. */
  #block(block: Block): void {
    const visitor = this.#visitor;
    const merges = this.#merges[block.id] ?? [];
    if (this.#isHead[block.id] === 1) {
      this.#loopLabel[block.id] = this.#depth;
      this.#open('loop');
      this.#tasks.push(this.#close);
    }
    for (let i = merges.length - 1; i >= 0; i--) {
      const merge = elementAt(merges, i);
      this.#blockLabel[merge.id] = this.#depth;
      this.#open('block');
      this.#tasks.push(() => {
        this.#close();
        this.#block(merge);
      });
    }
    visitor.instructions(block);
    const { terminator } = block;
    switch (terminator?.kind) {
      case 'jump':
        this.#follow(block, terminator.edge);
        break;
      case 'branch':
        this.#branch(block, terminator.condition, terminator.whenTrue, terminator.whenFalse);
        break;
      case 'return':
        visitor.return(terminator.value);
        break;
      default:
        invariant(false, 'blocks end, and switches are lowered');
    }
  }

  readonly #close = (): void => {
    this.#depth--;
    this.#visitor.close();
  };

  #open(kind: 'block' | 'loop'): void {
    this.#depth++;
    this.#visitor.open(kind);
  }

  #branch(block: Block, condition: Value, whenTrue: Edge, whenFalse: Edge): void {
    const nestsTrue = this.#sizeOf(block, whenTrue) <= this.#sizeOf(block, whenFalse);
    const [nested, other] = nestsTrue ? [whenTrue, whenFalse] : [whenFalse, whenTrue];
    this.#visitor.when(condition, nestsTrue);
    this.#depth++;
    this.#tasks.push(() => {
      this.#close();
      this.#follow(block, other);
    });
    this.#follow(block, nested);
  }

  /** How many blocks stand where the edge is. */
  #sizeOf(source: Block, { target }: Edge): number {
    return this.#isJump(source, target) ? 0 : this.#tree.exit(target) - this.#tree.enter(target);
  }

  #isJump(source: Block, target: Block): boolean {
    return this.#isMerge[target.id] === 1 || this.#isBack(source, target);
  }

  #follow(source: Block, edge: Edge): void {
    const { target } = edge;
    const isBack = this.#isBack(source, target);
    this.#visitor.edge(edge, isBack);
    if (!this.#isJump(source, target)) {
      this.#tasks.push(() => this.#block(target));
      return;
    }
    const label = (isBack ? this.#loopLabel : this.#blockLabel)[target.id] as number;
    this.#visitor.leave(this.#depth - 1 - label);
  }
}
