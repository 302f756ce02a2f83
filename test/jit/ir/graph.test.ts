import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { callGraph, reachableFrom, withCallers } from '../../../src/jit/ir/call-graph.ts';
import { leadsBack, ranks, reversePostorder } from '../../../src/jit/ir/control-flow.ts';
import { DominatorTree } from '../../../src/jit/ir/dominators.ts';
import { type Block, type IrFunction, IrModule, successors } from '../../../src/jit/ir/function.ts';
import { findLoops, type LoopNest } from '../../../src/jit/ir/loops.ts';
import { predecessorCounts, predecessorLists } from '../../../src/jit/ir/predecessors.ts';
import { elementAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';

const seed = seedFromEnvironment();

/** Block `i` leads to the blocks of list `i`: none, one or two. */
function graph(edges: readonly (readonly number[])[]): IrFunction {
  const builder = new IrBuilder(new IrModule(), 'f', ['f64'], 'f64');
  const [parameter] = builder.block.parameters;
  const condition = builder.boolean(true);
  const blocks = [builder.block, ...edges.slice(1).map(() => builder.createBlock())];
  edges.forEach(([first, second], index) => {
    builder.moveTo(elementAt(blocks, index));
    if (first === undefined) builder.return(parameter ?? condition);
    else if (second === undefined) builder.jump(elementAt(blocks, first));
    else builder.branch(condition, elementAt(blocks, first), elementAt(blocks, second));
  });
  return builder.function;
}

function randomGraph(random: Random): IrFunction {
  const count = random.integer(1, 14);
  const target = (): number => random.integer(Math.min(1, count - 1), count - 1);
  return graph(
    Array.from({ length: count }, () =>
      count === 1 ? [] : Array.from({ length: random.integer(0, 2) }, target),
    ),
  );
}

/** By the definition: `inner` cannot be reached once `outer` is taken out. */
function dominatesByDefinition(fn: IrFunction, outer: Block, inner: Block): boolean {
  if (outer === inner) return true;
  const seen = new Set<Block>([outer]);
  const work = [elementAt(fn.blocks, 0)];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    if (seen.has(block)) continue;
    seen.add(block);
    for (const { target } of successors(block)) work.push(target);
  }
  return !seen.has(inner);
}

/** What reaches `from` along edges between the given blocks, without going on from `head`. */
function reaching(from: Block, head: Block, blocks: readonly Block[]): Set<Block> {
  const found = new Set<Block>([head]);
  const work = [from];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    if (found.has(block)) continue;
    found.add(block);
    const reached = block;
    work.push(...blocks.filter((source) => successors(source).some(({ target }) => target === reached)));
  }
  return found;
}

/** By the definition, by head: what each natural loop holds. */
function loopsByDefinition(fn: IrFunction, blocks: readonly Block[]): Map<Block, Set<Block>> {
  const loops = new Map<Block, Set<Block>>();
  for (const block of blocks) {
    for (const { target } of successors(block)) {
      if (!dominatesByDefinition(fn, target, block)) continue;
      loops.set(target, new Set([...(loops.get(target) ?? []), ...reaching(block, target, blocks)]));
    }
  }
  return loops;
}

/** By the definition: can each block, without the edges that close loops, not come back to itself? */
function isReducibleByDefinition(fn: IrFunction, blocks: readonly Block[]): boolean {
  const forward = (block: Block): Block[] =>
    successors(block).flatMap(({ target }) => (dominatesByDefinition(fn, target, block) ? [] : [target]));
  return blocks.every((start) => {
    const seen = new Set<Block>();
    const work = forward(start);
    for (let block = work.pop(); block !== undefined; block = work.pop()) {
      if (seen.has(block)) continue;
      seen.add(block);
      work.push(...forward(block));
    }
    return !seen.has(start);
  });
}

function nestOf(fn: IrFunction): LoopNest {
  return findLoops(new DominatorTree(fn));
}

