import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { verifyModule } from '../../../src/jit/ir/verifier.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import { elementAt } from '../../../src/support/element.ts';
import { InvariantError } from '../../../src/support/invariant.ts';

const program = `function square(f64): f64 {
b0(v0: f64):
  v1 = fconst 2
  v2 = callmath pow(v0, v1)
  return v2
}

function count(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = fconst 1
  v3 = flt v0, v2
  branch v3, b1, b2
b1():
  return v1
b2():
  v4 = fsub v0, v2
  v5: f64 = call square(v1)
  v6: f64 = call count(v4, v5)
  return v6
}

function main(f64): f64 {
b0(v0: f64):
  v1: f64 = call square(v0)
  v2 = fmul v1, v0
  v3 = fadd v2, v0
  return v3
}
`;

/** A chain of n steps, each made by `step` from the one before. */
function chain(
  n: number,
  step: (builder: IrBuilder, x: Value, sum: Value, index: number) => Value,
): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
  const x = elementAt(builder.block.parameters, 0);
  let sum = x;
  for (let i = 0; i < n; i++) sum = step(builder, x, sum, i);
  builder.return(sum);
  return module;
}

describe('optimize', () => {
  it('at level 0 makes loops of tail calls and nothing else', () => {
    const module = parseModule(program);
    const trace: string[] = [];
    optimize(module, { level: 0, verify: true, trace: (pass, fn) => trace.push(`${pass} ${fn.name}`) });
    expect(trace).to.deep.equal(['tail-calls count']);
  });

  it('inlines into what is left, callees first, and says which pass changed what', () => {
    const module = parseModule(program);
    const trace: string[] = [];
    optimize(module, { verify: true, trace: (pass, fn) => trace.push(`${pass} ${fn.name}`) });
    expect(trace.filter((line) => line.startsWith('inline'))).to.deep.equal(['inline count', 'inline main']);
    expect(trace.indexOf('dead-code square')).to.be.lessThan(trace.indexOf('inline main'));
    expect(printModule(module)).to.not.contain('call');
    expect(new Interpreter(module, { maxDepth: 2 }).run('count', [100_000, 0.5])).to.equal(0);
  });

  it('keeps what the roots come to call', () => {
    const module = parseModule(program);
    optimize(module, { roots: ['main'] });
    expect(module.functions.map((fn) => fn.name)).to.deep.equal(['main']);
    const plain = parseModule(program);
    optimize(plain, { level: 0, roots: ['main'] });
    expect(plain.functions.map((fn) => fn.name)).to.deep.equal(['square', 'main']);
  });

  it('folds calls of the math library', () => {
    const text = 'function f(): f64 {\nb0():\n  v0 = fconst 1\n  v1 = callmath sin(v0)\n  return v1\n}\n';
    const module = parseModule(text);
    optimize(module);
    expect(printModule(module)).to.contain('fconst 0.8414709848078965');
  });

  it('contracts under fastMath where the target has fma, and divides by multiplying', () => {
    const text = `function f(f64): f64 {
b0(v0: f64):
  v1 = fconst 10
  v2 = fdiv v0, v1
  v3 = fadd v2, v1
  return v3
}
`;
    const exact = parseModule(text);
    optimize(exact, { fma: true });
    expect(printModule(exact)).to.equal(text);
    const fast = parseModule(text);
    optimize(fast, { fma: true, fastMath: true, verify: true });
    expect(printModule(fast))
      .to.match(/ffma/)
      .and.not.match(/fdiv|fmul/);
  });

  it('converts every pure conditional on request', () => {
    const text = `function f(f64): f64 {
b0(v0: f64):
  v1 = fconst 1
  v2 = flt v0, v1
  branch v2, b1, b2
b1():
  v3 = callmath sin(v0)
  jump b3(v3)
b2():
  v4 = callmath exp(v0)
  jump b3(v4)
b3(v5: f64):
  return v5
}
`;
    const cheap = parseModule(text);
    optimize(cheap);
    expect(elementAt(cheap.functions, 0).blocks).to.have.length(4);
    const all = parseModule(text);
    optimize(all, { speculation: 'all', verify: true });
    expect(elementAt(all.functions, 0).blocks).to.have.length(1);
  });

  it('finds broken IR when asked to verify', () => {
    const module = parseModule('function f(f64): bool {\nb0(v0: f64):\n  return v0\n}');
    expect(() => optimize(module, { verify: true })).to.throw(InvariantError, 'before optimisation');
  });

  it('takes a hundred thousand terms, and conditionals by the ten thousand', () => {
    const terms = chain(100_000, (builder, x, sum, i) =>
      builder.emit(op.fadd, sum, builder.emit(op.fmul, x, builder.number(i % 100))),
    );
    const conditionals = chain(20_000, (builder, x, sum, i) => {
      const [first, second, join] = [
        builder.createBlock(),
        builder.createBlock(),
        builder.createBlock(['f64']),
      ];
      builder.branch(builder.emit(op.flt, sum, builder.number(i)), first, second);
      builder.moveTo(first);
      builder.jump(join, builder.emit(op.fadd, sum, x));
      builder.moveTo(second);
      builder.jump(join, i % 2 === 0 ? sum : builder.callMath('sin', sum));
      builder.moveTo(join);
      return elementAt(join.parameters, 0);
    });
    for (const module of [terms, conditionals]) {
      const expected = new Interpreter(module).run('f', [0.5]);
      optimize(module);
      expect(verifyModule(module)).to.deep.equal([]);
      expect(new Interpreter(module).run('f', [0.5])).to.equal(expected);
    }
  });
});
