import { expect } from 'chai';
import { boundedCost, type FunctionCost, fuelCosts, fuelUnit } from '../../../src/jit/ir/cost.ts';
import type { IrModule } from '../../../src/jit/ir/function.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { elementAt } from '../../../src/support/element.ts';

function costOf(module: IrModule, name: string): FunctionCost {
  const fn = module.functions.find((candidate) => candidate.name === name);
  if (fn === undefined) throw new Error(`no function ${name}`);
  return fuelCosts(module).of(fn);
}

function costOfText(text: string, name = 'f'): FunctionCost {
  return costOf(parseModule(text), name);
}

/** A function of one block with so many instructions of a kind. */
function straight(instruction: string, count: number): string {
  const lines = Array.from({ length: count }, (_, i) => `  v${i + 1}${instruction}`);
  return `function f(f64): f64 {\nb0(v0: f64):\n${lines.join('\n')}\n  return v0\n}\n`;
}

/** Units that a jump back to block `b<id>` charges. */
function jumpTo(module: IrModule, name: string, id: number): number {
  const fn = module.functions.find((candidate) => candidate.name === name);
  const head = fn?.blocks.find((block) => block.id === id);
  if (head === undefined) throw new Error(`no block b${id}`);
  return costOf(module, name).jumpTo(head);
}

