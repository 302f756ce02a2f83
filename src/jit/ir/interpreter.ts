/**
 * Runs IR in plain TypeScript: the oracle of the tests, and the engine's way where machine code cannot run.
 *
 * A function is translated at its first call (`interpreter-code.ts`). Activations stand on a stack of our own, so
 * the depth of recursion is ours to limit, JavaScript's stack does not grow with it, and a run can be suspended where it
 * has used up a slice of its fuel. Only a host function that calls back into the interpreter nests on JavaScript's
 * stack, as any JavaScript does.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { noOptions, settings } from '../../support/settings.ts';
import { type FuelCosts, fuelCosts } from './cost.ts';
import type { IrFunction, IrModule } from './function.ts';
import { type Code, type HostImplementation, type Segment, translate } from './interpreter-code.ts';
import type { InterpretedMemory, MemoryState } from './interpreter-memory.ts';
import { chosen, Registers } from './interpreter-steps.ts';
import type { Datum } from './opcode.ts';
import { TrapError } from './trap-error.ts';

export type { HostImplementation } from './interpreter-code.ts';
export type { InterpretedMemory } from './interpreter-memory.ts';

export interface InterpreterOptions {
  /** One for each of the module's hosts, in order. What they throw goes through to the caller. */
  readonly hosts?: readonly HostImplementation[];
  /** What one run may spend, in units of `cost.ts`; no limit if left out. */
  readonly fuel?: number;
  /** Called whenever a run has spent {@link slice}, with the name of the running function; throws to stop the run. */
  readonly look?: (functionName: string) => void;
  /** Units of fuel between two such looks. */
  readonly slice?: number;
  /** How many activations may be open at once. */
  readonly maxDepth?: number;
  /** What functions access, see {@link Interpreter.memory}. */
  readonly memory?: InterpretedMemory;
}

/** A function of the module, ready to run. */
export type InterpretedFunction = (args: readonly Datum[]) => Datum;

/** The same for runs that are suspended: yields whenever a slice of fuel is spent. */
export type SuspendableFunction = (args: readonly Datum[]) => Generator<void, Datum>;

/** Bounds the memory of deep recursion, whatever the size of the activations. In registers of 8 bytes. */
const maxRegisters = 1 << 21;

const defaultMaxDepth = 10_000;

/** What a caller goes on with when its callee returns. */
interface Activation {
  readonly code: Code;
  readonly base: number;
  readonly segment: Segment;
  readonly result: number;
}

/** One call from outside, as far as it has come. */
class Run {
  readonly registers: Registers;
  readonly activations: Activation[] = [];
  code: Code;
  base = 0;
  segment: Segment;
  /** What is left of the present slice of fuel. */
  slice = 0;
  /** Units of fuel beyond the slice. */
  reserve: number;
  /** The result; undefined as long as there is none. */
  value: Datum | undefined = undefined;

  constructor(code: Code, registers: Registers, fuel: number) {
    this.code = code;
    this.registers = registers;
    this.segment = code.entry;
    this.reserve = fuel;
  }
}

export class Interpreter {
  readonly #functions: ReadonlyMap<string, IrFunction>;
  readonly #code = new Map<string, Code>();
  /** For the next run, unless one has them: those within host functions have their own. V8 can end a script amid a run, which gives nothing back. */
  #registers: Registers | undefined;
  readonly #given: Datum[][] = [];
  readonly #environment;
  readonly #state: MemoryState;
  readonly #fuel: number;
  readonly #slice: number;
  readonly #look: ((functionName: string) => void) | undefined;
  readonly #maxDepth: number;
  readonly #module: IrModule;
  #costs: FuelCosts | undefined;

  /** The module must be correct (see `verifier.ts`) and must not change from now on. */
  constructor(module: IrModule, given: InterpreterOptions = noOptions) {
    const options = settings(given);
    const { hosts = [], fuel = Number.POSITIVE_INFINITY } = options;
    this.#module = module;
    this.#functions = new Map(module.functions.map((fn) => [fn.name, fn]));
    const globals = new Map(module.globals.map(({ name, initial }) => [name, initial]));
    this.#state = { memory: options.memory, globals, columns: [] };
    this.#environment = { hosts, given: this.#given, state: this.#state };
    this.#fuel = fuel;
    this.#slice = options.slice ?? Number.POSITIVE_INFINITY;
    this.#look = options.look;
    this.#maxDepth = options.maxDepth ?? defaultMaxDepth;
  }

  /** What functions access from now on. A host function that runs others puts it back. */
  get memory(): InterpretedMemory | undefined {
    return this.#state.memory;
  }

  set memory(memory: InterpretedMemory | undefined) {
    this.#state.memory = memory;
  }

  /** What rows of a kernel take elements of, from now on. A host function that runs others puts it back. */
  get columns(): readonly ArrayLike<number>[] {
    return this.#state.columns;
  }

  set columns(columns: readonly ArrayLike<number>[]) {
    this.#state.columns = columns;
  }

  /** Values of the module's variables, by their names. */
  get globals(): Map<string, Datum> {
    return this.#state.globals;
  }

