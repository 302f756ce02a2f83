import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { type Block, IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { type Opcode, op } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { verifyModule } from '../../../src/jit/ir/verifier.ts';
import { lowerSwitches } from '../../../src/jit/opt/lower-switches.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import { elementAt } from '../../../src/support/element.ts';
import { NativeModule } from '../../support/run-native.ts';
import { WasmModule } from '../../support/run-wasm.ts';

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** `f(high, low)`: the number that `ways` gives for the integer of these halves; -1 for all others. */
function moduleOf(ways: ReadonlyMap<bigint, number>): IrModule {
  const module = new IrModule();
  const b = new IrBuilder(module, 'f', ['f64', 'f64'], 'f64');
  const [high, low] = b.block.parameters as [Value, Value];
  const wide = b.emit(op.ishl, b.emit(op.ftoi, high), b.integer(32n));
  const value = b.emit(op.ior, wide, b.emit(op.ftoi, low));
  const end = b.createBlock(['f64']);
  const blocks = new Map<number, Block>();
  const none = b.number(-1);
  const start = b.block;
  for (const way of new Set(ways.values())) {
    const block = b.createBlock();
    blocks.set(way, block);
    b.moveTo(block);
    b.jump(end, b.number(way));
  }
  b.moveTo(end);
  b.return(elementAt(end.parameters, 0));
  b.moveTo(start);
  b.switch(
    value,
    [...ways].map(([each, way]) => [each, blocks.get(way) as Block]),
    end,
    [none],
  );
  return module;
}

/** The most comparisons of integers on a way from the entry to a return. */
function longestWay(module: IrModule): number {
  const comparisons: ReadonlySet<Opcode | undefined> = new Set([op.ieq, op.ilt]);
  const length = (block: Block): number => {
    const own = block.instructions.filter((value) => comparisons.has(value.op)).length;
    const { terminator } = block;
    if (terminator?.kind === 'jump') return own + length(terminator.edge.target);
    if (terminator?.kind !== 'branch') return own;
    return own + Math.max(length(terminator.whenTrue.target), length(terminator.whenFalse.target));
  };
  return length(elementAt(elementAt(module.functions, 0).blocks, 0));
}

const dense = (count: number, ways: number): Map<bigint, number> =>
  new Map(Array.from({ length: count }, (_, i) => [BigInt(i), i % ways]));

const tables: readonly (readonly [title: string, ways: ReadonlyMap<bigint, number>, comparisons: number])[] =
  [
    ['no case', new Map(), 0],
    ['one case', new Map([[5n, 1]]), 1],
    [
      'the least and the greatest integer',
      new Map([
        [least, 1],
        [most, 2],
      ]),
      2,
    ],
    [
      'the ends and what is beside them',
      new Map([
        [least, 1],
        [least + 1n, 2],
        [most - 1n, 1],
        [most, 1],
      ]),
      3,
    ],
    ['a run that goes one way', dense(1000, 1), 2],
    [
      'two runs side by side',
      new Map([...dense(100, 1)].map(([value, way]) => [value, way + Number(value > 41n)])),
      2,
    ],
    ['64 cases in a row', dense(64, 7), 7],
    ['1000 cases in a row', dense(1000, 1000), 10],
    ['cases far apart', new Map(Array.from({ length: 100 }, (_, i) => [BigInt(i * i * i) - 50_000n, i])), 8],
    [
      'cases of more than 32 bits',
      new Map(Array.from({ length: 30 }, (_, i) => [BigInt(i) * 2n ** 40n, i])),
      6,
    ],
    [
      'cases that differ in their high halves',
      new Map([
        [1n, 0],
        [2n ** 32n + 1n, 1],
        [-(2n ** 32n) + 1n, 2],
      ]),
      3,
    ],
  ];

describe('switches', () => {
  for (const [title, ways, comparisons] of tables) {
    it(`find their case: ${title}`, () => {
      const original = moduleOf(ways);
      expect(verifyModule(original)).to.deep.equal([]);
      const lowered = parseModule(printModule(original));
      lowerSwitches(lowered);
      expect(printModule(lowered)).to.not.include('switch');
      expect(verifyModule(lowered)).to.deep.equal([]);
      expect(longestWay(lowered)).to.be.at.most(comparisons);
      const optimised = [0, 1].map((level) => {
        const module = parseModule(printModule(original));
        optimize(module, { level: level as 0 | 1, verify: true });
        return module;
      });
      using native = new NativeModule(elementAt(optimised, 1));
      using unoptimised = new NativeModule(elementAt(optimised, 0));
      const wasm = [...optimised.map((module) => new WasmModule(module)), native, unoptimised];
      const interpreters = [original, lowered, ...optimised].map((module) => new Interpreter(module));
      const near = [...ways.keys()].flatMap((value) => [value - 1n, value, value + 1n]);
      for (const value of [...near, 0n, least, most, 2n ** 32n, -1n]) {
        if (value < least || value > most) continue;
        const args = [Number(value >> 32n), Number(BigInt.asUintN(32, value))];
        const expected = ways.get(value) ?? -1;
        for (const interpreter of interpreters)
          expect(interpreter.run('f', args), `${value}`).to.equal(expected);
        for (const code of wasm) expect(code.call('f', args), `${value}`).to.equal(expected);
      }
    });
  }

  it('pass arguments, and go back, with fuel for each round', () => {
    const text = `
function f(f64): f64 {
b0(v0: f64):
  v1 = ftoi v0
  v2 = iconst 0
  jump b1(v1, v2)
b1(v3: i64, v4: i64):
  v5 = iconst 1
  v6 = isub v3, v5
  v7 = iadd v4, v3
  v8 = iconst 3
  v9 = irem v3, v8
  switch v9, [0: b1(v6, v4), 2: b1(v6, v7)], b2(v7)
b2(v10: i64):
  v11 = iconst -2
  switch v6, [-2: b3(v11), 3: b1(v6, v10), 6: b1(v6, v10), 9: b1(v6, v10)], b3(v10)
b3(v12: i64):
  v13 = itof v12
  return v13
}`;
    const expected = new Interpreter(parseModule(text)).run('f', [10]);
    expect(expected).to.equal(10 + 8 + 7 + 5 + 4 + 2 + 1);
    expect(() => new Interpreter(parseModule(text), { fuel: 3 }).run('f', [10])).to.throw('fuel');
    for (const level of [0, 1] as const) {
      const traced: string[] = [];
      const module = parseModule(text);
      optimize(module, { level, verify: true, trace: (pass) => traced.push(pass) });
      expect(traced[0]).to.equal('lower-switches');
      expect(new Interpreter(module).run('f', [10])).to.equal(expected);
      using native = new NativeModule(module);
      for (const code of [native, new WasmModule(module)]) expect(code.call('f', [10])).to.equal(expected);
    }
  });

  it('of thousands of cases and blocks are walked like any', () => {
    const module = moduleOf(dense(5000, 5000));
    expect(verifyModule(module)).to.deep.equal([]);
    expect(new Interpreter(module).run('f', [0, 4321])).to.equal(4321);
    optimize(module, { verify: false });
    expect(new Interpreter(module).run('f', [0, 4321])).to.equal(4321);
  });

  it('must not come to code', () => {
    for (const compile of [
      (module: IrModule) => new NativeModule(module),
      (module: IrModule) => new WasmModule(module),
    ]) {
      expect(() => compile(moduleOf(dense(3, 3)))).to.throw('switches are lowered');
    }
  });
});