describe('the cost of code', () => {
  it('is that of its operations', () => {
    const [remainder, sum] = [' = frem v0, v0', ' = fadd v0, v0'];
    const added = (instruction: string) =>
      costOfText(straight(instruction, 2)).bound - costOfText(straight(instruction, 1)).bound;
    expect(added(remainder)).to.be.greaterThan(100 * added(sum));
    expect(added(' : f64 = callmath sin(v0)')).to.be.greaterThan(20 * added(sum));
    expect(added(' = fconst 1')).to.be.greaterThan(0);
  });

  it('is nothing to charge as long as it is bounded and little', () => {
    const { entry, bound } = costOfText(straight(' = frem v0, v0', 10));
    expect(entry).to.equal(0);
    expect(bound).to.be.within(1, boundedCost);
    const long = costOfText(straight(' = frem v0, v0', 100));
    expect(long.entry).to.equal(Math.ceil(long.bound / fuelUnit));
    expect(long.bound).to.be.greaterThan(boundedCost);
  });

  it('includes that of what is called, however often', () => {
    const callee = straight(' : f64 = callmath sin(v0)', 5).replace('function f', 'function g');
    const caller = (times: number) => callee + straight(' : f64 = call g(v0)', times);
    const one = costOfText(caller(1)).bound;
    const two = costOfText(caller(2)).bound;
    expect(two - one).to.be.greaterThan(costOfText(callee, 'g').bound);
    const many = costOfText(caller(100));
    expect(many.entry).to.be.greaterThan(0);
    // Who calls something that charges for itself charges for itself, too, and only for that.
    const above = costOfText(
      `${caller(100)}function h(f64): f64 {\nb0(v0: f64):\n  v1 : f64 = call f(v0)\n  return v1\n}\n`,
      'h',
    );
    expect(above.entry).to.equal(1);
    expect(above.bound).to.equal(Number.POSITIVE_INFINITY);
  });

  it('makes somebody in a chain charge, long before its calls are too many', () => {
    const chain = Array.from({ length: 42 }, (_, i) => {
      const before = i === 0 ? 'callmath sin' : `call f${i - 1}`;
      return `function f${i}(f64): f64 {\nb0(v0: f64):\n  v1 : f64 = ${before}(v0)\n  v2 : f64 = ${before}(v1)\n  v3 = fadd v1, v2\n  return v3\n}\n`;
    }).join('');
    const module = parseModule(chain);
    const costs = module.functions.map((fn) => fuelCosts(module).of(fn));
    const first = costs.findIndex(({ entry }) => entry > 0);
    expect(first).to.be.within(1, 12);
    for (const cost of costs.slice(0, first)) expect(cost.bound).to.be.at.most(boundedCost);
    for (const cost of costs.slice(first)) expect(cost.entry).to.be.greaterThan(0);
  });

  it('is charged by functions that come to call themselves, however little they do', () => {
    const module = parseModule(`
function f(f64): f64 {
b0(v0: f64):
  v1 : f64 = call f(v0)
  return v1
}
function even(f64): f64 {
b0(v0: f64):
  v1 : f64 = call odd(v0)
  return v1
}
function odd(f64): f64 {
b0(v0: f64):
  v1 : f64 = call even(v0)
  return v1
}
function user(f64): f64 {
b0(v0: f64):
  v1 : f64 = call even(v0)
  return v1
}
function free(f64): f64 {
b0(v0: f64):
  v1 = fadd v0, v0
  return v1
}
`);
    for (const name of ['f', 'even', 'odd', 'user']) {
      expect(costOf(module, name).entry, name).to.equal(1);
      expect(costOf(module, name).bound, name).to.equal(Number.POSITIVE_INFINITY);
    }
    expect(costOf(module, 'free').entry).to.equal(0);
  });

  const nested = (inner: string, outer: string) => `
function f(f64): f64 {
b0(v0: f64):
  v1 = fconst 0
  jump b1(v0)
b1(v2: f64):
  v3 = fgt v2, v1
  branch v3, b2(), b6()
b2():
${outer}
  jump b3(v2)
b3(v4: f64):
  v5 = fgt v4, v1
  branch v5, b4(), b5()
b4():
${inner}
  v6 = fsub v4, v0
  jump b3(v6)
b5():
  v7 = fsub v2, v0
  jump b1(v7)
b6():
  return v0
}
`;
  const dear = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => `  v${first + i} = frem v0, v0`).join('\n');

  it('is charged by each round of a loop, with what is in it', () => {
    const plain = parseModule(nested('', ''));
    expect(jumpTo(plain, 'f', 1)).to.equal(1);
    expect(jumpTo(plain, 'f', 3)).to.equal(1);
    const inner = parseModule(nested(dear(20, 50), ''));
    expect(jumpTo(inner, 'f', 3)).to.be.within(290, 310);
    // Once on the way around: its further rounds pay for themselves.
    expect(jumpTo(inner, 'f', 1)).to.be.within(290, 310);
    const outer = parseModule(nested('', dear(20, 50)));
    expect(jumpTo(outer, 'f', 3)).to.equal(1);
    expect(jumpTo(outer, 'f', 1)).to.be.within(290, 310);
    for (const module of [plain, inner, outer]) {
      expect(costOf(module, 'f').bound).to.equal(Number.POSITIVE_INFINITY);
      expect(costOf(module, 'f').entry).to.be.at.least(jumpTo(module, 'f', 1));
    }
  });

  it('is that of the whole function where a cycle has several ways in', () => {
    const module = parseModule(`
function f(f64): f64 {
b0(v0: f64):
  v1 = fgt v0, v0
  branch v1, b1(), b2()
b1():
${dear(20, 50)}
  branch v1, b2(), b3()
b2():
  branch v1, b1(), b3()
b3():
  return v0
}
`);
    const cost = costOf(module, 'f');
    expect(cost.entry).to.be.within(290, 310);
    expect(cost.bound).to.equal(Number.POSITIVE_INFINITY);
    expect(jumpTo(module, 'f', 1)).to.equal(cost.entry);
    expect(jumpTo(module, 'f', 2)).to.equal(cost.entry);
  });

  it('is at the most what one instruction can subtract', () => {
    const module = parseModule(straight(' : f64 = callmath sin(v0)', 3));
    const fn = elementAt(module.functions, 0);
    const block = elementAt(fn.blocks, 0);
    const many = elementAt(block.instructions, 0);
    block.instructions = new Array(2_000_000).fill(many);
    const cost = fuelCosts(module).of(fn);
    expect(cost.entry).to.be.within(2_999_000, 2 ** 31 - 1);
  });
});
