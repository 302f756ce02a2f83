/**
 * Rows that need what the rows before them gave go one after the other. What is dear in them and needs nothing of that is taken out
 * here: functions of their own, which lanes compute for many rows ahead, and what is left of the first ones, which takes the results as parameters.
 *
 *     prev * 0.9 + 0.1 * sin(x) * exp(y)      ahead: 0.1 * sin(x) * exp(y)      rest: prev * 0.9 + ahead
 *
 * 1. Only what each row computes anyway is computed ahead: pure operations in blocks that dominate every return. The arms of conditionals stay where they are.
 * 2. Functions that spend fuel stay whole, since a row may take so much of it and no less. So do those that may call the host, which could
 *    change columns between two rows, of which some would have been computed ahead.
 * 3. What is cheap stays too: beside a chain of operations that wait for each other it costs next to nothing, and a column has to be written and read.
 */
import { elementAt, slots } from '../../support/element.ts';
import { copyFunction } from '../ir/copy-function.ts';
import { fuelCosts } from '../ir/cost.ts';
import { DominatorTree } from '../ir/dominators.ts';
import { type Block, IrFunction, IrModule, successors, uses, type Value } from '../ir/function.ts';
import { constantOpcodes, type Opcode, op } from '../ir/opcode.ts';
import { removeDeadCode } from '../opt/remove-dead-code.ts';
import { Substitution } from '../opt/substitution.ts';
import { functionNamed } from './kernel-spec.ts';

/** What is computed ahead in one column. */
export interface AheadStage {
  /** The name of its function, which has the parameters of the functions that were split. */
  readonly name: string;
  /** The parameters that it uses, by position. */
  readonly uses: readonly number[];
  /** Those of them that what is dear depends on: where they are the same for all rows, there is nothing to gain. */
  readonly dearUses: readonly number[];
}

export interface SplitFunctions {
  /** The functions of the module that was given, as they are, those of the stages, and the rests. */
  readonly module: IrModule;
  readonly stages: readonly AheadStage[];
  /** By function that was given: the name of its rest, whose parameters are followed by one for each stage. */
  readonly rests: readonly string[];
}

/**
 * What lanes save of an operation beside a loop that waits for its own results anyway, in parts of what a column costs. Fuel's costs
 * (`ir/cost.ts`) are of no use here: they are those of a slow day, on which a product takes as long as a quotient.
 */
const savings: ReadonlyMap<Opcode | undefined, number> = new Map<Opcode | undefined, number>([
  [op.callmath, 64],
  [op.frem, 64],
  [op.fdiv, 16],
  [op.fsqrt, 16],
  [op.fconst, 0],
  [op.bconst, 0],
  [op.iconst, 0],
]);
const plain = 1;
/** From here on, a column is worth it. */
const dear = 64;

/**
 * Undefined if nothing is to be computed ahead. The functions `names` have the same parameters, of which those at the positions
 * `carried` are what rows before gave; there will be `most` stages at the most.
 */
export function splitAhead(
  module: IrModule,
  names: readonly string[],
  carried: ReadonlySet<number>,
  most: number,
): SplitFunctions | undefined {
  const functions = names.map((name) => functionNamed(module, name));
  const costs = fuelCosts(module);
  if (functions.some((fn) => costs.of(fn).entry > 0)) return undefined;
  if (module.functions.some((fn) => uses(fn, op.callhost))) return undefined;
  const whole = new IrModule();
  whole.functions.push(...module.functions);
  whole.hosts.push(...module.hosts);
  whole.globals.push(...module.globals);
  const stages: AheadStage[] = [];
  const chosen = functions.map((fn) => {
    const values = dearest(fn, carried).slice(0, most - stages.length);
    const first = stages.length;
    for (const value of values) {
      const stage = stageOf(fn, value, `${fn.name}$ahead$${stages.length}`);
      whole.functions.push(stage);
      stages.push({ name: stage.name, ...parametersUsed(stage) });
    }
    return { values, first };
  });
  if (stages.length === 0) return undefined;
  const rests = functions.map((fn, index) => {
    const { values, first } = elementAt(chosen, index);
    const rest = restOf(fn, values, first, stages.length);
    whole.functions.push(rest);
    return rest.name;
  });
  return { module: whole, stages, rests };
}

/** The values of a function that are worth a column, in order of execution. */
function dearest(fn: IrFunction, carried: ReadonlySet<number>): Value[] {
  const early = earlyValues(fn, carried);
  const wanted = neededLate(fn, early);
  const chosen: Value[] = [];
  /** What need not be computed, or is there already. */
  const known = new Set<Value>();
  for (const { instructions } of fn.blocks) {
    for (const value of instructions) {
      if (!wanted.has(value) || !early.has(value) || !isColumn(value)) continue;
      if (!isDear(value, known)) continue;
      chosen.push(value);
      known.add(value);
    }
  }
  return chosen;
}

