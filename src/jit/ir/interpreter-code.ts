/**
 * Translates a function into what the interpreter runs: segments, each a run of steps and one way to go on. A block
 * becomes one segment, or several where it calls, and an edge that passes arguments one more.
 */
import { elementAt, maybeAt, slots } from '../../support/element.ts';
import { InvariantError, invariant } from '../../support/invariant.ts';
import { evaluateMath, type MathEvaluation } from '../math/library.ts';
import { ranks, reversePostorder } from './control-flow.ts';
import type { FunctionCost } from './cost.ts';
import type { Block, Edge, IrFunction, Value } from './function.ts';
import { type MemoryState, makeElementStep, makeMemoryStep } from './interpreter-memory.ts';
import {
  eachLane,
  makeAny,
  makeConstant,
  makeLookup,
  makeMathStep,
  makeMove,
  makeStep,
  type Step,
} from './interpreter-steps.ts';
import { makeTableSteps } from './interpreter-tables.ts';
import { type Datum, type Opcode, op, type Type } from './opcode.ts';
import { elementOf, lanesOf } from './type.ts';

export type HostImplementation = (...args: number[]) => number;

export interface Code {
  readonly name: string;
  readonly result: Type;
  readonly parameters: readonly Type[];
  /** How many registers they take. */
  readonly argumentCount: number;
  /** How many registers an activation takes; the first ones are the parameters. */
  registerCount: number;
  entry: Segment;
  /** Units of fuel that a call takes. */
  readonly entryFuel: number;
}

export class Segment {
  readonly steps: Step[] = [];
  exit: Exit = { kind: 'jump' };
  /** Where a jump or a finished call goes on. */
  next: Segment | undefined;
}

export type Exit =
  | { readonly kind: 'jump' }
  /** A jump back. */
  | { readonly kind: 'loop'; readonly fuel: number }
  | { readonly kind: 'branch'; readonly condition: number; readonly otherwise: Segment }
  | {
      readonly kind: 'switch';
      readonly register: number;
      readonly cases: SwitchTable;
      readonly otherwise: Segment;
    }
  | {
      readonly kind: 'call';
      readonly callee: string;
      readonly args: readonly number[];
      readonly result: number;
    }
  | { readonly kind: 'return'; readonly register: number };

/** Where cases go on. Values of 32 bits are looked up by their low half, which takes no bigint. */
export interface SwitchTable {
  readonly words: ReadonlyMap<number, Segment>;
  readonly wide: ReadonlyMap<bigint, Segment>;
}

export interface Environment {
  readonly hosts: readonly HostImplementation[];
  /** Takes what functions of several results give, lane by lane. */
  readonly given: Datum[][];
  readonly state: MemoryState;
}

export function translate(fn: IrFunction, cost: FunctionCost, environment: Environment): Code {
  return new Translator(fn, cost, environment).translate();
}

function notRun({ name }: Opcode): InvariantError {
  return new InvariantError(`${name} is for machine code, and the interpreter does not run it`);
}

function mathFunctionOf(name: Value['immediate']): MathEvaluation {
  const evaluate = evaluateMath.get(String(name));
  invariant(evaluate !== undefined, `the math library has no '${String(name)}'`);
  return evaluate;
}

class Translator {
  readonly #function: IrFunction;
  readonly #cost: FunctionCost;
  readonly #environment: Environment;
  /** By value id. */
  readonly #registers: Int32Array;
  #registerCount = 0;
  /** By block id. */
  readonly #segments: (Segment | undefined)[];
  readonly #order: readonly Block[];
  /** By block id: its position in the order. What leads to no later one closes a loop. */
  readonly #ranks: Int32Array;

  constructor(fn: IrFunction, cost: FunctionCost, environment: Environment) {
    this.#function = fn;
    this.#cost = cost;
    this.#environment = environment;
    this.#registers = new Int32Array(fn.valueCount).fill(-1);
    this.#segments = slots(fn.blockCount);
    this.#order = reversePostorder(fn);
    this.#ranks = ranks(this.#order, fn.blockCount);
  }

