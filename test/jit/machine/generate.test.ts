import { expect } from 'chai';
import { CodeHolder } from '../../../src/jit/code/code-holder.ts';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { op, type Type } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { frameEntryName, generate } from '../../../src/jit/machine/generate.ts';
import { hostTarget } from '../../../src/jit/machine/host-target.ts';
import { formatListing, type LoggedInstruction } from '../../../src/jit/x64/listing.ts';
import { Trap } from '../../../src/native/frame.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { elementAt } from '../../../src/support/element.ts';
import { NativeModule, NativeTrap, nativeLevels, withNative } from '../../support/run-native.ts';

const fibonacci = parseModule(`
function fib(f64): f64 {
b0(v0: f64):
  v1 = fconst 2
  v2 = flt v0, v1
  branch v2, b1(), b2()
b1():
  return v0
b2():
  v3 = fconst 1
  v4 = fsub v0, v3
  v5 : f64 = call fib(v4)
  v6 = fsub v0, v1
  v7 : f64 = call fib(v6)
  v8 = fadd v5, v7
  return v8
}
`);

/** Counts down from its argument; the loop runs that many times. */
function countdown(): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'countdown', ['f64'], 'f64');
  const head = builder.createBlock(['f64']);
  const [body, exit] = [builder.createBlock(), builder.createBlock()];
  builder.jump(head, elementAt(builder.block.parameters, 0));
  builder.moveTo(head);
  const n = elementAt(head.parameters, 0);
  builder.branch(builder.emit(op.fgt, n, builder.number(0)), body, exit);
  builder.moveTo(body);
  builder.jump(head, builder.emit(op.fsub, n, builder.number(1)));
  builder.moveTo(exit);
  builder.return(n);
  return module;
}

/** `f` of many parameters of the given types: the sum of each times its position, and a caller that passes them on. */
function manyParameters(types: readonly Type[]): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'f', types, 'f64');
  let sum: Value = builder.number(0);
  builder.block.parameters.forEach((parameter, index) => {
    const number =
      parameter.type === 'f64'
        ? parameter
        : builder.emit(parameter.type === 'bool' ? op.btof : op.itof, parameter);
    sum = builder.emit(op.fadd, sum, builder.emit(op.fmul, number, builder.number(index + 1)));
  });
  builder.return(sum);
  const caller = new IrBuilder(module, 'g', types, 'f64');
  const { parameters } = caller.block;
  const first = caller.call('f', 'f64', ...parameters);
  caller.return(caller.emit(op.fsub, caller.call('f', 'f64', ...parameters), first));
  const exchanger = new IrBuilder(module, 'h', types, 'f64');
  // Parameters of the same type change places, first with last.
  const exchanged = exchanger.block.parameters.map((parameter, _, all) => {
    const same = all.filter(({ type }) => type === parameter.type);
    return elementAt(same, same.length - 1 - same.indexOf(parameter));
  });
  exchanger.return(exchanger.call('f', 'f64', ...exchanged));
  return module;
}

function trapOf(body: () => unknown): NativeTrap {
  try {
    body();
  } catch (error) {
    if (error instanceof NativeTrap) return error;
    throw error;
  }
  expect.fail('no trap');
}