/** What every row computes, of parameters that are not `carried`. */
function earlyValues(fn: IrFunction, carried: ReadonlySet<number>): Set<Value> {
  const tree = new DominatorTree(fn);
  const returns = fn.blocks.filter(({ terminator }) => terminator?.kind === 'return');
  const isAlwaysRun = (block: Block): boolean => returns.every((end) => tree.dominates(block, end));
  const early = new Set(entryOf(fn).parameters.filter((_, position) => !carried.has(position)));
  for (const block of fn.blocks) {
    if (!isAlwaysRun(block)) continue;
    for (const value of block.instructions) {
      const isEarly = value.op?.pure === true && value.operands.every((operand) => early.has(operand));
      if (isEarly) early.add(value);
    }
  }
  return early;
}

/** What of it the rest needs: as a column, or else to make it of its operands. */
function neededLate(fn: IrFunction, early: ReadonlySet<Value>): Set<Value> {
  const wanted = new Set<Value>();
  for (const block of fn.blocks) {
    for (const { args } of successors(block)) for (const value of args) wanted.add(value);
    const { terminator } = block;
    if (terminator?.kind === 'branch') wanted.add(terminator.condition);
    else if (terminator?.kind === 'return' || terminator?.kind === 'switch') wanted.add(terminator.value);
  }
  // Blocks are in reverse postorder: whatever uses a value stands behind it, but for arguments of jumps, which are all known by now.
  for (const block of fn.blocks.toReversed()) {
    for (const value of block.instructions.toReversed()) {
      if (early.has(value) && (!wanted.has(value) || isColumn(value))) continue;
      for (const operand of value.operands) wanted.add(operand);
    }
  }
  return wanted;
}

/** Could it be one? */
function isColumn({ type, op: opcode }: Value): boolean {
  return type === 'f64' && opcode !== undefined && !constantOpcodes.has(opcode);
}

/** Is a value dear, given what is known? */
function isDear(value: Value, known: ReadonlySet<Value>): boolean {
  const seen = new Set([value]);
  let saved = 0;
  // Those that are added while it goes on are visited as well.
  for (const each of seen) {
    if (each.op === undefined || known.has(each)) continue;
    saved += savingOf(each);
    if (saved >= dear) return true;
    for (const operand of each.operands) seen.add(operand);
  }
  return false;
}

function savingOf({ op: opcode }: Value): number {
  return savings.get(opcode) ?? plain;
}

/** The function that gives a value of another, of nothing but pure operations in blocks that are always run. */
function stageOf(fn: IrFunction, value: Value, name: string): IrFunction {
  const needed = new Set([value]);
  for (const each of needed) for (const operand of each.operands) needed.add(operand);
  const stage = new IrFunction(name, 'f64', fn.displayName);
  const { parameters } = entryOf(fn);
  const block = stage.newBlock(parameters.map(({ type }) => type));
  stage.blocks.push(block);
  const copies = new Map(parameters.map((parameter, at) => [parameter, elementAt(block.parameters, at)]));
  const copyOf = (original: Value): Value => copies.get(original) as Value;
  for (const { instructions } of fn.blocks) {
    for (const each of instructions) {
      if (!needed.has(each)) continue;
      const copy = stage.newValue(each.type, each.op, each.operands.map(copyOf), each.immediate);
      copies.set(each, copy);
      block.instructions.push(copy);
    }
  }
  block.terminator = { kind: 'return', value: copyOf(value) };
  return stage;
}

/** What a straight line uses. */
function parametersUsed(stage: IrFunction): Pick<AheadStage, 'uses' | 'dearUses'> {
  const used = new Set<Value>();
  const dearly = new Set<Value>();
  const { parameters, instructions } = entryOf(stage);
  for (const value of instructions.toReversed()) {
    const isOfDear = dearly.has(value) || savingOf(value) > plain;
    for (const operand of value.operands) {
      used.add(operand);
      if (isOfDear) dearly.add(operand);
    }
  }
  const positionsIn = (set: ReadonlySet<Value>): number[] =>
    parameters.flatMap((parameter, position) => (set.has(parameter) ? position : []));
  const all = positionsIn(used);
  // Where no single operation is dear, all of them together are.
  return { uses: all, dearUses: dearly.size > 0 ? positionsIn(dearly) : all };
}

function restOf(fn: IrFunction, values: readonly Value[], first: number, stageCount: number): IrFunction {
  const rest = copyFunction(fn, `${fn.name}$rest`);
  const given = Array.from(slots(stageCount), () => rest.newValue('f64'));
  entryOf(rest).parameters.push(...given);
  const numbers = new Map(values.map(({ id }, number) => [id, first + number]));
  const substitution = new Substitution(rest);
  for (const { instructions } of rest.blocks) {
    for (const value of instructions) {
      const number = numbers.get(value.id);
      if (number !== undefined) substitution.replace(value, elementAt(given, number));
    }
  }
  substitution.apply(rest);
  removeDeadCode(rest);
  return rest;
}

function entryOf({ blocks }: IrFunction): Block {
  return elementAt(blocks, 0);
}