describe(`the graph of blocks (SEED=${seed})`, () => {
  it('in reverse postorder: definitions before uses, true sides before false sides', () => {
    const fn = graph([[2, 1], [3], [3], [5, 4], [3], []]);
    expect(reversePostorder(fn).map((block) => block.id)).to.deep.equal([0, 2, 1, 3, 5, 4]);
    expect(reversePostorder(graph([[], [0]])).map((block) => block.id)).to.deep.equal([0]);
  });

  it('has the dominators that the definition says', () => {
    const random = new Random(seed);
    for (let round = 0; round < 500; round++) {
      const fn = randomGraph(random);
      const tree = new DominatorTree(fn);
      const reachable = reversePostorder(fn);
      expect([...tree.preorder].sort((a, b) => a.id - b.id)).to.deep.equal(
        [...reachable].sort((a, b) => a.id - b.id),
      );
      for (const outer of reachable) {
        for (const inner of reachable) {
          expect(tree.dominates(outer, inner)).to.equal(dominatesByDefinition(fn, outer, inner));
        }
      }
      tree.preorder.forEach((block, index) => {
        const above = tree.immediate(block);
        if (above === undefined) expect(index).to.equal(0);
        else expect(tree.preorder.indexOf(above)).to.be.lessThan(index);
      });
    }
  });

  it('is done with fast where a hundred thousand blocks leave for one join', () => {
    const count = 100_000;
    const edges = Array.from({ length: count }, (_, i) => [i + 1, count]);
    const tree = new DominatorTree(graph([...edges, []]));
    expect(tree.preorder).to.have.length(count + 1);
  });

  it('has the predecessors, ranks and ways back that the definition says', () => {
    const random = new Random(seed);
    for (let round = 0; round < 500; round++) {
      const fn = randomGraph(random);
      const order = reversePostorder(fn);
      const rank = ranks(order, fn.blockCount);
      const counts = predecessorCounts(order, fn.blockCount);
      const { start, sources } = predecessorLists(order, fn.blockCount);
      let back = false;
      for (const block of order) {
        expect(order[rank[block.id] as number]).to.equal(block);
        const into = order.flatMap((source) =>
          successors(source).flatMap(({ target }) => (target === block ? [source] : [])),
        );
        const listed = sources.subarray(start[block.id], start[block.id + 1]);
        expect([...listed].map((position) => order[position])).to.deep.equal(into);
        expect(counts[block.id]).to.equal(into.length);
        for (const { target } of successors(block)) {
          back ||= order.indexOf(target) <= order.indexOf(block);
        }
      }
      expect(leadsBack(order, fn.blockCount)).to.equal(back);
    }
  });

  it('has the loops that the definition says, whatever else is in it', () => {
    const random = new Random(seed);
    let [nested, irreducible] = [0, 0];
    for (let round = 0; round < 1000; round++) {
      const fn = randomGraph(random);
      const nest = nestOf(fn);
      const { order } = nest.tree;
      const expected = loopsByDefinition(fn, order);
      expect(nest.loops.map(({ head }) => head)).to.deep.equal(order.filter((block) => expected.has(block)));
      expect(nest.isReducible).to.equal(isReducibleByDefinition(fn, order));
      if (!nest.isReducible) irreducible++;
      for (const loop of nest.loops) {
        const inside = expected.get(loop.head);
        expect(order.filter((block) => nest.isInside(block, loop))).to.deep.equal(
          order.filter((block) => inside?.has(block)),
        );
        expect(nest.of(loop.head)).to.equal(loop);
        expect(loop.latches).to.deep.equal(
          order.flatMap((source) =>
            successors(source).flatMap(({ target }) =>
              target === loop.head && inside?.has(source) ? [source] : [],
            ),
          ),
        );
        const around = nest.loops.filter(
          ({ head }) => head !== loop.head && expected.get(head)?.has(loop.head),
        );
        if (around.length > 0) nested++;
        expect(loop.parent).to.equal(around.at(-1));
        for (const { source, edge } of nest.exitsOf(loop)) {
          expect([inside?.has(source), inside?.has(edge.target)]).to.deep.equal([true, false]);
        }
        const exits = [...(inside ?? [])].flatMap((source) =>
          successors(source).filter(({ target }) => !inside?.has(target)),
        );
        expect(nest.exitsOf(loop)).to.have.length(exits.length);
      }
      for (const block of fn.blocks) {
        if (!order.includes(block)) expect(nest.of(block)).to.equal(undefined);
      }
    }
    expect(nested).to.be.greaterThan(10);
    expect(irreducible).to.be.greaterThan(10);
  });

  it('has the loops one expects: nested, side by side, of one block, entered by a branch', () => {
    // 1 ⊃ 2 (one block); 4 beside them.
    const fn = graph([[1], [2, 4], [2, 3], [1], [4, 5], []]);
    const nest = nestOf(fn);
    const loops = fn.blocks.map((block) => nest.of(block));
    expect(loops.map((loop) => loop?.head.id)).to.deep.equal([undefined, 1, 2, 1, 4, undefined]);
    expect(loops[2]?.parent).to.equal(loops[1]);
    expect(loops[4]?.parent).to.equal(undefined);
    expect(loops[1]?.contains(loops[2])).to.equal(true);
    expect(loops[2]?.contains(loops[1])).to.equal(false);
  });

  it('has no loop where a cycle has two ways in', () => {
    const nest = nestOf(graph([[1, 2], [2], [1, 3], []]));
    expect(nest.loops).to.have.length(0);
    expect(nest.isReducible).to.equal(false);
  });

  it('is done with fast where fifty thousand loops stand in each other, or one is closed as often', () => {
    const count = 50_000;
    // Heads 1 … count, then their latches from the innermost outwards.
    const heads = Array.from({ length: count }, (_, i) => [i + 2]);
    const latches = Array.from({ length: count }, (_, i) => [count - i, count + i + 2]);
    const deep = nestOf(graph([[1], ...heads, ...latches, []]));
    expect(deep.loops).to.have.length(count);
    expect(elementAt(deep.loops, count - 1).parent).to.equal(deep.loops[count - 2]);
    const wide = nestOf(graph([[1], ...Array.from({ length: count }, (_, i) => [1, i + 2]), []]));
    expect(wide.loops.map(({ latches: { length } }) => length)).to.deep.equal([count]);
  });
});

