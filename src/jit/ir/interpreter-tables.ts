/**
 * How the interpreter runs lookups in tables of the math library that were expanded for machine code. An address is the number of a
 * table here, and offsets count within its image.
 */
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import { pickedTogether, tableImage } from '../math/table-image.ts';
import { mathTable, mathTables } from '../math/tables.ts';
import type { Value } from './function.ts';
import { eachLane, makeConstant, makeMove, type Step } from './interpreter-steps.ts';
import { op } from './opcode.ts';

/** By name, when they were first asked for. */
const images = new Map<string, Float64Array>();

function imageOf(value: Value | undefined): Float64Array {
  invariant(value?.op === op.tableaddress, 'the interpreter has no memory but tables');
  const name = String(value.immediate);
  const image = images.get(name) ?? tableImage(mathTable(name), true);
  images.set(name, image);
  return image;
}

/** The steps of an operation on tables or on single lanes, or undefined; `d` and `operands` are registers. */
export function makeTableSteps(value: Value, d: number, operands: readonly number[]): Step[] | undefined {
  const { op: opcode, immediate, type } = value;
  const [a = 0, b = 0] = operands;
  const number = Number(immediate);
  switch (opcode) {
    case op.tableaddress:
      return [makeConstant(d, BigInt([...mathTables.keys()].indexOf(String(immediate))))];
    case op.load: {
      if (value.operands.at(0)?.op !== op.tableaddress) return undefined;
      const image = imageOf(value.operands.at(0));
      return [
        ({ numbers, integers }, n) => {
          numbers[n + d] = image[Number(integers[n + b])] as number;
        },
      ];
    }
    case op.ilane:
      return [makeMove(d, a + number, 'i64')];
    case op.pairs: {
      const image = imageOf(value.operands.at(0));
      return eachLane(type, (lane) => {
        const index = elementAt(operands, 1 + (lane >> 1));
        return ({ numbers, integers }, n) => {
          numbers[n + d + lane] = image[Number(integers[n + index]) + number + (lane & 1)] as number;
        };
      });
    }
    case op.fevens:
    case op.fodds: {
      const parity = opcode === op.fodds ? 1 : 0;
      return eachLane(type, (lane) =>
        makeMove(d + lane, (lane % 2 === 0 ? a : b) + lane - (lane % 2) + parity, 'f64'),
      );
    }
    case op.permute16: {
      const image = imageOf(value.operands.at(0));
      return eachLane(type, (lane) => ({ numbers, integers }, n) => {
        const picked = Number(BigInt.asUintN(64, integers[n + b + lane] as bigint) % BigInt(pickedTogether));
        numbers[n + d + lane] = image[number / 8 + picked] as number;
      });
    }
    case op.ibit:
      return eachLane(type, (lane) => ({ numbers, integers }, n) => {
        numbers[n + d + lane] = Number(((integers[n + a + lane] as bigint) >> BigInt(number)) & 1n);
      });
    default:
      return undefined;
  }
}
