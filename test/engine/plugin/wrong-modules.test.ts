import { expect } from 'chai';
import { Engine } from '../../../src/index.ts';
import {
  compileIr,
  IrBuilder,
  IrError,
  IrModule,
  op,
  parseModule,
  type Value,
  verifyModule,
} from '../../../src/ir.ts';
import { thrown } from '../../support/thrown.ts';
import { summing } from './sample-modules.ts';

describe('wrong modules of IR', () => {
  const refused = (text: string, ...problems: string[]) => {
    const error = thrown(() => compileIr(parseModule(text)));
    expect(error).to.be.instanceOf(IrError);
    for (const problem of problems) expect((error as Error).message).to.include(problem);
  };

  it('are refused with the function and the value that are wrong', () => {
    refused(
      'function f(f64): f64 {\nb0(v0: f64):\n  v1 = iadd v0, v0\n  return v0\n}',
      'f:',
      "'v1 = iadd v0, v0'",
    );
    refused('function f(): f64 {\nb0():\n  v0: f64 = call g()\n  return v0\n}', 'f:', 'calls a function');
    refused(
      'function f(i64): f64 {\nb0(v0: i64):\n  v1: f64 = load f64(v0, v0)\n  return v1\n}',
      'v1 is load',
    );
    refused('function f(f64x4): f64x4 {\nb0(v0: f64x4):\n  return v0\n}', 'lanes');
    refused(
      'function f(f64): f64 {\nb0(v0: f64):\n  v1 = callmath nothing(v0)\n  return v1\n}',
      'math library',
    );
    refused('function f(i64): i64 {\nb0(v0: i64):\n  v1: i64 = mload u8c(v0)\n  return v1\n}', 'u8c');
    refused(
      'function f(i64): f64 {\nb0(v0: i64):\n  v1: f64 = mload i32(v0)\n  return v1\n}',
      'f64 of memory as i32',
    );
    refused('function f(): i64 {\nb0():\n  v0: i64 = getglobal none\n  return v0\n}', 'names no global');
    refused(
      'global g: i64 = 1\nglobal g: i64 = 1\nfunction f(): i64 {\nb0():\n  v0: i64 = getglobal g\n  return v0\n}',
      'twice',
    );
    refused(
      `function f(f64): f64 {
      b0(v0: f64):
        v1 = fconst 0
        v2 = flt v0, v1
        branch v2, b1, b2
      b1():
        v3 = fgt v0, v1
        branch v3, b2, b3
      b2():
        v4 = feq v0, v1
        branch v4, b1, b3
      b3():
        return v0
      }`,
      'entered at several blocks',
    );
    expect(() => compileIr(new IrModule())).to.throw(IrError, 'exports no function');
  });

  it('are refused if somebody has built them past the types', () => {
    const build = (spoil: (module: IrModule, builder: IrBuilder) => void): (() => unknown) => {
      const module = new IrModule();
      const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
      builder.return(builder.emit(op.fneg, builder.parameters[0] as never));
      spoil(module, builder);
      return () => compileIr(module);
    };
    const first = (builder: IrBuilder): Record<string, unknown> => builder.block.instructions[0] as never;
    const spoils: readonly ((module: IrModule, builder: IrBuilder) => void)[] = [
      (module) => module.functions.push({} as never),
      (module) => module.functions.push(module.functions[0] as never),
      (module) => module.hosts.push({ name: 'h', arity: -1 }),
      (module) => module.hosts.push({ name: 'h', parameters: ['void'], result: 'i32' } as never),
      (module) => module.globals.push({ name: 'g', type: 'f64x2', initial: 0 } as never),
      (module) => module.globals.push({ name: 'g', type: 'i64', initial: 2n ** 64n }),
      (_, builder) => Object.assign(first(builder), { op: { ...op.fneg } }),
      (_, builder) => Object.assign(first(builder), { op: { index: 1e9 } }),
      (_, builder) => Object.assign(first(builder), { operands: [{}] }),
      (_, builder) => Object.assign(first(builder), { operands: null }),
      (_, builder) => Object.assign(first(builder), { id: -1 }),
      (_, builder) => Object.assign(first(builder), { id: 2 ** 31 }),
      (_, builder) => Object.assign(first(builder), { id: 1_000_000 }),
      (_, builder) => Object.assign(first(builder), { immediate: 'none' }),
      (_, builder) => Object.assign(first(builder), { op: op.call, immediate: 5 }),
      (_, builder) => Object.assign(first(builder), { op: op.callhost, immediate: 0n }),
      (_, builder) => Object.assign(builder.function, { displayName: {} }),
      (_, builder) => Object.assign(first(builder), { type: 'any' }),
      (_, builder) => Object.assign(first(builder), { immediate: {} }),
      (_, builder) => builder.block.instructions.push(builder.block.instructions[0] as never),
      (_, builder) => Object.assign(builder.block, { terminator: { kind: 'jump', edge: {} } }),
      (_, builder) => Object.assign(builder.block, { terminator: null }),
      (_, builder) => Object.assign(builder.block, { terminator: { kind: 'switch', cases: 1 } }),
      (_, builder) => Object.assign(builder.block, { instructions: 'none' }),
      (_, builder) => Object.assign(builder.function, { blocks: [] }),
      (_, builder) => Object.assign(builder.function, { name: 7 }),
    ];
    spoils.forEach((spoil, index) => {
      expect(build(spoil), String(index)).to.throw(IrError);
    });
    expect(build(() => {})()).to.have.property('released', false);
    const usingNothing = build((_, builder) => Object.assign(first(builder), { operands: [undefined] }));
    expect(usingNothing).to.throw(
      IrError,
      'the module is wrong:\n  f: v1 uses undefined, which the function does not define',
    );
  });

  it('are refused in short time, however long their lists say they are', () => {
    const sparse = new IrModule();
    sparse.globals.length = 2 ** 32 - 1;
    expect(verifyModule(sparse)).to.deep.equal(['the module: has a list of 4294967295 globals']);
    const holes = new IrModule();
    holes.hosts.length = 1_000_000;
    expect(verifyModule(holes)).to.have.length(1000);
    const endless = new IrModule();
    endless.hosts.push({ name: 'h', arity: 1 });
    Reflect.set(endless.hosts, Symbol.iterator, function* () {
      for (;;) yield { name: 'h', arity: 1 };
    });
    expect(verifyModule(endless)).to.deep.equal([]);
  });

  it('are refused with names that are no text', () => {
    const module = new IrModule();
    const b = new IrBuilder(module, '\ud800', ['f64'], 'f64');
    b.return(b.parameters[0]);
    module.hosts.push({ name: '\udfff', arity: 0 });
    module.globals.push({ name: 'x\ud800y', type: 'f64', initial: 0 });
    expect(verifyModule(module).filter((problem) => problem.includes('well-formed'))).to.have.length(4);
  });

  it('are refused where the engine would take too long over their code', () => {
    const module = new IrModule();
    const b = new IrBuilder(module, 'f', ['f64'], 'f64');
    module.globals.push({ name: 'g', type: 'f64', initial: 0 });
    let [value]: readonly Value[] = b.parameters;
    for (let i = 0; i < 5000; i++) {
      const [low, high, next] = [b.createBlock(), b.createBlock(), b.createBlock(['f64'])];
      const x = value as Value;
      b.branch(b.emit(op.flt, x, b.number(i)), low, high);
      b.moveTo(low);
      b.jump(next, b.setGlobal('g', b.emit(op.fadd, x, b.number(1))));
      b.moveTo(high);
      b.jump(next, b.emit(op.fsub, x, b.number(3)));
      b.moveTo(next);
      [value] = next.parameters;
    }
    b.return(value as Value);
    using engine = new Engine({ backend: 'wasm' });
    expect(() => compileIr(module, { engine, level: 0 }))
      .to.throw(IrError)
      .with.property('message')
      .which.matches(
        /^the module is too large:\n {2}the code takes \d+ locals at its blocks; at most 50000000 are/,
      );
  });

  it('refuse exports and hosts that do not fit', () => {
    const module = parseModule(`host h(1)\n${summing}`);
    const compileWith = (options: object) => () => compileIr(module, options as never);
    const hosts = { h: () => 0 };
    expect(compileWith({})).to.throw(TypeError, 'hosts.h');
    expect(compileWith({ hosts: { h: 1 } })).to.throw(TypeError, 'hosts.h');
    expect(compileWith({ hosts: { ...hosts, g: () => 0 } })).to.throw(TypeError, "'g'");
    expect(compileWith({ hosts, exports: { sim: { parameters: [], result: 'f64' } } })).to.throw(
      IrError,
      "'sum'",
    );
    const exporting = (parameters: unknown, result: unknown) =>
      compileWith({ hosts, exports: { sum: { parameters, result } } });
    expect(exporting(['i64', 'i64'], 'i64')).to.throw(IrError, "'memory'");
    expect(exporting(['memory', 'f64', 'i64'], 'i64')).to.throw(IrError, 'parameter 0');
    expect(exporting(['memory', 'i64'], 'i64')).to.throw(
      IrError,
      'exports do not fit the module:\n  sum: takes 2',
    );
    expect(exporting(['memory', 'i64', 'i64'], 'f64')).to.throw(IrError, 'result');
    expect(exporting(['i64', 'memory', 'i64'], 'i64')).to.throw(TypeError, 'memory');
    expect(exporting('all', 'i64')).to.throw(TypeError, 'list');
    expect(exporting(['memory', 'i64', 'i64'], 'number')).to.throw(TypeError, 'number');
    expect(compileWith({ hosts, level: 3 })).to.throw(RangeError, 'level');
    expect(compileWith({ hosts, engine: {} })).to.throw(TypeError, 'Engine');
    expect(compileWith({ hosts, exprts: {} })).to.throw(TypeError, "'exports'");
  });
});
