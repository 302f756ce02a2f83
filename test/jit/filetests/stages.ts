/** What each stage makes of a case, as text. Nothing is placed in memory and nothing runs, so any CPU shows any level. */
import { compileToIr } from '../../../src/engine/front/compile-to-ir.ts';
import { IrModule } from '../../../src/jit/ir/function.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printFunction, printModule } from '../../../src/jit/ir/printer.ts';
import type { LaneCount } from '../../../src/jit/ir/type.ts';
import { generateKernel } from '../../../src/jit/kernel/generate-kernel.ts';
import { type KernelStage, kernelName } from '../../../src/jit/kernel/kernel-facts.ts';
import { functionNamed, isVarying, type KernelSpec } from '../../../src/jit/kernel/kernel-spec.ts';
import { vectoriseRows } from '../../../src/jit/kernel/row-kernel.ts';
import { sysv } from '../../../src/jit/machine/convention.ts';
import { lanesOfLevel, traitsOf, vectorTargetOf } from '../../../src/jit/machine/feature-level.ts';
import { type GenerateOptions, generate, type Target } from '../../../src/jit/machine/generate.ts';
import { unplacedMath } from '../../../src/jit/machine/math-code.ts';
import { legalise } from '../../../src/jit/opt/legalise/legalise.ts';
import { optimize } from '../../../src/jit/opt/optimize.ts';
import { vectorise } from '../../../src/jit/opt/vectorise/vectorise.ts';
import { formatListing, type LoggedInstruction } from '../../../src/jit/x64/listing.ts';
import type { Address } from '../../../src/native/address.ts';
import type { Case } from './case.ts';
import { essenceOf, loopOf, routineOf, vectorBlockOf } from './listing.ts';
import { machineCode } from './machine-code.ts';

/** By title. */
export type Sections = readonly (readonly [title: string, text: string])[];

/** Made-up addresses, so that listings are the same on every machine. */
const arithmetic = Object.fromEntries(
  ['rem', 'fma'].map((name, i) => [name, (0x10000 + i * 0x100) as Address]),
);

/** All stages, in the order in which they happen: those of the function, then those of the kernel if there is one. */
export function stagesOf(input: Case): Sections {
  const { level, source, parameters, root, host } = input;
  const traits = traitsOf(level);
  const hosts = host === undefined ? [] : [{ name: host, arity: 1 }];
  const ir = input.isIr
    ? optimised(source, traits.hasVex)
    : compileToIr(
        source,
        { parameters: parameters.map(({ name }) => name), hosts },
        { fastMath: false, fma: traits.hasVex },
        () => [{ irName: root }],
      ).ir;
  const legal = ir.functions.map((fn) => legalise(fn, traits)).filter((fn) => !ir.functions.includes(fn));
  const target = { level, convention: sysv, arithmetic, math: unplacedMath(level, sysv), fuel: true };
  return [
    ['optimised IR', printModule(ir)],
    ...(legal.length > 0
      ? [['legalised IR', legal.map((fn) => printFunction(fn, ir)).join('\n')] as const]
      : []),
    ...functionStages(ir, target, input.isWhole ? [root] : []),
    ...kernelStages(ir, target, input),
  ];
}

function optimised(text: string, fma: boolean): IrModule {
  const ir = parseModule(text);
  optimize(ir, { fma, verify: true });
  return ir;
}

/** What is exported is shown whole, with its frame entry and the routine that asks for fuel. `standIns` are as for `generate`. */
function functionStages(
  ir: IrModule,
  target: Target,
  exports: readonly string[],
  standIns?: GenerateOptions['standIns'],
): Sections {
  const log: LoggedInstruction[] = [];
  const selected: string[] = [];
  const allocated: string[] = [];
  const { code } = generate(ir, target, {
    exports,
    ...(standIns && { standIns }),
    log,
    check: true,
    dump: (stage, text) => (stage === 'selection' ? selected : allocated).push(text),
  });
  const listing = formatListing(code, log);
  return [
    ['machine code: allocated ; selected', machineCode(selected, allocated)],
    ['disassembly', exports.length > 0 ? listing : essenceOf(listing)],
  ];
}

/** Of a kernel on vectors the loop that takes one vector is shown; of one that goes row by row, all. */
function kernelStages(ir: IrModule, target: Target, { parameters, output, root, isWhole }: Case): Sections {
  if (output === undefined) return [];
  const spec = { parameters: parameters.map(({ kind }) => kind), outputs: [output] };
  const log: LoggedInstruction[] = [];
  const loops: string[] = [];
  const dump = (stage: KernelStage, text: string): void => {
    if (stage === 'loop') loops.push(text);
  };
  const kernel = generateKernel(ir, spec, target, { log, check: true, dump });
  const listing = formatListing(kernel.code, log);
  if (kernel.onVectors) {
    const lanes = lanesOfLevel(target.level);
    return [
      ['kernel: vectorised IR', loops.map(vectorBlockOf).join('\n')],
      ['kernel: disassembly', isWhole ? listing : loopOf(listing, lanes)],
    ];
  }
  const [vectorised] = vectoriseRows(ir, spec, { ...vectorTargetOf(target.level), fuel: target.fuel });
  if (vectorised !== undefined) return strandStages(ir, root, target, spec, vectorised.width.lanes);
  return [
    ['kernel: loop', loops.join('\n')],
    ['kernel: disassembly', routineOf(listing, kernelName)],
  ];
}

/** The function on lanes. Kernels have several strands of it side by side where registers allow it; one shows what each does. */
function strandStages(
  ir: IrModule,
  root: string,
  target: Target,
  { parameters }: KernelSpec,
  lanes: LaneCount,
): Sections {
  const varies = parameters.map(({ kind }) => isVarying(kind));
  const traits = traitsOf(target.level);
  const strand = vectorise(ir, functionNamed(ir, root), varies, { ...traits, lanes, registers: 0 }, [1]);
  if (strand === undefined) throw new Error('several strands can be vectorised, and one cannot');
  const module = new IrModule();
  module.functions.push(strand.function);
  const standIns = new Map([[strand.function, { cost: strand.cost, index: 0 }]]);
  const stages = functionStages(module, target, [], standIns);
  return [
    ['lanes: vectorised IR', printModule(module)],
    ...stages.map(([title, text]) => [`lanes: ${title}`, text] as const),
  ];
}
