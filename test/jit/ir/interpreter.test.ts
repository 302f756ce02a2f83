import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { type Datum, op, opcodes, type Type } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { TrapError } from '../../../src/jit/ir/trap-error.ts';
import { specialValues } from '../../support/special-values.ts';

const few = specialValues.filter((_, index) => index % 5 === 0).concat(0, -0, 1, 2, 31, Number.NaN);
const integers = [
  0n,
  1n,
  -1n,
  31n,
  33n,
  1n << 31n,
  -(1n << 31n),
  (1n << 32n) - 1n,
  1n << 53n,
  (1n << 53n) + 1n,
].concat(-(1n << 63n), (1n << 63n) - 1n, -(1n << 53n) - 1n, 0x1234_5678_9abc_def0n);

function dataOf(type: Type, numbers: readonly number[]): readonly Datum[] {
  return type === 'bool' ? [false, true] : type === 'i64' ? integers : numbers;
}

describe('the interpreter', () => {
  for (const opcode of opcodes) {
    const { evaluate } = opcode;
    if (evaluate === undefined) continue;
    for (const type of opcode === op.select ? (['f64', 'bool', 'i64'] as const) : [undefined]) {
      const operands = opcode.operands ?? ['bool', type ?? 'f64', type ?? 'f64'];
      const result = opcode.result ?? type ?? 'f64';
      it(`computes ${opcode.name}${type === undefined ? '' : ` of ${type}`} as the opcode table defines it`, () => {
        const module = new IrModule();
        const builder = new IrBuilder(module, 'f', operands, result);
        const { parameters } = builder.block;
        const [first, second, third] = parameters;
        const value =
          type === undefined || !first || !second || !third
            ? builder.emit(opcode, ...parameters)
            : builder.select(first, second, third);
        builder.return(value);
        const run = new Interpreter(module).prepare('f');
        const numbers =
          operands.length === 1 ? specialValues : operands.length === 2 ? few : few.slice(0, 12);
        const rows = operands.reduce<Datum[][]>(
          (rest, operand) => rest.flatMap((row) => dataOf(operand, numbers).map((datum) => [...row, datum])),
          [[]],
        );
        for (const row of rows) {
          const [x, y] = row;
          // The sign of NaN is unspecified.
          if (opcode === op.fcopysign && Number.isNaN(y)) continue;
          const expected = (evaluate as (...data: Datum[]) => Datum)(...row);
          if (!Object.is(run(row), expected)) expect.fail(`${String(x)}, ${String(y)}: ${String(run(row))}`);
        }
      });
    }
  }

  const swap = parseModule(`function f(f64, i64): f64 {
b0(v0: f64, v1: i64):
  v2 = fconst 1
  v3 = fconst 2
  v4 = fconst 0
  v5 = iconst 5
  jump b1(v2, v3, v4, v1, v5)
b1(v6: f64, v7: f64, v8: f64, v9: i64, v10: i64):
  v11 = fadd v8, v2
  v12 = flt v11, v0
  branch v12, b1(v7, v6, v11, v10, v9), b2
b2():
  v13 = fsub v6, v7
  v14 = isub v9, v10
  v15 = itof v14
  v16 = fmul v13, v15
  return v16
}`);

  it('passes the arguments of an edge all at once', () => {
    const run = new Interpreter(swap).prepare('f');
    expect(run([1, 7n])).to.equal(-2);
    expect(run([2, 7n])).to.equal(-2);
    expect(run([2, 8n])).to.equal(-3);
    expect(run([3, 8n])).to.equal(-3);
  });

  const recursive = parseModule(`host h(1)

function down(f64): f64 {
b0(v0: f64):
  v1 = fconst 0
  v2 = fgt v0, v1
  branch v2, b1, b2
b1():
  v3 = fconst 1
  v4 = fsub v0, v3
  v5: f64 = call down(v4)
  v6 = fadd v5, v3
  return v6
b2():
  return v1
}

function forever(f64): f64 {
b0(v0: f64):
  jump b1
b1():
  jump b1
}

function nested(f64): f64 {
b0(v0: f64):
  v1 = callhost h(v0)
  v2 = fadd v0, v1
  return v2
}`);

  it('recurses on a stack of its own', () => {
    expect(new Interpreter(recursive).run('down', [9_000])).to.equal(9_000);
    expect(new Interpreter(recursive, { maxDepth: 500_000 }).run('down', [200_000])).to.equal(200_000);
  });

  it('traps at the limits, names the function, and can be used again', () => {
    const interpreter = new Interpreter(recursive, { fuel: 20_000, maxDepth: 15_000 });
    const trap = (run: () => unknown): TrapError => {
      try {
        run();
      } catch (error) {
        if (error instanceof TrapError) return error;
        throw error;
      }
      return expect.fail('no trap');
    };
    const stack = trap(() => interpreter.run('down', [Number.POSITIVE_INFINITY]));
    expect([stack.code, stack.functionName, stack.message]).to.deep.equal([
      'E_STACK',
      'down',
      "'down' calls itself too deeply: the stack limit is reached",
    ]);
    expect(interpreter.run('down', [14_000])).to.equal(14_000);
    expect(trap(() => interpreter.run('forever', [0])).code).to.equal('E_FUEL');
    expect(trap(() => new Interpreter(recursive, { maxDepth: 1e9 }).run('down', [1e9])).code).to.equal(
      'E_STACK',
    );
    const little = new Interpreter(recursive, { fuel: 100 });
    expect(trap(() => little.run('down', [100])).code).to.equal('E_FUEL');
    expect(little.run('down', [99])).to.equal(99);
  });

  it('may be entered again by a host function, whose exceptions pass through', () => {
    const interpreter: Interpreter = new Interpreter(recursive, {
      hosts: [
        (x) => {
          if (x < 0) throw new RangeError('negative');
          return x === 0
            ? 1
            : Number(interpreter.run('nested', [x - 1])) + Number(interpreter.run('down', [500]));
        },
      ],
    });
    expect(interpreter.run('nested', [3])).to.equal(3 + 2 + 1 + 0 + 1 + 3 * 500);
    expect(() => interpreter.run('nested', [-1])).to.throw(RangeError, 'negative');
    expect(interpreter.run('nested', [0])).to.equal(1);
  });

  it('calls the math library', () => {
    const module = parseModule(
      'function f(f64): f64 {\nb0(v0: f64):\n  v1 = callmath sin(v0)\n  return v1\n}',
    );
    expect(new Interpreter(module).run('f', [1])).to.equal(Math.sin(1));
  });

  it('runs a hundred thousand instructions in a row', () => {
    const module = new IrModule();
    const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
    let sum = builder.block.parameters[0] ?? builder.number(0);
    const one = builder.number(1);
    for (let i = 0; i < 100_000; i++) sum = builder.emit(op.fadd, sum, one);
    builder.return(sum);
    expect(new Interpreter(module).run('f', [1])).to.equal(100_001);
  });
});
