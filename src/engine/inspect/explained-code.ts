/** The machine code of an explanation. */
import type { IrModule } from '../../jit/ir/function.ts';
import { generateKernel } from '../../jit/kernel/generate-kernel.ts';
import type { KernelStage } from '../../jit/kernel/kernel-facts.ts';
import type { KernelParameter } from '../../jit/kernel/kernel-spec.ts';
import { type FeatureLevel, levelsOf } from '../../jit/machine/feature-level.ts';
import { frameEntryName, type GeneratedCode, generate } from '../../jit/machine/generate.ts';
import { hostTarget } from '../../jit/machine/host-target.ts';
import { formatListing, type LoggedInstruction } from '../../jit/x64/listing.ts';
import { loadAddon } from '../../native/loader.ts';

/** The machine code of a source. */
export interface ExplainedCode {
  readonly cpu: FeatureLevel;
  /** Bytes, constants included. */
  readonly size: number;
  /** Of a kernel: does its loop compute several rows at once, or call the function row by row? Undefined for functions. */
  readonly kernel: 'vectors' | 'rows' | undefined;
  /** Of a kernel its loop, as IR; then machine IR of each function, before and after registers are allocated. */
  readonly machine: readonly {
    readonly stage: KernelStage;
    readonly text: string;
  }[];
  /** Offsets, bytes and instructions; what is called and where jumps go by name. */
  readonly listing: string;
}

/** The best level of this CPU. */
export function bestLevel(): FeatureLevel {
  return levelsOf(loadAddon().addon?.cpuInfo().features ?? []).at(-1) ?? 'sse2';
}

/** Of functions, or of the kernel of the only one if its parameters are given; undefined where the addon is missing. */
export function explainedCode(
  module: IrModule,
  exports: readonly string[],
  columns: readonly KernelParameter[] | undefined,
  level: FeatureLevel,
): ExplainedCode | undefined {
  const { addon } = loadAddon();
  if (addon === undefined) return undefined;
  const target = hostTarget(addon, { level });
  const log: LoggedInstruction[] = [];
  const machine: ExplainedCode['machine'][number][] = [];
  const dump = (stage: KernelStage, text: string): void => {
    machine.push({ stage, text: text.trimEnd() });
  };
  const [root] = exports;
  if (columns !== undefined && root !== undefined) {
    const spec = { parameters: columns, outputs: [{ function: root, type: 'f64' as const }] };
    const { code, severalRows } = generateKernel(module, spec, target, { log, dump });
    const kernel = severalRows ? 'vectors' : 'rows';
    return { cpu: level, size: code.codeSize, kernel, machine, listing: formatListing(code, log) };
  }
  const generated = generate(module, target, { exports, log, dump });
  const { code } = generated;
  const listing = shortenEntryNames(formatListing(code, log), exports, generated);
  return { cpu: level, size: code.codeSize, kernel: undefined, machine, listing };
}

/** A function that is its own frame entry has no other name to be confused with. */
function shortenEntryNames(listing: string, exports: readonly string[], generated: GeneratedCode): string {
  let text = listing;
  for (const name of exports) {
    const { entry } = generated.of(name);
    if (entry === undefined) text = text.replace(`${frameEntryName(name)}:`, () => `${name}:`);
  }
  return text;
}
