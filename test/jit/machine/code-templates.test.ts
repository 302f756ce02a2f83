import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule, type Value } from '../../../src/jit/ir/function.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { CodeTemplates } from '../../../src/jit/machine/code-templates.ts';
import { generate, type Target } from '../../../src/jit/machine/generate.ts';
import { hostTarget } from '../../../src/jit/machine/host-target.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import type { Address } from '../../../src/native/address.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { elementAt } from '../../../src/support/element.ts';
import { Random } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';
import { nativeLevels } from '../../support/run-native.ts';

const base = 0x10_0000 as Address;
const tiny = 2.2250738585072014e-308;
/** Among them what code has anyway, and the limits of what is a place to be filled. */
const constants = [0.5, 1, -1, 2, 3.5, -0.1, 2 ** 52, 2 ** 31, 1e300, tiny, tiny / 2, 0, -0, Infinity, NaN];

/** The same module for the same seed, as the optimiser leaves it. */
function moduleOf(seed: number): IrModule {
  const module = randomModule(new Random(seed), { functions: 1, instructions: 12 });
  module.hosts.length = 0;
  optimize(module, { roots: ['f0'] });
  return module;
}

function constantsOf(module: IrModule): Value[] {
  return module.functions.flatMap(({ blocks }) =>
    blocks.flatMap(({ instructions }) => instructions.filter((value) => value.op === op.fconst)),
  );
}

/** Holds the code that the templates have for a module against that which is generated; says whether they have any. */
function isFound(templates: CodeTemplates, module: IrModule, target: Target): boolean {
  const found = templates.find(module);
  if (found === undefined) return false;
  const generated = generate(module, target);
  const { frameEntry, mayTrap } = generated.of(elementAt(module.functions, 0).name);
  if (frameEntry === undefined) throw new Error('all functions are exported');
  const text = printModule(module);
  expect([...found.code.relocate(base)], text).to.deep.equal([...generated.code.relocate(base)]);
  expect(found.entry, text).to.equal(generated.code.offsetOf(frameEntry));
  expect(found.mayTrap, text).to.equal(mayTrap);
  found.done();
  return true;
}

/** `f(x) = body`. */
function moduleWith(body: (builder: IrBuilder, x: Value) => Value): IrModule {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
  builder.return(body(builder, elementAt(builder.block.parameters, 0)));
  return module;
}

const plus = (constant: number): IrModule =>
  moduleWith((builder, x) => builder.emit(op.fadd, x, builder.number(constant)));

