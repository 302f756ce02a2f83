import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { callGraph, reachableFrom } from '../../../src/jit/ir/call-graph.ts';
import { reversePostorder } from '../../../src/jit/ir/control-flow.ts';
import { DominatorTree } from '../../../src/jit/ir/dominators.ts';
import { type Block, type IrFunction, IrModule, successors } from '../../../src/jit/ir/function.ts';
import { findLoops } from '../../../src/jit/ir/loops.ts';
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

  it('has the loops one expects: nested, side by side, of one block, entered by a branch', () => {
    // 1 ⊃ 2 (one block); 4 beside them.
    const fn = graph([[1], [2, 4], [2, 3], [1], [4, 5], []]);
    const nest = findLoops(fn, new DominatorTree(fn));
    const heads = fn.blocks.map((block) => nest?.[block.id]?.head.id);
    expect(heads).to.deep.equal([undefined, 1, 2, 1, 4, undefined]);
    expect(nest?.[2]?.parent).to.equal(nest?.[1]);
    expect(nest?.[4]?.parent).to.equal(undefined);
    expect(nest?.[1]?.contains(nest[2])).to.equal(true);
    expect(nest?.[2]?.contains(nest[1])).to.equal(false);
  });

  it('has no loop where a cycle has two ways in', () => {
    const fn = graph([[1, 2], [2], [1, 3], []]);
    expect(findLoops(fn, new DominatorTree(fn))).to.equal(undefined);
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

  it('follows chains of twenty thousand calls', () => {
    const count = 20_000;
    const chain = module(
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`f${i}`, i + 1 < count ? [`f${i + 1}`] : []]),
      ),
    );
    expect(elementAt(callGraph(chain).calleesFirst, 0).name).to.equal(`f${count - 1}`);
    expect(reachableFrom(chain, [`f${count - 10}`]).size).to.equal(10);
  });
});
