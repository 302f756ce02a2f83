/**
 * Runs IR in plain TypeScript: the oracle of the tests, and the engine's way where machine code cannot run.
 *
 * A function is translated at its first call (`interpreter-code.ts`). Activations stand on a stack of our own, so
 * the depth of recursion is ours to limit and JavaScript's stack does not grow with it. Only a host function
 * that calls back into the interpreter nests on JavaScript's stack, as any JavaScript does.
 */

import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { noOptions, settings } from '../../support/settings.ts';
import { javascriptMath, type MathLibrary } from '../math-library.ts';
import { TrapError } from '../trap-error.ts';
import { type CallGraph, callGraph } from './call-graph.ts';
import type { IrFunction, IrModule } from './function.ts';
import { type Code, type HostImplementation, type Segment, translate } from './interpreter-code.ts';
import { Registers } from './interpreter-steps.ts';
import type { Datum } from './opcode.ts';

export type { HostImplementation } from './interpreter-code.ts';

export interface InterpreterOptions {
  /** One for each of the module's hosts, in order. What they throw goes through to the caller. */
  readonly hosts?: readonly HostImplementation[];
  readonly math?: MathLibrary;
  /** Loop iterations and calls of recursive functions that one run may use; no limit if left out. */
  readonly fuel?: number;
  /** How many activations may be open at once. */
  readonly maxDepth?: number;
}

/** A function of the module, ready to run. */
export type InterpretedFunction = (args: readonly Datum[]) => Datum;

/** Bounds the memory of deep recursion, whatever the size of the activations. In registers of 8 bytes. */
const maxRegisters = 1 << 21;

const defaultMaxDepth = 10_000;

export class Interpreter {
  readonly #functions: ReadonlyMap<string, IrFunction>;
  readonly #code = new Map<string, Code>();
  readonly #registers = new Registers(256);
  readonly #environment;
  readonly #fuel: number;
  readonly #maxDepth: number;
  readonly #module: IrModule;
  #calls: CallGraph | undefined;

  /** The module must be correct (see `verifier.ts`) and must not change from now on. */
  constructor(module: IrModule, given: InterpreterOptions = noOptions) {
    const options = settings(given);
    this.#module = module;
    this.#functions = new Map(module.functions.map((fn) => [fn.name, fn]));
    this.#environment = { math: options.math ?? javascriptMath, hosts: options.hosts ?? [] };
    this.#fuel = options.fuel ?? Number.POSITIVE_INFINITY;
    this.#maxDepth = options.maxDepth ?? defaultMaxDepth;
  }

  /** Throws {@link TrapError} at a limit, and whatever a host function throws. */
  run(name: string, args: readonly Datum[]): Datum {
    return this.#run(this.#codeOf(name), args);
  }

  /** As {@link run} for one function, looked up once. */
  prepare(name: string): InterpretedFunction {
    const code = this.#codeOf(name);
    return (args) => this.#run(code, args);
  }

  #codeOf(name: string): Code {
    const known = this.#code.get(name);
    if (known !== undefined) return known;
    const fn = this.#functions.get(name);
    invariant(fn !== undefined, `the module has no function '${name}'`);
    this.#calls ??= callGraph(this.#module);
    const code = translate(fn, this.#calls.recursive.has(fn), this.#environment);
    this.#code.set(name, code);
    return code;
  }

  #run(code: Code, args: readonly Datum[]): Datum {
    invariant(
      args.length === code.parameters.length,
      `${code.name} takes ${code.parameters.length} arguments`,
    );
    const registers = this.#registers;
    const base = registers.top;
    registers.reserve(base + code.registerCount);
    args.forEach((argument, index) => {
      registers.write(base + index, argument);
    });
    try {
      return this.#execute(code, base);
    } finally {
      registers.top = base;
    }
  }

  #execute(start: Code, start0: number): Datum {
    const registers = this.#registers;
    const activations: { code: Code; base: number; segment: Segment; result: number }[] = [];
    let code = start;
    let base = start0;
    let segment = code.entry;
    let fuel = this.#fuel;
    registers.top = base + code.registerCount;
    for (;;) {
      const { steps, exit } = segment;
      for (let i = 0; i < steps.length; i++) elementAt(steps, i)(registers, base);
      switch (exit.kind) {
        case 'loop':
          if (--fuel < 0) throw new TrapError('E_FUEL', code.name);
          segment = segment.next as Segment;
          break;
        case 'jump':
          segment = segment.next as Segment;
          break;
        case 'branch':
          segment =
            registers.numbers[base + exit.condition] !== 0 ? (segment.next as Segment) : exit.otherwise;
          break;
        case 'call': {
          const callee = this.#codeOf(exit.callee);
          if (callee.recursive && --fuel < 0) throw new TrapError('E_FUEL', callee.name);
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
          break;
        }
        case 'return': {
          const caller = activations.pop();
          if (caller === undefined) return registers.read(code.result, base + exit.register);
          registers.integers[caller.base + caller.result] = registers.integers[
            base + exit.register
          ] as bigint;
          registers.top = base;
          ({ code, base, segment } = caller);
          break;
        }
      }
    }
  }
}
