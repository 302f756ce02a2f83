import { expect } from 'chai';
import { compileIr, IrBuilder, IrError, IrModule, op, parseModule } from '../../../src/ir.ts';
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
