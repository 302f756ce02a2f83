/** The math library as simulated code finds it: functions and repairs in TypeScript, tables in memory. */
import type { Convention } from '../../../src/jit/machine/convention.ts';
import { Gpr } from '../../../src/jit/machine/convention.ts';
import { type FeatureLevel, lanesOfLevel } from '../../../src/jit/machine/feature-level.ts';
import type { MathLinks } from '../../../src/jit/machine/math-links.ts';
import { everyRegister, type RegisterSets } from '../../../src/jit/machine/register-sets.ts';
import { evaluateMath, mathFunctions } from '../../../src/jit/math/library.ts';
import { tableImage } from '../../../src/jit/math/table-image.ts';
import { mathTables } from '../../../src/jit/math/tables.ts';
import type { Address } from '../../../src/native/address.ts';
import { elementAt } from '../../../src/support/element.ts';
import { invariant } from '../../../src/support/invariant.ts';
import { bytesOf } from '../run-kernel.ts';
import { type Machine, stackPointer } from './machine.ts';
import { clobber } from './simulated-call.ts';
import type { SimulatedMemory } from './simulated-memory.ts';
import type { External } from './simulator.ts';
import { registerOffset } from './vector-file.ts';

const functionBase = 0x7f22_0000_0000;
const repairBase = 0x7f23_0000_0000;
const tableBase = 0x7f24_0000_0000;
const tableSpacing = 0x10_0000;

const names = [...mathFunctions.keys()];
const tables = [...mathTables.values()];
const double = new Float64Array(1);
const word = new BigUint64Array(double.buffer);

export class SimulatedMath implements MathLinks {
  readonly routines: ReadonlyMap<number, External>;
  readonly #convention: Convention;
  readonly #lanes: number;
  /** Lanes that were repaired, over all calls. */
  repaired = 0;

  constructor(convention: Convention, level: FeatureLevel) {
    this.#convention = convention;
    this.#lanes = lanesOfLevel(level);
    this.routines = new Map<number, External>([
      ...names.map((name): [number, External] => [
        this.entryOf(name),
        (machine) => this.#call(machine, name),
      ]),
      [this.repairOf(1), (machine) => this.#repair(machine, 1)],
      [this.repairOf(2), (machine) => this.#repair(machine, 2)],
    ]);
  }

  readonly entryOf = (name: string): Address => {
    const index = names.indexOf(name);
    invariant(index >= 0, `the math library has no function ${name}`);
    return (functionBase + index * 16) as Address;
  };

  readonly overwrittenBy = (): RegisterSets => everyRegister;

  readonly tableOf = (name: string): Address => {
    const index = tables.findIndex((table) => table.name === name);
    invariant(index >= 0, `the math library has no table ${name}`);
    return (tableBase + index * tableSpacing) as Address;
  };

  readonly repairOf = (arity: 1 | 2): Address => (repairBase + arity * 16) as Address;

  addTables(memory: SimulatedMemory): void {
    for (const table of tables) {
      memory.add(
        `the table ${table.name}`,
        this.tableOf(table.name),
        bytesOf(tableImage(table, this.#lanes > 4)),
        'read',
      );
    }
  }

  #call(machine: Machine, name: string): void {
    const { doubles } = machine.vectors;
    const [x, y] = [0, 1].map((id) => elementAt(doubles, registerOffset(id) / 8)) as [number, number];
    const result = evaluateMath.get(name)?.(x, y);
    invariant(result !== undefined, `${name} is a function of the library`);
    clobber(machine, this.#convention);
    doubles[registerOffset(0) / 8] = result;
  }

  /** See `machine/lane-repairs.ts`. Above the return address stand results, arguments and which lanes are usual. */
  #repair(machine: Machine, arity: 1 | 2): void {
    const { memory } = machine;
    const size = this.#lanes * 8;
    const start = machine.signed(stackPointer) + 8;
    const name = elementAt(names, (machine.signed(Gpr.R11) - functionBase) / 16);
    const usual = Number(memory.read(start + 2 * size, 4));
    const read = (address: number): number => {
      word[0] = memory.read(address, 8);
      return double[0] as number;
    };
    for (let lane = 0; lane < this.#lanes; lane++) {
      if ((usual >> lane) & 1) continue;
      this.repaired++;
      const result = start + lane * 8;
      const args = arity === 1 ? [read(result + size)] : [read(result), read(result + size)];
      double[0] = evaluateMath.get(name)?.(...args) ?? Number.NaN;
      memory.write(result, 8, word[0] as bigint);
    }
    machine.general[Gpr.R11] = 0xdeadn;
  }
}