describe('generate', () => {
  const addon = requireAddon();

  it('makes what nobody calls and what cannot trap its own frame entry', () => {
    const module = parseModule('function f(f64): f64 {\nb0(v0: f64):\n  return v0\n}\n');
    const { code } = generate(module, hostTarget(addon));
    expect([...code.symbols.keys()]).to.deep.equal(['f$frame']);
    const recursive = generate(fibonacci, hostTarget(addon)).code;
    expect([...recursive.symbols.keys()]).to.have.members(['fib', 'fib$frame']);
  });

  it('gives frame entries to exports only', () => {
    const module = manyParameters(['f64']);
    const { code } = generate(module, hostTarget(addon), { exports: ['g'] });
    expect(code.symbols.has(frameEntryName('g'))).to.equal(true);
    expect(code.symbols.has(frameEntryName('f'))).to.equal(false);
    expect(code.symbols.has('f')).to.equal(true);
  });

  it('fills a CodeHolder again', () => {
    const code = new CodeHolder();
    const image = () => {
      const filled = generate(fibonacci, hostTarget(addon), { code }).code;
      expect(filled).to.equal(code);
      return filled.relocate(0x10000 as never).slice();
    };
    const first = image();
    const second = image();
    expect(second).to.deep.equal(first);
  });

  it('logs what it assembles', () => {
    const log: LoggedInstruction[] = [];
    const { code } = generate(fibonacci, hostTarget(addon, { level: 'sse2' }), { log });
    const listing = formatListing(code, log);
    expect(listing).to.contain('fib:').and.to.contain('call fib').and.to.contain('addsd xmm0');
  });

  it('dumps machine code before and after register allocation', () => {
    const dumps: string[] = [];
    generate(fibonacci, hostTarget(addon), { dump: (stage, text) => dumps.push(`${stage}\n${text}`) });
    expect(dumps).to.have.length(2);
    expect(dumps[0]).to.contain('selection').and.to.contain('branch.fgt 2, v0, m1, m2');
    expect(dumps[1]).to.contain('allocation').and.to.contain('spill[0] = move');
  });

  for (const level of nativeLevels) {
    describe(level, () => {
      const target = { level };

      it('runs recursion', () => {
        using native = new NativeModule(fibonacci, { target });
        expect(native.call('fib', [20])).to.equal(6765);
        expect(native.call('fib', [1])).to.equal(1);
        expect(trapOf(() => native.call('fib', [Number.NaN])).trap).to.equal(Trap.Stack);
      });

      it('runs a loop', () => {
        using native = new NativeModule(countdown(), { target });
        expect(native.call('countdown', [1000.5])).to.equal(-0.5);
      });

      for (const types of [
        new Array<Type>(3).fill('f64'),
        new Array<Type>(9).fill('f64'),
        new Array<Type>(40).fill('f64'),
        new Array<Type>(8).fill('bool'),
        Array.from({ length: 48 }, (_, i): Type => elementAt(['f64', 'bool', 'i64'], i % 3)),
      ]) {
        it(`passes ${types.length} parameters (${[...new Set(types)].join(', ')})`, () => {
          using native = new NativeModule(manyParameters(types), { target });
          const args = types.map((type, i) => (type === 'bool' ? i & 1 : i * 3 + 1));
          const sum = (list: readonly number[]) => list.reduce((total, x, i) => total + x * (i + 1), 0);
          expect(native.call('f', args)).to.equal(sum(args));
          expect(native.call('g', args)).to.equal(0);
          const exchanged = args.map((_, i) => {
            const same = args.filter((_, k) => types[k] === types[i]);
            const rank = args.slice(0, i).filter((_, k) => types[k] === types[i]).length;
            return elementAt(same, same.length - 1 - rank);
          });
          expect(native.call('h', args)).to.equal(sum(exchanged));
        });
      }

      it('takes a number as a condition when it is neither zero nor NaN', () => {
        const module = new IrModule();
        for (const name of ['f', 'recursive']) {
          const builder = new IrBuilder(module, name, ['bool'], 'bool');
          const parameter = elementAt(builder.block.parameters, 0);
          if (name === 'f') {
            builder.return(parameter);
            continue;
          }
          const [again, done] = [builder.createBlock(), builder.createBlock()];
          builder.branch(parameter, done, again);
          builder.moveTo(done);
          builder.return(parameter);
          builder.moveTo(again);
          builder.return(
            builder.emit(op.bnot, builder.call('recursive', 'bool', builder.emit(op.bnot, parameter))),
          );
        }
        using native = new NativeModule(module, { target });
        for (const x of [0, -0, 1, -1, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, 0.5]) {
          for (const name of ['f', 'recursive']) {
            expect(native.call(name, [x]), `${name}(${x})`).to.equal(x ? 1 : 0);
          }
        }
      });

      it('spends fuel as the interpreter does', () => {
        for (const [module, name, arg] of [
          [countdown(), 'countdown', 5],
          [fibonacci, 'fib', 5],
        ] as const) {
          for (let fuel = 0; fuel < 18; fuel++) {
            const outcome = (run: () => unknown): unknown => {
              try {
                return run();
              } catch {
                return 'trap';
              }
            };
            const expected = outcome(() => new Interpreter(module, { fuel }).run(name, [arg]));
            const actual = outcome(() =>
              withNative(module, { target, fuel: BigInt(fuel) }, (native) => native.call(name, [arg])),
            );
            expect(actual, `${name} with fuel ${fuel}`).to.equal(expected);
          }
        }
      });

      for (const fuel of [0n, -1n]) {
        it(`traps at once with a fuel of ${fuel}`, () => {
          using native = new NativeModule(countdown(), { target, fuel });
          const trap = trapOf(() => native.call('countdown', [1]));
          expect(trap.trap).to.equal(Trap.Fuel);
        });
      }

      it('writes back the fuel that is left', () => {
        using native = new NativeModule(countdown(), { target, fuel: 100n });
        native.call('countdown', [7]);
        // One for the entry, one for each round.
        expect(native.fuel).to.equal(92n);
      });

      it('does without fuel where the target has none', () => {
        using native = new NativeModule(countdown(), { target: { ...target, fuel: false }, fuel: 0n });
        expect(native.call('countdown', [1000])).to.equal(0);
        expect(native.fuel).to.equal(0n);
      });

      it('stops recursion without end at the stack limit, names the function, and goes on', () => {
        const module = parseModule(`
function even(f64): f64 {
b0(v0: f64):
  v1 : f64 = call odd(v0)
  v2 = fadd v1, v0
  return v2
}
function odd(f64): f64 {
b0(v0: f64):
  v1 : f64 = call even(v0)
  v2 = fadd v1, v0
  return v2
}
function fine(f64): f64 {
b0(v0: f64):
  return v0
}
`);
        using native = new NativeModule(module, { target: { ...target, fuel: false } });
        for (let i = 0; i < 3; i++) {
          const trap = trapOf(() => native.call('even', [1]));
          expect(trap.trap).to.equal(Trap.Stack);
          expect(trap.functionIndex).to.be.oneOf([0, 1]);
          expect(native.call('fine', [i])).to.equal(i);
        }
      });

      it('calls host functions, keeps values across them, and lets exceptions out', () => {
        const module = new IrModule();
        module.hosts.push({ name: 'add', arity: 3 }, { name: 'fail', arity: 0 });
        const builder = new IrBuilder(module, 'f', ['f64', 'f64'], 'f64');
        const [x, y] = builder.block.parameters as [Value, Value];
        const product = builder.emit(op.fmul, x, y);
        const sum = builder.callHost(0, y, x, product);
        builder.return(builder.emit(op.fadd, builder.emit(op.fsub, sum, product), x));
        const failing = new IrBuilder(module, 'g', ['f64'], 'f64');
        const one = failing.callHost(1);
        failing.return(failing.emit(op.fadd, one, elementAt(failing.block.parameters, 0)));
        const outer = new IrBuilder(module, 'h', ['f64'], 'f64');
        const deep = outer.call('g', 'f64', elementAt(outer.block.parameters, 0));
        outer.return(outer.emit(op.fadd, deep, elementAt(outer.block.parameters, 0)));
        const failure = new Error('from the host');
        let isFailing = true;
        const fail = () => {
          if (isFailing) throw failure;
          return 10;
        };
        using native = new NativeModule(module, { target, hosts: [(a, b, c) => a + 10 * b + 100 * c, fail] });
        expect(native.call('f', [3, 4])).to.equal(4 + 30 + 1200 - 12 + 3);
        for (const name of ['g', 'h']) expect(() => native.call(name, [1])).to.throw(failure.message);
        isFailing = false;
        expect(native.call('g', [1])).to.equal(11);
        expect(native.call('h', [1])).to.equal(12);
      });

      it('lets a host function call compiled code again', () => {
        const module = new IrModule();
        module.hosts.push({ name: 'again', arity: 1 });
        const builder = new IrBuilder(module, 'f', ['f64', 'f64'], 'f64');
        const [x, y] = builder.block.parameters as [Value, Value];
        builder.return(builder.emit(op.fadd, builder.callHost(0, x), builder.emit(op.fmul, x, y)));
        let native: NativeModule | undefined;
        const again = (depth: number): number => (depth === 0 ? 0 : (native?.call('f', [depth - 1, 2]) ?? 0));
        native = new NativeModule(module, { target, hosts: [again] });
        expect(native.call('f', [10, 1])).to.equal(2 * 45 + 10);
        native[Symbol.dispose]();
      });

      it('keeps the stack aligned for the math library', () => {
        // Functions with and without spills, each calling on: C code with aligned vector stores would fault.
        const module = new IrModule();
        for (let depth = 0; depth < 6; depth++) {
          const builder = new IrBuilder(module, `f${depth}`, ['f64', 'f64', 'f64'], 'f64');
          const [x, y, z] = builder.block.parameters as [Value, Value, Value];
          const inner = depth === 0 ? x : builder.call(`f${depth - 1}`, 'f64', x, y, z);
          let result = builder.emit(op.fadd, builder.callMath('tanh', inner), builder.callMath('log10', y));
          for (let i = 0; i < depth; i++) result = builder.emit(op.fadd, result, builder.callMath('cbrt', z));
          builder.return(result);
        }
        using native = new NativeModule(module, { target });
        for (let depth = 0; depth < 6; depth++) {
          expect(native.call(`f${depth}`, [0, 1, 8])).to.be.finite;
        }
      });
    });
  }
});
