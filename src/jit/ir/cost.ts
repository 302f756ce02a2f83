/**
 * What code costs at the most, so that fuel bounds time wherever the time goes.
 *
 * Fuel is charged where control may come again and again: at the entry of a function for all of its blocks once, and at
 * each jump back for all blocks of the loop that it closes. Between two charges code runs forward only, so what ran is
 * never more than what was charged. A function without loops and recursion that calls only such functions and takes
 * less than {@link boundedCost} charges nothing; its callers charge for it with their own code, and most formulas have
 * nothing but such functions.
 *
 * Costs are nanoseconds of one operation on a slow day: operands that are subnormal, huge or otherwise dear, on x86-64
 * at 3 GHz without anything beyond SSE2. They come from the IR alone; so all back ends, and all levels of one, charge the same.
 */
import { callGraph, callsAny } from './call-graph.ts';
import { leadsBack, reversePostorder } from './control-flow.ts';
import { DominatorTree } from './dominators.ts';
import type { Block, IrFunction, IrModule, Value } from './function.ts';
import { findLoops, type LoopNest } from './loops.ts';
import { op, opcodes } from './opcode.ts';

/** Nanoseconds that a unit of fuel stands for, at the most. */
export const fuelUnit = 100;

/** Nanoseconds below which a function need not charge for itself. */
export const boundedCost = 20_000;

/** What a charge can be at the most; more ends any call. */
export const mostUnits: number = 2 ** 31 - 1;

const plain = 4;
const costs = new Uint16Array(opcodes.length).fill(plain);
for (const { index } of [op.fconst, op.bconst, op.iconst]) costs[index] = 1;
// Subnormal products and quotients take microcode on many CPUs.
for (const { index } of [op.fmul, op.ffma, op.fdiv, op.fsqrt, op.fdemote]) costs[index] = 20;
for (const { index } of [op.idiv32, op.irem32]) costs[index] = 20;
// Of 128 bits by 64, on CPUs that do it bit by bit.
for (const { index } of [op.idiv, op.irem, op.iudiv, op.iurem]) costs[index] = 40;
for (const { index } of [op.ffloor, op.fceil, op.ftrunc, op.fround, op.ftoi32]) costs[index] = 10;
// One step of the x87's remainder for each 63 bits between the exponents.
costs[op.frem.index] = 600;
// Of lgamma, which takes the longest, for a number that is not in its usual range.
costs[op.callmath.index] = 300;
/** Of each further argument of `hypot`, which has any number. */
const furtherArgument = 100;
costs[op.call.index] = 10;
// Another line of memory may have to come from afar.
for (const { index } of [op.mload, op.mstore, op.mread, op.mwrite, op.element]) costs[index] = 30;
// What the host function does is its own, and JavaScript can be interrupted there.
costs[op.callhost.index] = 30;

/** What the functions of a module charge. */
export class FuelCosts {
  readonly #functions: ReadonlyMap<IrFunction, FunctionCost>;

  constructor(functions: ReadonlyMap<IrFunction, FunctionCost>) {
    this.#functions = functions;
  }

  /** Of a function of the module. */
  of(fn: IrFunction): FunctionCost {
    return this.#functions.get(fn) ?? free;
  }
}

export class FunctionCost {
  /** Nanoseconds that one call takes; infinite if that is not known beforehand. */
  readonly bound: number;
  /** Units that the entry charges; 0: the function charges nothing at all, nor does what it calls. */
  readonly entry: number;
  /** By id of the block that is jumped back to: units of the jump. Undefined without loops. */
  readonly #jumps: Int32Array | undefined;

  constructor(bound: number, entry: number, jumps: Int32Array | undefined) {
    this.bound = bound;
    this.entry = entry;
    this.#jumps = jumps;
  }

  /** Units that a jump back to `head` charges. */
  jumpTo(head: Block): number {
    // Cycles with several ways in are no loops to the loop finder: any round of one may be the whole function.
    return this.#jumps?.[head.id] || this.entry;
  }
}

/** A function does the work of another. */
export interface StandIn {
  /** What it charges, whatever its own code costs. */
  readonly cost: FunctionCost;
  /** Number of the other in the module, which is the one that traps report. */
  readonly index: number;
}

/** Of a function that charges nothing, and of which nobody asks for more. */
const free = new FunctionCost(0, 0, undefined);

/** The costs of a module's functions, as they are at this moment. */
export function fuelCosts(module: IrModule): FuelCosts {
  const known = new Map<IrFunction, FunctionCost>();
  const [only] = module.functions;
  if (module.functions.length === 1 && only !== undefined && !callsAny(only)) {
    return new FuelCosts(known.set(only, costOf(only, false, known, new Map())));
  }
  const { calleesFirst, recursive } = callGraph(module);
  const names = new Map(module.functions.map((fn) => [fn.name, fn]));
  for (const fn of calleesFirst) known.set(fn, costOf(fn, recursive.has(fn), known, names));
  return new FuelCosts(known);
}

function costOf(
  fn: IrFunction,
  isRecursive: boolean,
  known: ReadonlyMap<IrFunction, FunctionCost>,
  names: ReadonlyMap<string, IrFunction>,
): FunctionCost {
  let total = 0;
  const blockCosts = new Float64Array(fn.blockCount);
  let isBounded = !isRecursive;
  for (const block of fn.blocks) {
    let cost = plain;
    for (const value of block.instructions) {
      cost += costs[value.op?.index ?? 0] as number;
      if (value.op === op.callmath) cost += Math.max(0, value.operands.length - 2) * furtherArgument;
      if (value.op !== op.call) continue;
      const callee = calleeOf(value, known, names);
      if (callee === undefined || callee.entry > 0) isBounded = false;
      else cost += callee.bound;
    }
    blockCosts[block.id] = cost;
    total += cost;
  }
  const nest = fn.blocks.length > 1 ? loopsOf(fn) : undefined;
  if (nest === undefined && isBounded && total <= boundedCost) return new FunctionCost(total, 0, undefined);
  const bound = nest === undefined && isBounded ? total : Number.POSITIVE_INFINITY;
  return new FunctionCost(bound, unitsOf(total), nest && jumpCosts(fn, nest, blockCosts));
}

function calleeOf(
  { immediate }: Value,
  known: ReadonlyMap<IrFunction, FunctionCost>,
  names: ReadonlyMap<string, IrFunction>,
): FunctionCost | undefined {
  const fn = names.get(String(immediate));
  return fn && known.get(fn);
}

/** The loops of a function; undefined if no edge leads back. */
function loopsOf(fn: IrFunction): LoopNest | undefined {
  return leadsBack(reversePostorder(fn), fn.blockCount) ? findLoops(new DominatorTree(fn)) : undefined;
}

/** Each loop's blocks once, those of loops inside of it too. */
function jumpCosts({ blocks, blockCount }: IrFunction, nest: LoopNest, blockCosts: Float64Array): Int32Array {
  const sums = new Float64Array(blockCount);
  for (const block of blocks) {
    for (let loop = nest.of(block); loop !== undefined; loop = loop.parent) {
      sums[loop.head.id] = (sums[loop.head.id] as number) + (blockCosts[block.id] as number);
    }
  }
  return Int32Array.from(sums, (cost) => (cost === 0 ? 0 : unitsOf(cost)));
}

function unitsOf(nanoseconds: number): number {
  return Math.min(Math.ceil(nanoseconds / fuelUnit), mostUnits);
}