describe('code templates', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

  for (const level of nativeLevels) {
    it(`of random functions are what is generated for all constants (${level}, SEED=${seed})`, () => {
      const target = hostTarget(requireAddon(), { level });
      const random = new Random(seed);
      let [found, filled] = [0, 0];
      for (let i = 0; i < 120; i++) {
        const functionSeed = random.integer(0, 2 ** 31);
        const templates = new CodeTemplates(target);
        for (let round = 0; round < 6; round++) {
          const module = moduleOf(functionSeed);
          if (round > 1) for (const value of constantsOf(module)) value.immediate = random.pick(constants);
          if (!isFound(templates, module, target)) continue;
          found++;
          if (constantsOf(module).length > 0) filled++;
        }
      }
      expect(found).to.be.above(40);
      expect(filled).to.be.above(8);
    });
  }

  it('are there from the second function on', () => {
    const target = hostTarget(requireAddon());
    const templates = new CodeTemplates(target);
    expect([1.5, 2.5, 3.5, -7].map((constant) => isFound(templates, plus(constant), target))).to.deep.equal([
      false,
      true,
      true,
      true,
    ]);
  });

  it('are no other for zero, for what is near it, and for what is no number', () => {
    const target = hostTarget(requireAddon());
    const templates = new CodeTemplates(target);
    for (const constant of [1.5, 2.5]) isFound(templates, plus(constant), target);
    for (const constant of [0, -0, tiny / 2, Infinity, -Infinity, NaN]) {
      expect(isFound(templates, plus(constant), target), String(constant)).to.equal(false);
      expect(isFound(templates, plus(constant), target), String(constant)).to.equal(true);
    }
  });

  it('know one constant that is used twice from two', () => {
    const target = hostTarget(requireAddon());
    const templates = new CodeTemplates(target);
    const twice = (first: number, second: number): IrModule =>
      moduleWith((builder, x) => {
        const sum = builder.emit(op.fadd, x, builder.number(first));
        return builder.emit(op.fmul, sum, builder.number(second));
      });
    for (const constant of [1.5, 2.5]) isFound(templates, twice(constant, 3), target);
    expect(isFound(templates, twice(7, 8), target)).to.equal(true);
    isFound(templates, twice(7, 7), target);
    expect(isFound(templates, twice(8, 8), target)).to.equal(true);
  });

  it('leave a constant alone that has to share its place', () => {
    const target = hostTarget(requireAddon(), { level: 'sse2' });
    const templates = new CodeTemplates(target);
    // Rounding without an instruction for it brings constants of its own.
    const rounded = (constant: number): IrModule =>
      moduleWith((builder, x) => builder.emit(op.fround, builder.emit(op.fmul, x, builder.number(constant))));
    for (const constant of [1.25, 2.25]) isFound(templates, rounded(constant), target);
    expect(isFound(templates, rounded(3.25), target)).to.equal(true);
    const { code } = generate(rounded(3.25), target);
    const own = new DataView(code.relocate(base).slice(code.codeSize - code.rodata.size).buffer);
    const shared = Array.from({ length: own.byteLength / 8 }, (_, index) => own.getFloat64(index * 8, true));
    const taken = shared.filter((constant) => constant !== 3.25 && Math.abs(constant) > 0.1);
    expect(taken).not.to.deep.equal([]);
    for (const constant of taken) expect(isFound(templates, rounded(constant), target)).to.equal(false);
    expect(isFound(templates, rounded(4.25), target)).to.equal(true);
  });

  it('are of functions that nothing else belongs to', () => {
    const target = hostTarget(requireAddon());
    const templates = new CodeTemplates(target);
    const branching = (): IrModule => {
      const module = new IrModule();
      const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
      const [x] = builder.block.parameters as [Value];
      const [first, second] = [builder.createBlock(), builder.createBlock()];
      builder.branch(builder.emit(op.flt, x, builder.number(1.5)), first, second);
      builder.moveTo(first);
      builder.return(x);
      builder.moveTo(second);
      builder.return(builder.number(2.5));
      return module;
    };
    const hosting = (): IrModule => {
      const module = new IrModule();
      module.hosts.push({ name: 'h', arity: 2 });
      const builder = new IrBuilder(module, 'f', ['f64'], 'f64');
      builder.return(builder.callHost('h', ...builder.parameters, ...builder.parameters));
      return module;
    };
    const calling = (): IrModule => {
      const module = plus(1.5);
      const builder = new IrBuilder(module, 'g', ['f64'], 'f64');
      builder.return(builder.call('f', 'f64', elementAt(builder.block.parameters, 0)));
      return module;
    };
    for (const make of [branching, hosting, calling, () => new IrModule()]) {
      for (let round = 0; round < 3; round++) expect(templates.find(make())).to.equal(undefined);
    }
  });

  it('are for one at a time', () => {
    const target = hostTarget(requireAddon());
    const templates = new CodeTemplates(target);
    for (const constant of [1.5, 2.5]) isFound(templates, plus(constant), target);
    const ready = templates.find(plus(3.5));
    const before = [...(ready?.code.relocate(base) ?? [])];
    expect(templates.find(plus(4.5))).to.equal(undefined);
    expect([...(ready?.code.relocate(base) ?? [])]).to.deep.equal(before);
    ready?.done();
    expect(isFound(templates, plus(4.5), target)).to.equal(true);
  });

  it('make room for others', () => {
    const target = hostTarget(requireAddon());
    const templates = new CodeTemplates(target);
    const sum = (terms: number) => (constant: number) =>
      moduleWith((builder, x) => {
        let result = x;
        for (let i = 0; i < terms; i++) {
          const opcode = (terms >> (i % 8)) % 2 === 0 ? op.fadd : op.fsub;
          result = builder.emit(opcode, builder.emit(op.fmul, result, x), builder.number(constant + i));
        }
        return result;
      });
    let found = 0;
    for (let terms = 1; terms < 20; terms++) {
      for (let round = 0; round < 20; round++) {
        const make = sum(1 + ((terms + round) % 20));
        if (isFound(templates, make(1.5 + round), target)) found++;
      }
    }
    expect(found).to.be.above(200);
  });
});