describe('the call graph', () => {
  function module(calls: Readonly<Record<string, readonly string[]>>): IrModule {
    const result = new IrModule();
    for (const [name, callees] of Object.entries(calls)) {
      const builder = new IrBuilder(result, name, [], 'f64');
      const values = callees.map((callee) => builder.call(callee, 'f64'));
      builder.return(values[0] ?? builder.number(0));
    }
    return result;
  }

  it('puts callees first and knows who can come to call itself', () => {
    const graph = callGraph(
      module({ main: ['a', 'even'], a: ['b'], b: [], even: ['odd'], odd: ['even', 'b'], self: ['self'] }),
    );
    const order = graph.calleesFirst.map((fn) => fn.name);
    expect(order).to.have.members(['main', 'a', 'b', 'even', 'odd', 'self']);
    expect(order.indexOf('b')).to.be.lessThan(order.indexOf('a'));
    expect(order.indexOf('a')).to.be.lessThan(order.indexOf('main'));
    expect(order.indexOf('even')).to.be.lessThan(order.indexOf('main'));
    expect([...graph.recursive].map((fn) => fn.name)).to.have.members(['even', 'odd', 'self']);
  });

  it('says whom each function calls, and who comes to call one', () => {
    const ir = module({
      main: ['a', 'even', 'a'],
      a: ['b'],
      b: [],
      even: ['odd'],
      odd: ['even'],
      self: ['self'],
    });
    const graph = callGraph(ir);
    const names = (indices: Iterable<number>) =>
      [...indices].map((index) => elementAt(ir.functions, index).name);
    expect(graph.callees.map(names)).to.deep.equal([['a', 'even'], ['b'], [], ['odd'], ['even'], ['self']]);
    expect(names(withCallers(graph, [2]))).to.have.members(['b', 'a', 'main']);
    expect(names(withCallers(graph, [4, 5]))).to.have.members(['odd', 'even', 'main', 'self']);
    expect(withCallers(graph, []).size).to.equal(0);
  });

  it('follows chains of twenty thousand calls', () => {
    const count = 20_000;
    const chain = module(
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`f${i}`, i + 1 < count ? [`f${i + 1}`] : []]),
      ),
    );
    expect(elementAt(callGraph(chain).calleesFirst, 0).name).to.equal(`f${count - 1}`);
    expect(reachableFrom(chain, [`f${count - 10}`]).size).to.equal(10);
    expect(withCallers(callGraph(chain), [9]).size).to.equal(10);
  });
});
