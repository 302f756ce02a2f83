import { expect } from 'chai';
import {
  callGraph,
  compileIr,
  Interpreter,
  IrError,
  JitMemory,
  optimize,
  parseModule,
  printModule,
  verifyModule,
} from '../../../src/ir.ts';
import { thrown } from '../../support/thrown.ts';
import { summing } from './sample-modules.ts';

describe('traces', () => {
  it('are text, from which nobody reaches what is compiled', () => {
    const seen: string[] = [];
    using code = compileIr(parseModule(summing), {
      exports: { sum: { parameters: ['memory', 'i32', 'i32'], result: 'i32' } },
      trace: (pass, name, text) => {
        expect([typeof pass, typeof name, typeof text]).to.deep.equal(['string', 'string', 'string']);
        seen.push(`${name}: ${pass}`);
      },
    });
    expect(code.released).to.equal(false);
    expect(seen).to.include('sum: split-accesses');
    expect(() => compileIr(parseModule(summing), { trace: 5 as never })).to.throw(TypeError, 'trace');
    expect(() => optimize(parseModule(summing), { trace: 5 as never })).to.throw(TypeError, 'trace');
    expect(() => optimize(parseModule(summing), { roots: ['none'] })).to.throw(IrError, '"none"');
    expect(printModule(optimize(parseModule(summing)))).to.include('mload u8');
  });
});

describe('tools for modules', () => {
  it('optimise with fastMath where they are told to', () => {
    const text = 'function f(f64): f64 {\nb0(v0: f64):\n  v1 = fconst 0\n  v2 = fmul v0, v1\n  return v2\n}';
    const optimized = (options: object) => printModule(optimize(parseModule(text), options));
    expect(optimized({})).to.include('fmul');
    expect(optimized({ fastMath: true })).to.not.include('fmul');
    expect(() => optimized({ fastMath: 1 })).to.throw(TypeError, 'fastMath must be a boolean, not 1');
    expect(() => optimized({ level: 2 })).to.throw(RangeError, 'level must be 0 or 1, not 2');
  });

  it('tell who calls whom', () => {
    const calling = (name: string, callee: string) =>
      `function ${name}(): f64 {\nb0():\n  v0: f64 = call ${callee}()\n  return v0\n}`;
    const module = parseModule([calling('a', 'b'), calling('b', 'b')].join('\n'));
    const { callees, calleesFirst, recursive } = callGraph(module);
    expect(callees).to.deep.equal([[1], [1]]);
    expect(calleesFirst.map(({ name }) => name)).to.deep.equal(['b', 'a']);
    expect([...recursive].map(({ name }) => name)).to.deep.equal(['b']);
    const interpreter = new Interpreter(module, { maxDepth: 10 });
    expect(thrown(() => interpreter.run('a', []))).to.include({ code: 'E_STACK', functionName: 'b' });
  });
});

describe('the interpreter of modules', () => {
  it('runs them as they are, with hosts of all types', () => {
    const module = parseModule(`
      host next(i64, u32): i64
      function f(i64): i64 {
      b0(v0: i64):
        v1: i64 = mload u8(v0)
        v2: i64 = callhost next(v1, v0)
        return v2
      }`);
    const memory = new JitMemory(4);
    memory.bytes[3] = 200;
    const seen: unknown[] = [];
    const hosts = {
      next: (...args: unknown[]) => {
        seen.push(args);
        return -(2n ** 40n);
      },
    };
    const interpreter = new Interpreter(module, { hosts, memory });
    expect(interpreter.run('f', [3n])).to.equal(-(2n ** 40n));
    expect(seen).to.deep.equal([[200n, 3]]);
    expect(thrown(() => interpreter.run('f', [4n]))).to.include({ code: 'E_BOUNDS', functionName: 'f' });
    expect(() => interpreter.run('g', [])).to.throw(IrError, '"g"');
    expect(() => interpreter.run('f', [3])).to.throw(TypeError, 'bigint');
    expect(() => new Interpreter(module, { hosts }).run('f', [3n])).to.throw(IrError, 'has none');
    expect(() => new Interpreter(module, { memory })).to.throw(TypeError, 'hosts.next');
    expect(() => new Interpreter(module, { hosts, fuel: -1 })).to.throw(RangeError, 'fuel');
    expect(verifyModule(module)).to.deep.equal([]);
    expect(verifyModule({} as never)).to.have.length(1);
  });
});
