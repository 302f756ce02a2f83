import { fuelCosts } from '../../src/jit/ir/cost.ts';
import { type IrFunction, IrModule } from '../../src/jit/ir/function.ts';
import type { Allocation } from '../../src/jit/machine/allocation.ts';
import { allocatableGeneral, type Convention, sysv } from '../../src/jit/machine/convention.ts';
import { type FeatureLevel, traitsOf } from '../../src/jit/machine/feature-level.ts';
import { MachineFunction } from '../../src/jit/machine/machine-function.ts';
import { type AllocationOptions, RegisterAllocator } from '../../src/jit/machine/register-allocator.ts';
import { everyRegister } from '../../src/jit/machine/register-sets.ts';
import { select } from '../../src/jit/machine/selection.ts';
import { legalise } from '../../src/jit/opt/legalise/legalise.ts';

/** Selection and register allocation of one function, without anything global. */
export function allocate(
  fn: IrFunction,
  level: FeatureLevel,
  convention: Convention = sysv,
  affordableEntries?: number,
): { machine: MachineFunction; allocation: Allocation; options: AllocationOptions } {
  const machine = new MachineFunction();
  const traits = traitsOf(level);
  select(legalise(fn, traits), machine, {
    traits,
    convention,
    isFrameBody: false,
    isKernel: false,
    lanes: 1,
    laneFrame: undefined,
    laneFrameOf: () => undefined,
    fuel: fuelCosts(moduleOf(fn)).of(fn),
    functionIndex: () => 0,
    mathIndex: () => 0,
    tableIndex: () => 0,
    globalIndex: () => 0,
    origins: undefined,
  });
  const options = {
    convention,
    hasVex: traits.hasVex,
    generalRegisters: allocatableGeneral,
    isFrameBody: false,
    overwritten: () => everyRegister,
    ...(affordableEntries === undefined ? {} : { affordableEntries }),
  };
  return { machine, allocation: new RegisterAllocator().allocate(machine, options), options };
}

function moduleOf(fn: IrFunction): IrModule {
  const module = new IrModule();
  module.functions.push(fn);
  return module;
}