  /** Throws {@link TrapError} at a limit, and whatever a host function throws. */
  run(name: string, args: readonly Datum[]): Datum {
    return this.#run(this.#codeOf(name), args);
  }

  /** Runs a function on lanes: arguments lane by lane, one after the other; the results that it gives, each lane by lane. */
  runLanes(name: string, args: readonly Datum[]): readonly (readonly Datum[])[] {
    this.#given.length = 0;
    this.#run(this.#codeOf(name), args);
    return [...this.#given];
  }

  /** As {@link run} for one function, looked up once. */
  prepare(name: string): InterpretedFunction {
    const code = this.#codeOf(name);
    return (args) => this.#run(code, args);
  }

  /** As {@link prepare}, for runs that are suspended. Other runs may go on meanwhile; but of one such function, one at a time. */
  prepareSuspendable(name: string): SuspendableFunction {
    const code = this.#codeOf(name);
    const registers = new Registers(256);
    const advance = (run: Run): void => this.#advance(run);
    const start = (args: readonly Datum[]): Run => this.#start(code, args, registers);
    return function* (args) {
      const run = start(args);
      for (;;) {
        advance(run);
        if (run.value !== undefined) return run.value;
        yield;
      }
    };
  }

  #codeOf(name: string): Code {
    const known = this.#code.get(name);
    if (known !== undefined) return known;
    const fn = this.#functions.get(name);
    invariant(fn !== undefined, `the module has no function '${name}'`);
    this.#costs ??= fuelCosts(this.#module);
    const code = translate(fn, this.#costs.of(fn), this.#environment);
    this.#code.set(name, code);
    return code;
  }

  #run(code: Code, args: readonly Datum[]): Datum {
    const registers = this.#registers ?? new Registers(256);
    this.#registers = undefined;
    try {
      const run = this.#start(code, args, registers);
      for (;;) {
        this.#advance(run);
        if (run.value !== undefined) return run.value;
        this.#look?.(run.code.name);
      }
    } finally {
      this.#registers = registers;
    }
  }

  #start(code: Code, args: readonly Datum[], registers: Registers): Run {
    invariant(args.length === code.argumentCount, `${code.name} takes ${code.argumentCount} arguments`);
    const run = new Run(code, registers, this.#fuel);
    registers.reserve(code.registerCount);
    for (let i = 0; i < args.length; i++) registers.write(i, elementAt(args, i));
    registers.top = code.registerCount;
    run.slice = -code.entryFuel;
    if (run.slice < 0) this.#refuel(run, code.name);
    return run;
  }

  /** Another slice for a run that has spent its own. Throws if there is none. */
  #refuel(run: Run, functionName: string): void {
    const left = run.reserve + run.slice;
    if (left < 0) throw new TrapError('E_FUEL', functionName);
    run.slice = Math.min(left, this.#slice);
    run.reserve = left === Number.POSITIVE_INFINITY ? left : left - run.slice;
  }

  /** Goes on with a run until it ends or has spent a slice of fuel. */
  #advance(run: Run): void {
    const { registers, activations } = run;
    let { code, base, segment } = run;
    for (;;) {
      const { steps, exit } = segment;
      for (let i = 0; i < steps.length; i++) elementAt(steps, i)(registers, base);
      let charge = 0;
      switch (exit.kind) {
        case 'loop':
          charge = exit.fuel;
          segment = segment.next as Segment;
          break;
        case 'jump':
          segment = segment.next as Segment;
          break;
        case 'branch':
          segment =
            registers.numbers[base + exit.condition] !== 0 ? (segment.next as Segment) : exit.otherwise;
          break;
        case 'switch':
          segment = chosen(registers, base + exit.register, exit.cases) ?? exit.otherwise;
          break;
        case 'call': {
          const callee = this.#codeOf(exit.callee);
          const top = registers.top + callee.registerCount;
          if (activations.length >= this.#maxDepth || top > maxRegisters)
            throw new TrapError('E_STACK', callee.name);
          registers.reserve(top);
          for (let i = 0; i < exit.args.length; i++) {
            registers.copy(
              elementAt(callee.parameters, i),
              registers.top + i,
              base + elementAt(exit.args, i),
            );
          }
          activations.push({ code, base, segment: segment.next as Segment, result: exit.result });
          code = callee;
          base = registers.top;
          registers.top = top;
          segment = code.entry;
          charge = code.entryFuel;
          break;
        }
        case 'return': {
          const caller = activations.pop();
          if (caller === undefined) {
            run.value = registers.read(code.result, base + exit.register);
            return;
          }
          registers.integers[caller.base + caller.result] = registers.integers[
            base + exit.register
          ] as bigint;
          registers.top = base;
          ({ code, base, segment } = caller);
          break;
        }
      }
      if (charge === 0) continue;
      run.slice -= charge;
      if (run.slice >= 0) continue;
      this.#refuel(run, code.name);
      run.code = code;
      run.base = base;
      run.segment = segment;
      return;
    }
  }
}
