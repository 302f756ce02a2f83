/** What `generate` says of functions: callers leave out what a function does not need, so nothing may be missing. */
import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { win64 } from '../../../src/jit/machine/convention.ts';
import { type GeneratedCode, generate, type Target } from '../../../src/jit/machine/generate.ts';
import { hostTarget } from '../../../src/jit/machine/host-target.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { elementAt } from '../../../src/support/element.ts';
import { main, moduleOf } from '../../support/kernel-oracle.ts';

function generated(module: IrModule, overrides: Partial<Target> = {}): GeneratedCode {
  return generate(module, hostTarget(requireAddon(), overrides));
}

/** Of the main function of a source, or another one; calls are not inlined. */
function factsOf(source: string, name = main, overrides: Partial<Target> = {}) {
  const { entry, frameEntry, mayTrap, usesFuel, callsHost } = generated(
    moduleOf(source, ['x'], ['host'], 0),
    overrides,
  ).of(name);
  return { entry: entry?.name, frameEntry: frameEntry?.name, mayTrap, usesFuel, callsHost };
}

const nothing = { mayTrap: false, usesFuel: false, callsHost: false };

/** `wide` has more values at once than a small stack frame has room for; `caller` calls it. */
function wideModule(): IrModule {
  const module = new IrModule();
  const wide = new IrBuilder(module, 'wide', ['f64'], 'f64');
  const x = elementAt(wide.block.parameters, 0);
  const values: Value[] = [];
  for (let i = 0; i < 600; i++) values.push(wide.emit(op.fmul, x, wide.number(i + 0.5)));
  let sum = x;
  for (const value of values.reverse()) sum = wide.emit(op.fadd, wide.emit(op.fdiv, sum, x), value);
  wide.return(sum);
  const caller = new IrBuilder(module, 'caller', ['f64'], 'f64');
  caller.return(caller.call('wide', 'f64', elementAt(caller.block.parameters, 0)));
  return module;
}

describe('facts of functions', () => {
  it('tell what can do nothing but return', () => {
    expect(factsOf('x * 2')).to.deep.equal({ ...nothing, entry: undefined, frameEntry: 'main$frame' });
    expect(factsOf('sin(x) % 3')).to.include(nothing);
  });

  it('are no worse for calls of such functions', () => {
    const source = 'f(a) = a * 2; g(a) = f(a) + f(a + 1); g(x)';
    for (const name of ['f', 'g']) expect(factsOf(source, name)).to.include({ ...nothing, entry: name });
    expect(factsOf(source)).to.deep.equal({ ...nothing, entry: undefined, frameEntry: 'main$frame' });
  });

  it('tell who spends fuel, and who calls that', () => {
    const spending = { mayTrap: true, usesFuel: true, callsHost: false };
    const source = 'f(a) = sum(i, 1, a, i); g(a) = f(a) + 1; fine(a) = a; g(x) + fine(x)';
    for (const name of ['f', 'g', main])
      expect(factsOf(source, name)).to.include({ ...spending, entry: name });
    expect(factsOf(source, 'fine')).to.include(nothing);
    expect(factsOf('f(n) = n < 1 ? 0 : 1 + f(n - 1); f(x)')).to.include(spending);
  });

  it('know of no fuel where the target has none, but of the stack', () => {
    const loop = factsOf('sum(i, 1, x, i)', main, { fuel: false });
    expect(loop).to.include(nothing);
    const recursion = factsOf('f(n) = n < 1 ? 0 : 1 + f(n - 1); f(x)', main, { fuel: false });
    expect(recursion).to.include({ ...nothing, mayTrap: true });
  });

  it('tell who calls the host, and who calls that', () => {
    const hosting = { mayTrap: true, usesFuel: false, callsHost: true };
    const source = 'f(a) = host(a) * 2; g(a) = f(a) + 1; fine(a) = a; g(x) + fine(x)';
    for (const name of ['f', 'g', main])
      expect(factsOf(source, name)).to.include({ ...hosting, entry: name });
    expect(factsOf(source, 'fine')).to.include(nothing);
  });

  it('tell who calls the host through cycles, from wherever they are entered', () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const hosting of names) {
      const source = names
        .map((name, i) => {
          const callee = elementAt(names, (i + 1) % names.length);
          const called = `${callee}(n - 1)`;
          return `${name}(n) = n < 0 ? 0 : 1 + ${name === hosting ? `host(${called})` : called}`;
        })
        .join('; ');
      for (const name of [...names, main]) {
        const facts = factsOf(`${source}; alone(n) = n < 0 ? 0 : 1 + alone(n - 1); b(x) + alone(x)`, name);
        expect(facts, `${name} of ${hosting}`).to.include({ mayTrap: true, callsHost: true });
      }
      expect(
        factsOf(`${source}; alone(n) = n < 0 ? 0 : 1 + alone(n - 1); b(x) + alone(x)`, 'alone'),
      ).to.include({
        mayTrap: true,
        callsHost: false,
      });
    }
  });

  it('tell who needs so much stack that it is checked, and who calls that', () => {
    const wide = generated(wideModule(), { fuel: false });
    const expected = { mayTrap: true, usesFuel: false, callsHost: false };
    expect(wide.of('wide')).to.include(expected);
    expect(wide.of('caller')).to.include(expected);
    const alone = wideModule();
    alone.functions.length = 1;
    expect(generated(alone, { fuel: false }).of('wide')).to.include(expected);
  });

  it('give every export a frame entry, and all others an entry', () => {
    const module = moduleOf('f(a) = a * 2; f(x)', ['x'], [], 0);
    const some = generate(module, hostTarget(requireAddon()), { exports: [main] });
    expect(some.of('f')).to.include({ frameEntry: undefined });
    expect(some.of('f').entry?.isBound).to.equal(true);
    expect(some.of(main)).to.include({ entry: undefined });
    expect(some.of(main).frameEntry?.isBound).to.equal(true);
    const none = generate(module, hostTarget(requireAddon()), { exports: [] });
    expect(none.of(main)).to.include({ frameEntry: undefined });
    expect(none.of(main).entry?.isBound).to.equal(true);
    expect(() => none.of('nobody')).to.throw('the module has no function nobody');
  });

  it('are about the function, whatever the platform makes of its entries', () => {
    const facts = factsOf('x * 2', main, { convention: win64 });
    expect(facts).to.deep.equal({ ...nothing, entry: 'main', frameEntry: 'main$frame' });
  });
});
