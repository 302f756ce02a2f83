import { expect } from 'chai';
import { successorAt, successorCount } from '../../../src/jit/ir/control-flow.ts';
import type { Block, IrFunction } from '../../../src/jit/ir/function.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { type BlockOrder, orderBlocks } from '../../../src/jit/machine/block-order.ts';
import { elementAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';

function order(body: string): BlockOrder {
  const module = parseModule(`function f(f64, bool): f64 {\nb0(v0: f64, v1: bool):\n${body}\n}\n`);
  return orderBlocks(elementAt(module.functions, 0));
}

/** `b1 s(b1-b3) b3`: blocks and split edges in order. */
function shape({ blocks }: BlockOrder): string {
  return blocks
    .map(({ block, split }) => (split === undefined ? `b${block.id}` : `s(b${block.id}-b${split.target.id})`))
    .join(' ');
}

/** Everything that can be reached from `block` without passing `header`, and comes back to it. */
function loopOf(fn: IrFunction, header: Block): Set<Block> {
  const predecessors = new Map<Block, Block[]>();
  for (const block of fn.blocks) {
    for (let i = 0; i < successorCount(block); i++) {
      const target = successorAt(block, i)?.target as Block;
      predecessors.set(target, [...(predecessors.get(target) ?? []), block]);
    }
  }
  const positions = orderBlocks(fn).positions;
  const body = new Set([header]);
  const pending = (predecessors.get(header) ?? []).filter(
    (block) => (positions[block.id] as number) >= (positions[header.id] as number),
  );
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    if (body.has(block)) continue;
    body.add(block);
    pending.push(...(predecessors.get(block) ?? []));
  }
  return body;
}

describe('orderBlocks', () => {
  it('leaves edges whole that need no moves', () => {
    const result = order(`  branch v1, b1(), b2()
b1():
  jump b3(v0)
b2():
  jump b3(v0)
b3(v2: f64):
  return v2`);
    expect(shape(result)).to.equal('b0 b1 b2 b3');
    expect([...result.predecessorCounts]).to.deep.equal([0, 1, 1, 2]);
    expect([...result.splitWhenTrue, ...result.splitWhenFalse].every((split) => split === -1)).to.equal(true);
  });

  it('splits edges from a branch to a join, in front of the join', () => {
    const result = order(`  branch v1, b1(), b2(v0)
b1():
  jump b2(v0)
b2(v2: f64):
  return v2`);
    expect(shape(result)).to.equal('b0 b1 s(b0-b2) b2');
    expect(result.splitWhenFalse[0]).to.equal(2);
  });

  it('splits both edges of a branch to one place', () => {
    const result = order(`  branch v1, b1(v0), b1(v0)
b1(v2: f64):
  return v2`);
    expect(shape(result)).to.equal('b0 s(b0-b1) s(b0-b1) b1');
    expect(result.predecessorCounts[3]).to.equal(2);
  });

  it('keeps a loop together though an exit comes first in reverse postorder', () => {
    const result = order(`  jump b1(v0)
b1(v2: f64):
  branch v1, b2(), b3()
b2():
  branch v1, b4(), b5()
b3():
  jump b1(v2)
b4():
  return v2
b5():
  jump b1(v0)`);
    const text = shape(result);
    expect(text.startsWith('b0 b1')).to.equal(true);
    expect(text.endsWith('b4')).to.equal(true);
    expect(elementAt(result.blocks, 1).loopEnd).to.equal(4);
  });

  it('splits a conditional jump back behind its block, inside the loop', () => {
    const result = order(`  jump b1(v0)
b1(v2: f64):
  branch v1, b1(v0), b2()
b2():
  return v2`);
    expect(shape(result)).to.equal('b0 b1 s(b1-b1) b2');
    expect(elementAt(result.blocks, 1).loopEnd).to.equal(2);
  });

  it('nests the ends of loops', () => {
    const result = order(`  jump b1()
b1():
  jump b2()
b2():
  branch v1, b2(), b3()
b3():
  branch v1, b1(), b4()
b4():
  return v0`);
    expect(shape(result)).to.equal('b0 b1 b2 s(b2-b2) b3 s(b3-b1) b4');
    expect(result.blocks.map(({ loopEnd }) => loopEnd)).to.deep.equal([-1, 5, 3, -1, -1, -1, -1]);
  });

  it('leaves out what cannot be reached', () => {
    const result = order(`  return v0
b1():
  return v0`);
    expect(shape(result)).to.equal('b0');
  });

  const seed = seedFromEnvironment();
  it(`keeps the loops of random functions contiguous, and dominators first (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let i = 0; i < 100; i++) {
      for (const fn of randomModule(random, { functions: 1, instructions: 60 }).functions) {
        const { blocks, positions } = orderBlocks(fn);
        blocks.forEach(({ block, split, loopEnd, dominatorEnter, dominatorExit }, position) => {
          expect(dominatorEnter).to.be.below(dominatorExit);
          blocks.forEach((other, otherPosition) => {
            const isDominated =
              dominatorEnter <= other.dominatorEnter && other.dominatorEnter < dominatorExit;
            if (isDominated) expect(otherPosition).to.be.at.least(position);
          });
          if (split !== undefined || loopEnd < 0) return;
          const inside = [...loopOf(fn, block)].map((member) => positions[member.id] as number);
          expect(Math.min(...inside)).to.equal(position);
          expect(Math.max(...inside)).to.be.at.most(loopEnd);
          const between = blocks.slice(position, loopEnd + 1).filter((member) => member.split === undefined);
          expect(between).to.have.length(inside.length);
        });
      }
    }
  });
});
