import { expect } from 'chai';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import { describeIntegers, integerDefinitions, integerSamples } from '../../support/describe-integers.ts';

describe('integers', () => {
  for (const [opcode, definition] of integerDefinitions) {
    it(`${opcode.name} is defined by what it computes`, () => {
      const evaluate = opcode.evaluate as (x: bigint, y: bigint) => bigint | boolean;
      for (const x of integerSamples) {
        for (const y of integerSamples) {
          expect(BigInt(evaluate(x, y)), `${x}, ${y}`).to.equal(definition(x, y));
        }
      }
    });
  }

  for (const isOptimised of [false, true]) {
    describe(isOptimised ? 'interpreted, optimised' : 'interpreted', () => {
      describeIntegers((module) => {
        if (isOptimised) optimize(module, { verify: true });
        const interpreter = new Interpreter(module);
        return { call: (name, args) => Number(interpreter.run(name, args)) };
      });
    });
  }
});
