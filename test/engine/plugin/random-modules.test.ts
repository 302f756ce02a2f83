import { expect } from 'chai';
import { Engine, TrapError } from '../../../src/index.ts';
import { compileIr, type IrModule, JitMemory, printModule } from '../../../src/ir.ts';
import { Interpreter } from '../../../src/jit/ir/interpreter.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomMemoryBytes, randomModule } from '../../support/random-ir.ts';
import { nativeLevels } from '../../support/run-native.ts';
import { specialValues } from '../../support/special-values.ts';

const modules = 120;
const callsOfEach = 4;
const seed = seedFromEnvironment();

/** All that a call leaves behind. */
interface Outcome {
  readonly result: unknown;
  readonly bytes: readonly number[];
  readonly globals: Readonly<Record<string, unknown>>;
}

/** The result, all NaNs as one, or the code of the trap. */
function outcomeOf(call: () => unknown): unknown {
  try {
    const result = call();
    return Number.isNaN(result) ? 'NaN' : Object.is(result, -0) ? '-0' : result;
  } catch (error) {
    if (error instanceof TrapError) return error.code;
    throw error;
  }
}

const host = (x: number, y: number): number => x - 2 * y;

/** By the interpreter, of the module as it is. */
function expected(module: IrModule, name: string, args: readonly number[], bytes: Uint8Array): Outcome {
  const memory = { view: new DataView(bytes.slice().buffer) };
  const interpreter = new Interpreter(module, { hosts: [host], memory });
  const result = outcomeOf(() => interpreter.run(name, args));
  return {
    result,
    bytes: [...new Uint8Array(memory.view.buffer)],
    globals: Object.fromEntries(interpreter.globals),
  };
}

const engines = [
  ...nativeLevels.map((cpu) => ({ side: `native, ${cpu}`, options: { backend: 'native', cpu } as const })),
  { side: 'wasm', options: { backend: 'wasm' } as const },
  { side: 'interpreter', options: { backend: 'interpreter' } as const },
];

describe(`random modules with memory (SEED=${seed})`, () => {
  for (const { side, options } of engines) {
    it(`do the same everywhere: ${side}`, function () {
      this.timeout(120_000);
      const random = new Random(seed);
      using engine = new Engine({ ...options, limits: { fuel: 1e9 } });
      let traps = 0;
      for (let i = 0; i < modules; i++) {
        const module = randomModule(random, {
          functions: 3,
          instructions: random.integer(3, 60),
          switches: true,
          memory: true,
        });
        const level = i % 2 === 0 ? 0 : 1;
        using code = compileIr(module, { engine, level, hosts: { host } });
        for (const { name, blocks } of module.functions) {
          for (let k = 0; k < callsOfEach; k++) {
            const args = (blocks[0]?.parameters ?? []).map(() => random.pick(specialValues));
            const bytes = Uint8Array.from({ length: randomMemoryBytes }, () => random.integer(0, 255));
            const wanted = expected(module, name, args, bytes);
            if (wanted.result === 'E_BOUNDS') traps++;
            for (const { name: global, initial } of module.globals) code.globals[global] = initial;
            const memory = new JitMemory(randomMemoryBytes);
            memory.bytes.set(bytes);
            const call = code.functions[name] as unknown as (...args: unknown[]) => unknown;
            const takesMemory = accesses(module, name);
            const result = outcomeOf(() => (takesMemory ? call(memory, ...args) : call(...args)));
            const found = { result, bytes: [...memory.bytes], globals: { ...code.globals } };
            expect(
              found,
              `${name}(${args.join()}), level ${level}, of\n${printModule(module)}`,
            ).to.deep.equal(wanted);
          }
        }
      }
      expect(traps).to.be.greaterThan(5);
    });
  }
});

/** Does a function access memory, or what it calls? */
function accesses(module: IrModule, name: string): boolean {
  const fn = module.functions.find((each) => each.name === name);
  return (fn?.blocks ?? []).some(({ instructions }) =>
    instructions.some(
      ({ op, immediate }) =>
        op?.name === 'mload' ||
        op?.name === 'mstore' ||
        op?.name === 'msize' ||
        (op?.name === 'call' && immediate !== name && accesses(module, String(immediate))),
    ),
  );
}
