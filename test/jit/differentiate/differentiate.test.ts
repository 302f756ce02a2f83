import { expect } from 'chai';
import { DerivativeError } from '../../../src/jit/differentiate/derivative-error.ts';
import { addGradient, differentiate } from '../../../src/jit/differentiate/differentiate.ts';
import { copyFunction } from '../../../src/jit/ir/copy-function.ts';
import { type IrModule, uses } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printFunction, printModule } from '../../../src/jit/ir/printer.ts';
import { assertVerified } from '../../../src/jit/ir/verifier.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import { check } from '../../../src/lang/checker.ts';
import { lower } from '../../../src/lang/lower.ts';
import { parse } from '../../../src/lang/parser.ts';
import { elementAt } from '../../../src/support/element.ts';

function lowered(source: string): IrModule {
  return lower(check(parse(source)));
}

function namesIn(module: IrModule): string[] {
  return module.functions.map(({ name }) => name);
}

describe('jit/differentiate', () => {
  it('puts derivatives behind their values, and leaves nothing of the questions', () => {
    const module = lowered('diff(x*x + y, x)');
    expect(module.functions.some((fn) => uses(fn, op.derive, op.vary))).to.equal(true);
    differentiate(module);
    assertVerified(module, 'differentiated');
    expect(printModule(module)).to.equal(`function main(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v6 = fconst 1
  v7 = fmul v6, v0
  v8 = fmul v6, v0
  v9 = fadd v7, v8
  return v9
}
`);
  });

  it('gives a parameter of a block one beside it, where it depends on the variable', () => {
    const module = lowered('diff(sum(i, 1, n, x*i), x)');
    differentiate(module);
    assertVerified(module, 'differentiated');
    const heads = elementAt(module.functions, 0).blocks.map(({ parameters }) => parameters.length);
    // The counter and the sum of derivatives; the sum itself is not needed.
    expect(heads).to.deep.equal([2, 2, 0, 0]);
  });

  it('makes one twin for each set of arguments, and twins of twins', () => {
    const module = lowered(
      'f(a, b) = a*b + (a > 1 ? f(a/2, b) : 1); diff(f(x, y)*f(x, 3), x) + diff(diff(f(x, x), x), y)',
    );
    differentiate(module);
    assertVerified(module, 'differentiated');
    expect(namesIn(module)).to.deep.equal(['main', 'f', 'f$d0', 'f$d0_1']);
    const second = lowered('f(a, b) = a*b + (a > 1 ? f(a/2, b) : 1); diff(diff(f(x, y), x), x)');
    differentiate(second);
    assertVerified(second, 'differentiated twice');
    expect(namesIn(second)).to.deep.equal(['main', 'f', 'f$d0', 'f$d0$d0']);
    expect(elementAt(second.functions, 3).displayName).to.equal('f');
  });

  it('calls what the derivative needs, and only that', () => {
    const module = lowered('f(a) = a > 9 ? a : f(a*2); diff(f(x), x)');
    differentiate(module);
    const [main, , twin] = module.functions;
    expect(main && printFunction(main)).not.to.include('call f(');
    expect(twin && printFunction(twin)).not.to.include('call f(');
    optimize(module, { verify: true });
    // The self call in tail position became a loop.
    for (const fn of module.functions) expect(printFunction(fn)).not.to.include(`call ${fn.name}(`);
    expect(new Interpreter(module).run('main', [1])).to.equal(16);
  });

  it('keeps calls that nobody used before, as those of hosts', () => {
    const module = parseModule(`host h(1)

function g(f64): f64 {
b0(v0: f64):
  v1: f64 = callhost h(v0)
  return v1
}

function main(f64): f64 {
b0(v0: f64):
  v1 = vary v0
  v2: f64 = call g(v0)
  v3 = fmul v1, v1
  v4 = derive v3, v1
  return v4
}
`);
    differentiate(module);
    const called: number[] = [];
    const hosts = [(x: number) => called.push(x)];
    expect(new Interpreter(module, { hosts }).run('main', [3])).to.equal(6);
    expect(called).to.deep.equal([3]);
  });

  it('says what has no derivative, and for whom it was wanted', () => {
    const problemOf = (module: IrModule, limit?: number) => {
      try {
        differentiate(module, limit);
      } catch (error) {
        if (error instanceof DerivativeError) return error;
        throw error;
      }
      throw new Error('differentiated');
    };
    const withHost = lower(
      check(parse('f(t) = h(t); diff(x, x) + diff(f(x), x)'), { hosts: [{ name: 'h', arity: 1 }] }),
    );
    const wanted = elementAt(withHost.functions, 0).blocks[0]?.instructions.filter((v) => v.op === op.derive);
    const error = problemOf(withHost);
    expect(error.problem).to.deep.equal({ kind: 'host', name: 'h' });
    expect(error.wanted).to.equal(wanted?.[1]);
    expect(
      problemOf(lowered('f(t) = t > 1 ? diff(g(t), t) : t; g(t) = f(t - 1); f(x)')).problem,
    ).to.deep.equal({
      kind: 'recursion',
      name: 'g',
    });
    expect(problemOf(lowered('diff(sin(x)*cos(x)*exp(x), x)'), 5).problem).to.include({
      kind: 'operations',
      limit: 5,
    });
  });

  it('adds partial derivatives beside a function, which stays as it is', () => {
    const module = lowered('f(t, n) = n < 1 ? t : f(t*x, n - 1); f(x, 3)*y + lgamma(y)');
    optimize(module);
    const before = module.functions.map((each) => printFunction(each));
    const names = addGradient(module, 'main', [0, 1]);
    assertVerified(module, 'with gradient');
    expect(names).to.deep.equal(['main$by0', 'main$by1']);
    expect(module.functions.slice(0, before.length).map((each) => printFunction(each))).to.deep.equal(before);
    const interpreter = new Interpreter(module);
    expect(interpreter.run('main$by0', [2, 5])).to.equal(4 * 8 * 5);
    expect(interpreter.run('main$by1', [2, 1])).to.be.closeTo(16 - 0.5772156649015329, 1e-14);
  });

  it('copies functions so that nothing is shared', () => {
    const module = parseModule(`function main(i64, f64): f64 {
b0(v0: i64, v1: f64):
  switch v0, [1: b1, 2: b2(v1)], b2(v1)
b1():
  v2 = fconst 1
  jump b2(v2)
b2(v3: f64):
  return v3
}
`);
    const fn = elementAt(module.functions, 0);
    const text = printFunction(fn);
    const copy = copyFunction(fn, 'main');
    expect(printFunction(copy)).to.equal(text);
    for (const block of copy.blocks) {
      block.instructions.length = 0;
      block.parameters.length = 0;
      block.terminator = undefined;
    }
    expect(printFunction(fn)).to.equal(text);
  });
});
