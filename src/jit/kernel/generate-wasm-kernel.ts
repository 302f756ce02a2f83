/** Kernels as WebAssembly: the same loops as for machine code (`generate-kernel.ts`), on two lanes. */
import { noOptions, settings } from '../../support/settings.ts';
import { type IrFunction, IrModule } from '../ir/function.ts';
import { op } from '../ir/opcode.ts';
import { printFunction } from '../ir/printer.ts';
import { type GeneratedModule, type GenerateModuleOptions, generateModule } from '../wasm/generate-module.ts';
import { wasmTarget } from '../wasm/wasm-target.ts';
import { kernelCost } from './kernel-cost.ts';
import { type KernelFacts, type KernelStage, kernelName, rowFacts, vectorFacts } from './kernel-facts.ts';
import { isSequential, isUniform, type KernelSpec } from './kernel-spec.ts';
import { rowKernel } from './row-kernel.ts';
import { sequentialKernel } from './sequential-kernel.ts';
import { vectorKernel } from './vector-kernel.ts';

export interface GenerateWasmKernelOptions {
  /** Units of fuel that a row may take: what takes more runs row by row, to trap as a call does. No limit if left out. */
  readonly fuel?: number;
  /** Receives the loop as IR, as text. */
  readonly dump?: (stage: KernelStage, text: string) => void;
  /** Called when a stage has ended, for those who measure. */
  readonly lap?: (stage: 'loop' | 'emit') => void;
  readonly links?: GenerateModuleOptions['links'];
}

export interface GeneratedWasmKernel extends KernelFacts {
  /** Exports {@link kernelName}. */
  readonly module: GeneratedModule;
  /** Bytes of memory that it uses behind the kernel frame. */
  readonly stackBytes: number;
}

/** See `generateKernel`. */
export function generateWasmKernel(
  module: IrModule,
  spec: KernelSpec,
  given: GenerateWasmKernelOptions = noOptions,
): GeneratedWasmKernel {
  const { fuel, links = 'imports', dump, lap } = settings(given);
  /** Of a module that has everything with it. */
  const entryOf = (kernel: IrFunction): Pick<GenerateModuleOptions, 'entry'> =>
    links === 'imports'
      ? {}
      : {
          entry: {
            kind: 'kernel',
            parameters: spec.parameters.map(({ kind }) => {
              if (isUniform(kind)) return 'uniform';
              return kind === 'index' || kind === 'length' ? kind : 'column';
            }),
            outputCount: spec.outputs.length,
            stackBytes: stackOf(kernel),
          },
        };
  const { functions, costs, rowCost, isAffordable } = kernelCost(module, spec, fuel);
  const makeLoop = isSequential(spec) ? sequentialKernel : vectorKernel;
  const vectors = isAffordable ? makeLoop(kernelName, module, spec, wasmTarget) : undefined;
  lap?.('loop');
  if (vectors !== undefined) {
    dump?.('loop', printFunction(vectors));
    const alone = new IrModule();
    alone.functions.push(vectors);
    const generated = generateModule(alone, {
      exports: [],
      links,
      kernel: vectors,
      spendsFuel: false,
      ...entryOf(vectors),
    });
    lap?.('emit');
    return { module: generated, stackBytes: stackOf(vectors), ...vectorFacts(rowCost, !isSequential(spec)) };
  }
  const target = { ...wasmTarget, fuel: true };
  const { module: whole, kernel, standIns } = rowKernel(kernelName, module, spec, target, costs);
  dump?.('loop', printFunction(kernel));
  const generated = generateModule(whole, { exports: [], links, kernel, standIns, ...entryOf(kernel) });
  lap?.('emit');
  const facts = functions.map(({ name }) => generated.factsOf(name));
  return {
    module: generated,
    stackBytes: stackOf(kernel),
    ...rowFacts(rowCost, standIns.size > 0, facts),
  };
}

function stackOf({ blocks }: IrFunction): number {
  const sizes = blocks.flatMap(({ instructions }) =>
    instructions.flatMap((value) => (value.op === op.stack ? Number(value.immediate) * 8 : [])),
  );
  return Math.max(0, ...sizes);
}
