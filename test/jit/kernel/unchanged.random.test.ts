/** A compiled function keeps its IR for kernels and listings, so nothing that runs or compiles it may change it. */
import { expect } from 'chai';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { generateKernel } from '../../../src/jit/kernel/generate-kernel.ts';
import type { KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { generate } from '../../../src/jit/machine/generate.ts';
import { hostTarget } from '../../../src/jit/machine/host-target.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import { requireAddon } from '../../../src/native/loader.ts';
import { elementAt } from '../../../src/support/element.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';

const modules = 30;

/** Freezes an object and all that it refers to, but for the table of opcodes. */
function freeze(root: object): void {
  const frozen = new Set<object>(Object.values(op));
  const work = [root];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    if (frozen.has(next)) continue;
    frozen.add(Object.freeze(next));
    for (const part of Object.values(next)) if (typeof part === 'object' && part !== null) work.push(part);
  }
}

describe('IR', () => {
  const seed = seedFromEnvironment();

  it(`stays as it is while it is compiled and interpreted (SEED=${seed})`, () => {
    const random = new Random(seed);
    const addon = requireAddon();
    let vectors = 0;
    for (let i = 0; i < modules; i++) {
      const module = randomModule(random, { functions: 2, instructions: random.integer(3, 30) });
      if (i % 2 === 0) optimize(module);
      freeze(module);
      const text = printModule(module);
      const interpreter = new Interpreter(module, { hosts: [(x, y) => x - y] });
      for (const level of ['sse2', 'avx512'] as const) {
        const target = hostTarget(addon, { level });
        generate(module, target, { check: true });
        for (const { name, blocks } of module.functions) {
          const { parameters } = elementAt(blocks, 0);
          const spec: KernelSpec = {
            parameters: parameters.map(() => ({ kind: 'column', type: 'f64' })),
            outputs: [{ function: name, type: 'f64' }],
          };
          if (generateKernel(module, spec, target).onVectors) vectors++;
          interpreter.run(
            name,
            parameters.map(() => random.integer(-3, 3)),
          );
        }
      }
      expect(printModule(module)).to.equal(text);
    }
    expect(vectors).to.be.greaterThan(0);
  });
});
