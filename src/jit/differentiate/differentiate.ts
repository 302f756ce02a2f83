/**
 * Derivatives of functions in IR, by forward differentiation: exact rules, operation by operation, no differences.
 *
 *     differentiate(module)           each `derive` becomes what it stands for
 *     addGradient(module, 'main', …)  functions that give the partial derivatives of one
 *
 * A call becomes a call of the callee's *twin*, which takes the arguments and the derivatives of those that have any, and gives
 * the derivative of the result. Twins are made once for each set of active arguments, and have twins of their own where derivatives are
 * derived. A twin drops the calls that the derivative does not need, so a self call in tail position is one in the twin too.
 *
 * Rules: twins are made when all `derive`s are done. A `derive` of a function that comes to call the one in which it stands has no end, since that
 * needs the derivative of itself. What derivatives of derivatives come to grows exponentially; `limit` ends that.
 */
import { componentsOf } from '../../support/components.ts';
import { elementAt, lastOf } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { callGraph } from '../ir/call-graph.ts';
import { copyFunction } from '../ir/copy-function.ts';
import { type IrFunction, type IrModule, successors, uses, type Value } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { removeDeadCode } from '../opt/remove-dead-code.ts';
import { Substitution } from '../opt/substitution.ts';
import { DerivativeError, type DerivativeProblem } from './derivative-error.ts';
import { addDigamma, digammaName } from './digamma.ts';
import { Emitter, type EmitterListener } from './emitter.ts';
import type { Tangents as OperandTangents } from './parts.ts';
import { Differentiation, Tangents } from './tangents.ts';

/** Operations that derivatives may add to a module. */
const mostOperations = 200_000;
/** Of a twin. */
const mostParameters = 512;

interface Twin {
  readonly name: string;
  readonly of: string;
  /** The parameters by which it derives, by position. */
  readonly active: readonly number[];
  /** What first needed it. */
  readonly cause: Value | undefined;
}

/**
 * Puts the `derive`s of a module into effect.
 *
 * @throws DerivativeError where there is no derivative, or where it takes too much.
 */
export function differentiate(module: IrModule, limit: number = mostOperations): void {
  const { callees, calleesFirst } = callGraph(module);
  const differentiator = new Differentiator(module, limit);
  // By function: those that call it and that it calls, however indirectly, itself included.
  const cycles = new Map<IrFunction, ReadonlySet<string>>();
  for (const members of componentsOf(callees)) {
    const functions = members.map((member) => elementAt(module.functions, member));
    const names = new Set(functions.map(({ name }) => name));
    for (const fn of functions) cycles.set(fn, names);
  }
  for (const fn of calleesFirst) {
    if (uses(fn, op.derive, op.vary)) differentiator.resolve(fn, cycles.get(fn) ?? new Set());
  }
  differentiator.finish();
}

/**
 * Adds functions to a module without `derive`s, that give the derivatives of `name` by the parameters at these places, and
 * take what it takes. Returns their names.
 *
 * @param along Parameters that go along with the one by which is derived, by place: how much they grow where that grows by 1.
 * @throws DerivativeError as {@link differentiate}.
 */
export function addGradient(
  module: IrModule,
  name: string,
  places: readonly number[],
  along: ReadonlyMap<number, number> = new Map(),
): string[] {
  const differentiator = new Differentiator(module, mostOperations);
  const names = places.map((place) => differentiator.addPartial(name, place, along));
  differentiator.finish();
  return names;
}

class Differentiator implements EmitterListener {
  readonly #module: IrModule;
  readonly #functions: Map<string, IrFunction>;
  readonly #limit: number;
  readonly #twins = new Map<string, Twin>();
  #operations = 0;
  /** The functions that have no derivative for the one at hand. */
  #cycle: ReadonlySet<string> = new Set();
  /** The `derive` at hand. */
  #cause: Value | undefined;

  constructor(module: IrModule, limit: number) {
    this.#module = module;
    this.#functions = new Map(module.functions.map((fn) => [fn.name, fn]));
    this.#limit = limit;
  }

  /** Puts the `derive`s of a function into effect; none may be of a function in `cycle`. */
  resolve(fn: IrFunction, cycle: ReadonlySet<string>): void {
    this.#cycle = cycle;
    const used = usedCalls(fn);
    const emitter = new Emitter(fn, this);
    const all = this.#differentiation(fn, emitter);
    const bySeed = new Map<Value, Tangents>();
    const substitution = new Substitution(fn);
    for (const { instructions } of fn.blocks) {
      for (const value of instructions) {
        if (value.op === op.vary) substitution.replace(value, elementAt(value.operands, 0));
        if (value.op !== op.derive) continue;
        this.#cause = value;
        const seed = elementAt(value.operands, 1);
        let tangents = bySeed.get(seed);
        if (tangents === undefined) {
          tangents = new Tangents(all, [[seed, emitter.number(1)]]);
          bySeed.set(seed, tangents);
        }
        const meaning = tangents.of(elementAt(value.operands, 0)) ?? emitter.number(0);
        all.resolve(value, meaning);
        substitution.replace(value, meaning);
      }
    }
    emitter.flush();
    substitution.apply(fn);
    for (const block of fn.blocks) {
      block.instructions = block.instructions.filter(
        (value) => value.op !== op.vary && value.op !== op.derive,
      );
    }
    removeDeadCode(fn, (value) => value.op?.pure === true || used.has(value));
  }

