import { expect } from 'chai';
import { Block, IrFunction, IrModule, Value } from '../../../src/jit/ir/function.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { assertVerified, verifyModule } from '../../../src/jit/ir/verifier.ts';
import { elementAt } from '../../../src/support/element.ts';
import { InvariantError } from '../../../src/support/invariant.ts';

const broken: readonly [title: string, text: string, problems: readonly string[]][] = [
  [
    'wrong types and counts, all of them',
    `function f(f64, bool): f64 {
b0(v0: f64, v1: bool):
  v2 = fadd v0, v1
  v3 = fneg v0, v0
  v4: f64 = select v0, v1, v0
  v5: bool = fadd v0, v0
  branch v0, b1(v0), b1(v1)
b1(v6: f64):
  return v1
}`,
    [
      "f: 'v2 = fadd v0, v1' uses v1 as f64, but it is bool",
      "f: 'v3 = fneg v0, v0' has 2 operands, not 1",
      "f: 'v4: f64 = select v0, v1, v0' uses v0 as bool, but it is f64",
      "f: 'v4: f64 = select v0, v1, v0' uses v1 as f64, but it is bool",
      "f: 'v5 = fadd v0, v0' gives f64, not bool",
      'f: the branch of b0 uses v0 as bool, but it is f64',
      'f: the edge b0 → b1 uses v1 as f64, but it is bool',
      'f: the return of b1 uses v1 as f64, but it is bool',
    ],
  ],
  [
    'calls of what does not exist, or takes and gives something else',
    `host h(2)

function g(f64): bool {
b0(v0: f64):
  v1 = bconst true
  return v1
}

function f(f64): f64 {
b0(v0: f64):
  v1: f64 = call nothing(v0)
  v2: f64 = call g(v0, v0)
  v3 = callhost h(v0)
  return v0
}`,
    [
      "f: 'v1: f64 = call nothing(v0)' calls a function that the module does not define",
      "f: 'v2: f64 = call g(v0, v0)' gives bool, not f64",
      "f: 'v2: f64 = call g(v0, v0)' has 2 operands, not 1",
      "f: 'v3 = callhost h(v0)' has 1 operands, not 2",
    ],
  ],
  [
    'switches on what is no integer, with a case twice, and edges as wrong as others',
    `function f(f64): f64 {
b0(v0: f64):
  switch v0, [1: b1, 2: b1(v0), 1: b0(v0)], b1(v0, v0)
b1(v1: f64):
  return v1
}`,
    [
      'f: the switch of b0 uses v0 as i64, but it is f64',
      'f: the switch of b0 has two cases of 1',
      'f: the edge b0 → b1 passes 0 of 1 arguments',
      'f: the edge b0 → b0 leads to the entry',
      'f: the edge b0 → b1 passes 2 of 1 arguments',
    ],
  ],
  [
    'a switch on what does not reach it',
    `function f(i64): i64 {
b0(v0: i64):
  switch v1, [1: b1], b2
b1():
  v1 = iconst 1
  return v1
b2():
  return v0
}`,
    ['f: b0 uses v1 where its definition does not reach'],
  ],
  [
    'uses that a definition does not reach',
    `function f(f64): f64 {
b0(v0: f64):
  v1 = fadd v2, v0
  v2 = fadd v0, v0
  v3 = flt v0, v1
  branch v3, b1, b2
b1():
  v4 = fadd v0, v0
  jump b2
b2():
  return v4
}`,
    [
      'f: b0 uses v2 where its definition does not reach',
      'f: b2 uses v4 where its definition does not reach',
    ],
  ],
  [
    'edges to the entry, and with other arguments than the target takes',
    `function f(f64): f64 {
b0(v0: f64):
  v1 = flt v0, v0
  branch v1, b0(v0), b1(v0)
b1():
  return v0
}`,
    ['f: the edge b0 → b0 leads to the entry', 'f: the edge b0 → b1 passes 1 of 0 arguments'],
  ],
  [
    'two functions of one name',
    'function f(f64): f64 {\nb0(v0: f64):\n return v0\n}\nfunction f(f64): f64 {\nb0(v0: f64):\n return v0\n}',
    ['f: defined twice'],
  ],
  ['no entry', 'function f(): f64 {\n}', ['f: has no entry block']],
];

describe('the verifier', () => {
  for (const [title, text, problems] of broken) {
    it(`finds ${title}`, () => {
      expect(verifyModule(parseModule(text))).to.deep.equal(problems);
    });
  }

  it('lets unreachable blocks use what does not reach them', () => {
    const text = `function f(f64): f64 {\nb0(v0: f64):\n  return v0\nb1():\n  v1 = fneg v2\n  v2 = fneg v1\n  return v2\n}`;
    expect(verifyModule(parseModule(text))).to.deep.equal([]);
  });

  it('finds what no text can say: ids twice or too large, foreign values and blocks, no terminator, no constant', () => {
    const module = new IrModule();
    const fn = new IrFunction('f', 'f64');
    module.functions.push(fn);
    const block = new Block(0);
    const stray = new Value(7, 'f64', op.fconst, [], 1);
    block.instructions.push(
      new Value(0, 'f64', op.fconst, [], true),
      new Value(0, 'f64', op.fneg, [stray]),
      new Value(1, 'f64', undefined, []),
    );
    const second = new Block(0);
    second.terminator = { kind: 'jump', edge: { target: new Block(9), args: [] } };
    fn.blocks.push(block, second);
    fn.valueCount = 1;
    fn.blockCount = 1;
    expect(verifyModule(module)).to.deep.equal([
      'f: v0 is defined twice',
      'f: v1 is not below the value counter 1',
      'f: b0 is defined twice',
      "f: 'v0 = fconst true' carries no number",
      "f: 'v0 = fneg v7' uses v7, which the function does not define",
      "f: 'v1: f64' stands among the instructions without an operation",
      'f: b0 has no terminator',
      'f: the edge b0 → b9 leaves the function',
    ]);
    expect(() => assertVerified(module, 'after all')).to.throw(
      InvariantError,
      'broken IR after all:\n  f: v0',
    );
  });

  it('takes a hundred thousand instructions and blocks', () => {
    const straight = Array.from({ length: 100_000 }, (_, i) => `  v${i + 1} = fadd v${i}, v0`).join('\n');
    const chain = Array.from(
      { length: 100_000 },
      (_, i) => `b${i}(${i === 0 ? 'v0: f64' : ''}):\n  jump b${i + 1}`,
    ).join('\n');
    const text = `function f(f64): f64 {\nb0(v0: f64):\n${straight}\n  return v100000\n}
function g(f64): f64 {\n${chain}\nb100000():\n  return v0\n}`;
    const module = parseModule(text);
    expect(verifyModule(module)).to.deep.equal([]);
    expect(elementAt(module.functions, 1).blocks).to.have.length(100_001);
  });
});
