import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule } from '../../../src/jit/ir/function.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { verifyModule } from '../../../src/jit/ir/verifier.ts';
import { expandRemainders } from '../../../src/jit/opt/vectorise/remainder.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { specialValues } from '../../support/special-values.ts';

const seed = seedFromEnvironment();

/** `x % y`, by the steps that lanes take. */
function expanded(hasFma: boolean): (x: number, y: number) => number {
  const module = new IrModule();
  const builder = new IrBuilder(module, 'f', ['f64', 'f64'], 'f64');
  builder.return(builder.emit(op.frem, ...builder.block.parameters));
  expandRemainders(builder.function, hasFma);
  expect(verifyModule(module)).to.deep.equal([]);
  const run = new Interpreter(module).prepare('f');
  return (x, y) => Number(run([x, y]));
}

for (const hasFma of [true, false]) {
  describe(`expandRemainders with ${hasFma ? '' : 'no '}fused multiplication (SEED=${seed})`, () => {
    const remainder = expanded(hasFma);
    const expectSame = (x: number, y: number): void => {
      const found = remainder(x, y);
      if (!Object.is(found, x % y)) expect.fail(`${x} % ${y} is ${x % y}, not ${found}`);
    };

    it('gives what % gives, for special values', () => {
      for (const x of specialValues) for (const y of specialValues) expectSame(x, y);
    });

    it('for doubles of any exponents', () => {
      const random = new Random(seed);
      const any = () =>
        (random.chance(0.5) ? 1 : -1) * (1 + random.fraction()) * 2 ** random.integer(-1074, 1023);
      for (let i = 0; i < 2000; i++) expectSame(any(), any());
    });

    it('next to multiples, and for large quotients', () => {
      const random = new Random(seed);
      for (let i = 0; i < 1000; i++) {
        const y = (1 + random.fraction()) * 2 ** random.integer(-30, 30);
        const multiple = y * random.integer(0, 2 ** 30) * 2 ** random.integer(0, 60);
        for (const factor of [1, 1 - 2 ** -53, 1 + 2 ** -52]) {
          expectSame(multiple * factor, y);
          expectSame(-multiple * factor, -y);
        }
      }
    });
  });
}