  /** The derivative by one parameter, as a function of all. */
  addPartial(name: string, place: number, along: ReadonlyMap<number, number>): string {
    const partial = this.#copy(name, `${name}$by${place}`);
    const emitter = new Emitter(partial, this);
    const { parameters } = elementAt(partial.blocks, 0);
    const growth = [[place, 1] as const, ...along];
    const seeds = growth.map(([at, by]) => [elementAt(parameters, at), emitter.number(by)] as const);
    this.#giveDerivative(partial, emitter, seeds);
    return partial.name;
  }

  /** Makes the twins that were asked for, and those that these ask for. */
  finish(): void {
    this.#cycle = new Set();
    // A map iterates over what is added on the way.
    for (const twin of this.#twins.values()) this.#make(twin);
  }

  emitted(count = 1): void {
    this.#operations += count;
    if (this.#operations > this.#limit) {
      throw this.#error({ kind: 'operations', size: this.#operations, limit: this.#limit });
    }
  }

  neededDigamma(): void {
    if (this.#functions.has(digammaName)) return;
    addDigamma(this.#module);
    this.#functions.set(digammaName, lastOf(this.#module.functions));
  }

  #make({ of, name, active, cause }: Twin): void {
    this.#cause = cause;
    const twin = this.#copy(of, name);
    const { parameters } = elementAt(twin.blocks, 0);
    const seeds = active.map((place) => [elementAt(parameters, place), twin.newValue('f64')] as const);
    for (const [, tangent] of seeds) parameters.push(tangent);
    this.#giveDerivative(twin, new Emitter(twin, this), seeds);
  }

  #copy(of: string, name: string): IrFunction {
    const fn = this.#functions.get(of);
    invariant(fn !== undefined, `the module has no function ${of}`);
    this.emitted(fn.blocks.reduce((sum, { instructions }) => sum + instructions.length, 0));
    const copy = copyFunction(fn, name, 'f64');
    this.#module.functions.push(copy);
    this.#functions.set(name, copy);
    return copy;
  }

  /** Has the function give the derivative of what it gives. */
  #giveDerivative(fn: IrFunction, emitter: Emitter, seeds: readonly (readonly [Value, Value])[]): void {
    const tangents = new Tangents(this.#differentiation(fn, emitter), seeds);
    for (const block of fn.blocks) {
      const { terminator } = block;
      if (terminator?.kind !== 'return') continue;
      const { value } = terminator;
      const derivative = value.type === 'f64' ? tangents.of(value) : undefined;
      block.terminator = { kind: 'return', value: derivative ?? emitter.number(0) };
    }
    emitter.flush();
    removeDeadCode(fn, (value) => value.op?.pure === true || value.op === op.call);
  }

  #differentiation(fn: IrFunction, emitter: Emitter): Differentiation {
    return new Differentiation(fn, emitter, (_, call, tangents) => this.#call(emitter, call, tangents));
  }

  /** The call of the twin. */
  #call(emitter: Emitter, { op: opcode, operands, immediate }: Value, tangents: OperandTangents): Value {
    if (opcode === op.callhost) {
      const { name } = elementAt(this.#module.hosts, Number(immediate));
      throw this.#error({ kind: 'host', name });
    }
    const active: number[] = [];
    const given: Value[] = [];
    tangents.forEach((tangent, place) => {
      if (tangent === undefined) return;
      active.push(place);
      given.push(tangent);
    });
    const size = operands.length + given.length;
    if (size > mostParameters) throw this.#error({ kind: 'parameters', size, limit: mostParameters });
    return emitter.append('f64', op.call, [...operands, ...given], this.#twinOf(String(immediate), active));
  }

  #twinOf(callee: string, active: readonly number[]): string {
    if (this.#cycle.has(callee)) {
      throw this.#error({ kind: 'recursion', name: this.#functions.get(callee)?.displayName ?? callee });
    }
    const name = `${callee}$d${active.join('_')}`;
    if (this.#twins.has(name)) return name;
    this.#twins.set(name, { of: callee, name, active, cause: this.#cause });
    return name;
  }

  #error(problem: DerivativeProblem): DerivativeError {
    return new DerivativeError(problem, this.#cause);
  }
}

/** The calls whose results are used. */
function usedCalls(fn: IrFunction): ReadonlySet<Value> {
  const used = new Set<Value>();
  const add = (value: Value): void => {
    if (value.op === op.call) used.add(value);
  };
  for (const block of fn.blocks) {
    for (const { operands } of block.instructions) operands.forEach(add);
    if (block.terminator?.kind === 'return') add(block.terminator.value);
    if (block.terminator?.kind === 'branch') add(block.terminator.condition);
    for (const { args } of successors(block)) args.forEach(add);
  }
  return used;
}
