/**
 * The math library as machine code, piece by piece: functions, tables for kernels, and the routines that repair lanes.
 *
 * No piece depends on where it lies, so each is generated once for each kind of target, when it is first asked for, and placed
 * as often as there are engines that use it. Functions have copies of the tables that they use behind them.
 */

import type { Address } from '../../native/address.ts';
import { InvariantError, invariant } from '../../support/invariant.ts';
import { CodeHolder } from '../code/code-holder.ts';
import type { Label } from '../code/label.ts';
import { IrModule } from '../ir/function.ts';
import { mathFunctions } from '../math/library.ts';
import { tableImage } from '../math/table-image.ts';
import { mathTable, mathTables } from '../math/tables.ts';
import { mathBody } from '../opt/legalise/math-body.ts';
import { Assembler } from '../x64/assembler.ts';
import type { Convention } from './convention.ts';
import { type FeatureLevel, lanesOfLevel, traitsOf } from './feature-level.ts';
import { generate } from './generate.ts';
import { emitRepairRoutine } from './lane-repairs.ts';
import type { MathLinks } from './math-links.ts';
import type { RegisterSets } from './register-sets.ts';

/** A piece of the library, and where in its code callers and loads find it. */
export interface MathPiece {
  readonly code: CodeHolder;
  readonly start: Label;
}

export interface MathFunctionPiece extends MathPiece {
  readonly overwritten: RegisterSets;
  /** Bytes of stack, its return address left out. */
  readonly frameSize: number;
}

/** No row of a table is in more lines of the cache than it must be. */
const tableAlignment = 64;

const functions = new Map<string, MathFunctionPiece>();
const others = new Map<string, MathPiece>();

function once<Piece>(pieces: Map<string, Piece>, key: string, make: () => Piece): Piece {
  const piece = pieces.get(key) ?? make();
  pieces.set(key, piece);
  return piece;
}

/** Where arguments and results are. */
const interfaceVectors = 0b11;

/** A function, in the calling convention of compiled code. */
export function mathFunctionCode(
  name: string,
  level: FeatureLevel,
  convention: Convention,
): MathFunctionPiece {
  return once(functions, `${level} ${convention.name} ${name}`, () => {
    const code = new CodeHolder();
    const tables = new Map<string, Label>();
    const tableOf = (table: string): Label => {
      const label = tables.get(table) ?? code.newLabel();
      tables.set(table, label);
      return label;
    };
    const nowhere = (): never => {
      throw new InvariantError('the math library calls nothing outside');
    };
    const math = { tableOf, entryOf: nowhere, repairOf: nowhere, overwrittenBy: nowhere };
    const module = new IrModule();
    module.functions.push(mathBody(name, traitsOf(level)));
    const target = { level, convention, arithmetic: {}, math, fuel: false };
    const { entry, overwritten, frameSize } = generate(module, target, { code, exports: [] }).of(name);
    invariant(entry !== undefined, `${name} has an entry`);
    for (const [table, label] of tables) appendTable(code, table, label, false);
    const vectors = overwritten.vectors | interfaceVectors;
    return { code, start: entry, overwritten: { ...overwritten, vectors }, frameSize };
  });
}

/** A table, as kernels read it. */
export function mathTableCode(name: string, level: FeatureLevel): MathPiece {
  const { hasMasks } = traitsOf(level);
  return once(others, `table ${name} ${hasMasks}`, () => {
    const code = new CodeHolder();
    const start = code.newLabel(name);
    appendTable(code, name, start, hasMasks);
    return { code, start };
  });
}

/** The routine that repairs lanes by functions of so many arguments. */
export function mathRepairCode(level: FeatureLevel, arity: 1 | 2): MathPiece {
  return once(others, `${level} repair ${arity}`, () => {
    const code = new CodeHolder();
    const start = code.newLabel(`repair${arity}`);
    code.bind(start);
    emitRepairRoutine(new Assembler(code), lanesOfLevel(level), arity);
    return { code, start };
  });
}

function appendTable(code: CodeHolder, name: string, label: Label, hasColumns: boolean): void {
  code.rodata.align(tableAlignment, 0);
  code.bind(label, code.rodata);
  code.rodata.append(new Uint8Array(tableImage(mathTable(name), hasColumns).buffer));
}

/** Far from all code, so that calls go through memory as they may where code is placed. */
const madeUpBase = 0x7f00_0000_0000;

function madeUp(number: number): Address {
  return (madeUpBase + number * tableAlignment) as Address;
}

/** For code that is looked at and not run. */
export function unplacedMath(level: FeatureLevel, convention: Convention): MathLinks {
  return {
    repairOf: (arity) => madeUp(arity),
    entryOf: (name) => madeUp(10 + [...mathFunctions.keys()].indexOf(name)),
    tableOf: (name) => madeUp(100 + [...mathTables.keys()].indexOf(name)),
    overwrittenBy: (name) => mathFunctionCode(name, level, convention).overwritten,
  };
}