  translate(): Code {
    const fn = this.#function;
    const entry = elementAt(fn.blocks, 0);
    for (const block of fn.blocks) {
      for (const parameter of block.parameters) this.#assign(parameter);
      for (const instruction of block.instructions) this.#assign(instruction);
      this.#segments[block.id] = new Segment();
    }
    for (const block of this.#order) this.#translateBlock(block);
    return {
      name: fn.displayName,
      result: fn.result,
      parameters: entry.parameters.map((parameter) => parameter.type),
      argumentCount: entry.parameters.reduce((sum, { type }) => sum + lanesOf(type), 0),
      registerCount: this.#registerCount,
      entry: this.#start(entry),
      entryFuel: this.#cost.entry,
    };
  }

  #translateBlock(block: Block): void {
    let segment = this.#start(block);
    for (const instruction of block.instructions) segment = this.#instruction(instruction, segment);
    const terminator = block.terminator;
    invariant(terminator !== undefined, `b${block.id} has no terminator`);
    if (terminator.kind === 'return') {
      segment.exit = { kind: 'return', register: this.#register(terminator.value) };
    } else if (terminator.kind === 'jump') {
      this.#connect(segment, block, terminator.edge);
    } else if (terminator.kind === 'switch') {
      const words = new Map<number, Segment>();
      const wide = new Map<bigint, Segment>();
      for (const { value, edge } of terminator.cases) {
        const target = this.#side(block, edge);
        if (value === BigInt.asIntN(32, value)) words.set(Number(value), target);
        else wide.set(value, target);
      }
      segment.exit = {
        kind: 'switch',
        register: this.#register(terminator.value),
        cases: { words, wide },
        otherwise: this.#side(block, terminator.otherwise),
      };
    } else {
      segment.next = this.#side(block, terminator.whenTrue);
      const otherwise = this.#side(block, terminator.whenFalse);
      segment.exit = { kind: 'branch', condition: this.#register(terminator.condition), otherwise };
    }
  }

  /** The segment that stands for an edge. */
  #side(source: Block, edge: Edge): Segment {
    const segment = new Segment();
    this.#connect(segment, source, edge);
    return segment;
  }

  /** Passes the arguments of an edge, all at once, and goes to its target. */
  #connect(segment: Segment, source: Block, { target, args }: Edge): void {
    if (args.length > 0) this.#passArguments(segment, target, args);
    segment.next = this.#start(target);
    const closesLoop = (this.#ranks[target.id] as number) <= (this.#ranks[source.id] as number);
    segment.exit = closesLoop ? { kind: 'loop', fuel: this.#cost.jumpTo(target) } : { kind: 'jump' };
  }

  #passArguments({ steps }: Segment, { parameters }: Block, args: readonly Value[]): void {
    const moves = parameters
      .flatMap((parameter, index) => {
        const [to, from] = [this.#register(parameter), this.#register(elementAt(args, index))];
        const type = elementOf(parameter.type);
        return eachLane(parameter.type, (lane) => ({ to: to + lane, from: from + lane, type }));
      })
      .filter((move) => move.to !== move.from);
    const overwritten = new Set(moves.map((move) => move.to));
    const conflict = moves.some((move) => overwritten.has(move.from));
    // Where a source is a target too, everything goes by way of fresh registers.
    const staging = conflict ? moves.map(() => this.#registerCount++) : [];
    moves.forEach(({ from, type }, index) => {
      const via = staging.at(index);
      if (via !== undefined) steps.push(makeMove(via, from, type));
    });
    moves.forEach(({ to, from, type }, index) => {
      steps.push(makeMove(to, staging.at(index) ?? from, type));
    });
  }

  /** Appends one instruction; returns the segment in which its successor goes. */
  #instruction(value: Value, segment: Segment): Segment {
    const opcode = value.op;
    invariant(opcode !== undefined, `v${value.id} has no operation`);
    const d = this.#register(value);
    const operands = value.operands.map((operand) => this.#register(operand));
    switch (opcode) {
      case op.fconst:
      case op.bconst:
      case op.iconst:
      case op.fbits: {
        const constant = value.immediate;
        invariant(constant !== undefined && typeof constant !== 'string', `v${value.id} has no constant`);
        segment.steps.push(...eachLane(value.type, (lane) => makeConstant(d + lane, constant)));
        return segment;
      }
      case op.callmath: {
        const evaluate = mathFunctionOf(value.immediate);
        segment.steps.push(
          ...eachLane(value.type, (lane) =>
            makeMathStep(
              evaluate,
              d + lane,
              operands.map((operand) => operand + lane),
            ),
          ),
        );
        return segment;
      }
      case op.ftable: {
        const [from = 0] = operands;
        segment.steps.push(
          ...eachLane(value.type, (lane) => makeLookup(String(value.immediate), d + lane, from + lane)),
        );
        return segment;
      }
      case op.element: {
        const [column = 0, count = 0, row = 0] = operands;
        const { state } = this.#environment;
        segment.steps.push(
          ...eachLane(value.type, (lane) =>
            makeElementStep(d + lane, column + lane, count + lane, row + lane, state),
          ),
        );
        return segment;
      }
      case op.frepair: {
        const [isUsual = 0, usual = 0, ...args] = operands;
        const evaluate = mathFunctionOf(value.immediate);
        segment.steps.push(
          ...eachLane(value.type, (lane): Step => {
            const rare = makeMathStep(
              evaluate,
              d + lane,
              args.map((argument) => argument + lane),
            );
            return (registers, n) => {
              const { numbers } = registers;
              if (numbers[n + isUsual + lane] === 0) rare(registers, n);
              else numbers[n + d + lane] = numbers[n + usual + lane] as number;
            };
          }),
        );
        return segment;
      }
      case op.callhost:
        segment.steps.push(this.#hostStep(Number(value.immediate), d, operands));
        return segment;
      case op.call: {
        const after = new Segment();
        segment.exit = { kind: 'call', callee: String(value.immediate), args: operands, result: d };
        segment.next = after;
        return after;
      }
      case op.splat: {
        const [from = 0] = operands;
        const type = elementOf(value.type);
        segment.steps.push(...eachLane(value.type, (lane) => makeMove(d + lane, from, type)));
        return segment;
      }
      case op.keep: {
        const [from = 0] = operands;
        const type = elementOf(value.type);
        segment.steps.push(...eachLane(value.type, (lane) => makeMove(d + lane, from + lane, type)));
        return segment;
      }
      case op.iota:
        segment.steps.push(...eachLane(value.type, (lane) => makeConstant(d + lane, lane)));
        return segment;
      case op.firstlanes: {
        const [from = 0] = operands;
        const lanes = lanesOf(value.type);
        segment.steps.push(({ numbers, integers }, n) => {
          for (let lane = 0; lane < lanes; lane++) {
            numbers[n + d + lane] = BigInt(lane) < (integers[n + from] as bigint) ? 1 : 0;
          }
        });
        return segment;
      }
      case op.load:
      case op.tableaddress:
      case op.ilane:
      case op.ibit:
      case op.pairs:
      case op.fevens:
      case op.fodds:
      case op.permute16: {
        const steps = makeTableSteps(value, d, operands);
        if (steps === undefined) throw notRun(opcode);
        segment.steps.push(...steps);
        return segment;
      }
      case op.mload:
      case op.mstore:
      case op.msize:
      case op.mread:
      case op.mwrite:
      case op.bound:
      case op.membase:
      case op.getglobal:
      case op.setglobal: {
        const { displayName } = this.#function;
        const step = makeMemoryStep(value, d, operands, this.#environment.state, displayName);
        invariant(step !== undefined, `${opcode.name} is an access`);
        segment.steps.push(step);
        return segment;
      }
      case op.store:
      case op.stack:
      case op.setfuel:
      case op.getfuel:
      case op.look:
      case op.taken:
        throw notRun(opcode);
      case op.give: {
        const [from = 0] = operands;
        const { given } = this.#environment;
        const [number, type] = [Number(value.immediate), elementOf(value.type)];
        segment.steps.push((registers, n) => {
          given[number] = eachLane(value.type, (lane) => registers.read(type, n + from + lane));
        });
        return segment;
      }
      case op.any:
        segment.steps.push(makeAny(d, elementAt(operands, 0), lanesOf(elementAt(value.operands, 0).type)));
        return segment;
      default: {
        const types = value.operands.map((operand) => elementOf(operand.type));
        const type = elementOf(value.type);
        const step = (lane: number): Step =>
          makeStep(
            opcode,
            d + lane,
            operands.map((operand) => operand + lane),
            types,
            type,
          );
        segment.steps.push(...eachLane(value.type, step));
        return segment;
      }
    }
  }

  #hostStep(index: number, d: number, operands: readonly number[]): Step {
    const host = maybeAt(this.#environment.hosts, index);
    invariant(host !== undefined, `no implementation is given for host ${index}`);
    return (registers, n) => {
      const { numbers } = registers;
      const result = Number(host(...operands.map((register) => numbers[n + register] as number)));
      // Read afresh: the host may have entered the interpreter again, which may have moved the registers.
      registers.numbers[n + d] = result;
    };
  }

  #assign(value: Value): void {
    this.#registers[value.id] = this.#registerCount;
    this.#registerCount += lanesOf(value.type);
  }

  #register(value: Value): number {
    return this.#registers[value.id] as number;
  }

  #start(block: Block): Segment {
    const segment = this.#segments[block.id];
    invariant(segment !== undefined, `b${block.id} is no block of ${this.#function.name}`);
    return segment;
  }
}
