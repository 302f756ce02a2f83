/** Random modules of IR: what a call leaves behind by the interpreter, of the module as it is, and on one way through the compiler. */
import { isDeepStrictEqual } from 'node:util';
import { Engine, type EngineOptions, TrapError } from '../../src/index.ts';
import { compileIr, type IrModule, JitMemory, printModule } from '../../src/ir.ts';
import { Interpreter } from '../../src/jit/ir/interpreter.ts';
import type { Random } from '../support/random.ts';
import { randomMemoryBytes, randomModule } from '../support/random-ir.ts';
import { nativeLevels } from '../support/run-native.ts';
import { specialValues } from '../support/special-values.ts';

/** All that a call leaves behind. */
interface Outcome {
  readonly result: unknown;
  readonly bytes: readonly number[];
  readonly globals: Readonly<Record<string, unknown>>;
}

/** A call of a function of a module. */
export interface ModuleCall {
  readonly name: string;
  readonly args: readonly number[];
  /** What memory holds before it. */
  readonly bytes: Uint8Array;
  readonly wanted: Outcome;
}

const host = (x: number, y: number): number => x - 2 * y;

const callsOfEach = 4;

export function randomModuleWithMemory(random: Random): IrModule {
  const instructions = random.integer(3, 60);
  return randomModule(random, { functions: 3, instructions, switches: true, memory: true });
}

/** Some calls of each function of the module. */
export function randomCalls(module: IrModule, random: Random): ModuleCall[] {
  return module.functions.flatMap(({ name, blocks }) =>
    Array.from({ length: callsOfEach }, (): ModuleCall => {
      const args = (blocks[0]?.parameters ?? []).map(() => random.pick(specialValues));
      const bytes = Uint8Array.from({ length: randomMemoryBytes }, () => random.integer(0, 255));
      return { name, args, bytes, wanted: interpreted(module, name, args, bytes) };
    }),
  );
}

function interpreted(module: IrModule, name: string, args: readonly number[], bytes: Uint8Array): Outcome {
  const memory = { view: new DataView(bytes.slice().buffer) };
  const interpreter = new Interpreter(module, { hosts: [host], memory });
  const result = resultOf(() => interpreter.run(name, args));
  return {
    result,
    bytes: [...new Uint8Array(memory.view.buffer)],
    globals: Object.fromEntries(interpreter.globals),
  };
}

/** The result, all NaNs as one, or the code of the trap. */
function resultOf(call: () => unknown): unknown {
  try {
    const result = call();
    return Number.isNaN(result) ? 'NaN' : Object.is(result, -0) ? '-0' : result;
  } catch (error) {
    if (error instanceof TrapError) return error.code;
    throw error;
  }
}

export interface ModuleSideOptions extends Pick<EngineOptions, 'backend' | 'cpu'> {
  readonly name: string;
}

/** A back end, and of machine code a set of the CPU's features. */
export class ModuleSide implements Disposable {
  readonly name: string;
  readonly #engine: Engine;

  constructor({ name, ...options }: ModuleSideOptions) {
    this.name = name;
    this.#engine = new Engine({ ...options, limits: { fuel: 1e9 } });
  }

  /** What is different here, in words. */
  differenceOf(module: IrModule, level: 0 | 1, calls: readonly ModuleCall[]): string | undefined {
    using code = compileIr(module, { engine: this.#engine, level, hosts: { host } });
    for (const { name, args, bytes, wanted } of calls) {
      for (const { name: global, initial } of module.globals) code.globals[global] = initial;
      const memory = new JitMemory(randomMemoryBytes);
      memory.bytes.set(bytes);
      const call = code.functions[name] as unknown as (...args: unknown[]) => unknown;
      const result = resultOf(() => (accesses(module, name) ? call(memory, ...args) : call(...args)));
      const found: Outcome = { result, bytes: [...memory.bytes], globals: { ...code.globals } };
      if (isDeepStrictEqual(found, { ...wanted, globals: { ...wanted.globals } })) continue;
      const outcomes = [found, wanted].map((outcome) => JSON.stringify(outcome, withBigInts));
      return `${this.name}, level ${level}: ${name}(${args.join()}) is\n${outcomes.join('\nand should be\n')}\nof\n${printModule(module)}`;
    }
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#engine.dispose();
  }
}

/** All ways that this machine has. */
export const moduleSides: readonly ModuleSideOptions[] = [
  ...nativeLevels.map((cpu) => ({ name: `native, ${cpu}`, backend: 'native', cpu }) as const),
  { name: 'wasm', backend: 'wasm' },
  { name: 'interpreter', backend: 'interpreter' },
];

function withBigInts(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

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
