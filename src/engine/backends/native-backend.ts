import { CodeHolder } from '../../jit/code/code-holder.ts';
import { generateKernel } from '../../jit/kernel/generate-kernel.ts';
import type { KernelStage } from '../../jit/kernel/kernel-facts.ts';
import type { KernelSpec, OutputType } from '../../jit/kernel/kernel-spec.ts';
import { CodeTemplates, type ReadyCode } from '../../jit/machine/code-templates.ts';
import { type FeatureLevel, levelsOf, traitsOf } from '../../jit/machine/feature-level.ts';
import { generate, type Target } from '../../jit/machine/generate.ts';
import { ValueOrigins } from '../../jit/machine/value-origins.ts';
import type { JitCode } from '../../jit/runtime/jit-code.ts';
import { JitRuntime } from '../../jit/runtime/jit-runtime.ts';
import { placedTarget } from '../../jit/runtime/placed-math.ts';
import { type LoggedInstruction, listingLines } from '../../jit/x64/listing.ts';
import type { Addon } from '../../native/addon.ts';
import { type Address, addressAt } from '../../native/address.ts';
import { invariant } from '../../support/invariant.ts';
import { hasOwn } from '../../support/own.ts';
import { noOptions } from '../../support/settings.ts';
import type { Backend, BackendOptions, CompiledModule, KernelModule } from './backend.ts';
import type { CallLimits } from './call-guard.ts';
import { createOutput, type NumericArray } from './column-types.ts';
import { compileLog } from './debug.ts';
import type { CodePiece, Executable, ListedCode } from './executable.ts';
import { defaultFuel, grantFuel } from './fuel.ts';
import { type GlobalStore, NativeGlobals } from './global-store.ts';
import type { LoadedKernel } from './loaded-kernel.ts';
import { NativeCalls } from './native-calls.ts';
import { type NativeEntry, NativeExecutable } from './native-executable.ts';
import { NativeKernel } from './native-kernel.ts';
import { profileAsAsked } from './profiling.ts';

/** For code that nobody runs. */
const nowhere = 0 as Address;

const noGlobals = new NativeGlobals([]);

interface PlacedKernel {
  readonly module: KernelModule;
  readonly spec: KernelSpec;
  readonly code: JitCode;
}

/** One for each environment, since an environment has one frame and one dispatcher. */
let calls: NativeCalls | undefined;

/** Compiles IR to machine code and runs that. */
export class NativeBackend implements Backend {
  readonly name = 'native';
  readonly fallbackReason = undefined;
  readonly cpu: FeatureLevel;
  readonly hasFma: boolean;
  readonly hasLanes = true;
  readonly #target: Target;
  readonly #addressOf: Addon['addressOf'];
  readonly #calls: NativeCalls;
  readonly #runtime: JitRuntime;
  readonly #stopProfiling: () => void;
  /** Most bytes of one source. */
  readonly #codeSize: number;
  readonly #limits: CallLimits;
  readonly #templates: CodeTemplates;
  /** Those that are not released, with what they are made of. */
  readonly #kernels = new Map<NativeKernel, PlacedKernel>();
  /** Filled anew by every compilation, which takes it away: see `lang/parser.ts`. */
  #idleHolder: CodeHolder | undefined;

  constructor(addon: Addon, options: BackendOptions) {
    const { cpu, allocator, codeSize, fuel = defaultFuel.compiled, timeout } = options;
    const levels = levelsOf(addon.cpuInfo().features);
    if (cpu !== 'auto' && !levels.includes(cpu)) {
      throw new RangeError(`cpu must be one of auto, ${levels.join(', ')} on this CPU, not ${cpu}`);
    }
    this.#addressOf = addon.addressOf;
    calls ??= new NativeCalls(this.#addressOf);
    this.#calls = calls;
    this.#runtime = new JitRuntime(allocator);
    this.#target = placedTarget(addon, this.#runtime, cpu === 'auto' ? noOptions : { level: cpu });
    this.#templates = new CodeTemplates(this.#target);
    this.cpu = this.#target.level;
    this.hasFma = traitsOf(this.cpu).hasVex;
    this.#stopProfiling = profileAsAsked(this.#runtime);
    this.#codeSize = codeSize;
    this.#limits = { fuel: grantFuel(fuel), timeout };
  }

  get calls() {
    return this.#calls.way;
  }

  get pools() {
    return this.#runtime.allocator.pools;
  }

  /** Throws unless this process may have executable memory. */
  tryMemory(): void {
    this.#runtime.tryMemory();
  }

  load(module: CompiledModule): Executable {
    // Whoever logs wants to see how the code is made.
    const ready = module.log === undefined ? this.#templates.find(module.ir) : undefined;
    if (ready !== undefined) return this.#loadReady(ready, module);
    const exports = module.exports.map(({ irName }) => irName);
    const holder = this.#idleHolder ?? new CodeHolder();
    this.#idleHolder = undefined;
    const { globals } = module.ir;
    const store = globals.length === 0 ? noGlobals : new NativeGlobals(globals);
    const generated = generate(module.ir, this.#target, {
      exports,
      code: holder,
      ...(store.bytes.length === 0 ? undefined : { globals: this.#addressOf(store.bytes) }),
      ...module.log?.generation,
    });
    const code = this.#place(holder, module);
    module.log?.lap('place');
    const entries = exports.map((name): NativeEntry => {
      const { frameEntry, mayTrap } = generated.of(name);
      invariant(frameEntry !== undefined, `${name} is exported`);
      return { address: addressAt(code.address, holder.offsetOf(frameEntry)), mayTrap };
    });
    this.#idleHolder = holder;
    return this.#executable(code, module, entries, store);
  }

  #loadReady(ready: ReadyCode, module: CompiledModule): Executable {
    try {
      const code = this.#place(ready.code, module);
      const entry = { address: addressAt(code.address, ready.entry), mayTrap: ready.mayTrap };
      return this.#executable(code, module, [entry], noGlobals);
    } finally {
      ready.done();
    }
  }

  #place(holder: CodeHolder, { source, tooLarge }: CompiledModule): JitCode {
    if (holder.codeSize > this.#codeSize) throw tooLarge(holder.codeSize, this.#codeSize);
    return this.#runtime.add(holder, source);
  }

  #executable(
    code: JitCode,
    module: CompiledModule,
    entries: readonly NativeEntry[],
    globals: GlobalStore,
  ): Executable {
    return new NativeExecutable(
      this.#runtime,
      code,
      module,
      entries,
      this.#calls,
      this.#limits,
      this,
      globals,
    );
  }

  loadKernel(module: KernelModule, spec: KernelSpec): LoadedKernel {
    const { source, ir, hosts, tooLarge } = module;
    const log = compileLog(source, spec);
    const { fuel } = this.#limits;
    const generated = generateKernel(ir, spec, this.#target, { fuel: fuel.total, ...log?.generation });
    const { onVectors, mayTrap, callsHost, rowCost } = generated;
    const { codeSize } = generated.code;
    if (codeSize > this.#codeSize) throw tooLarge(codeSize, this.#codeSize);
    const code = this.#runtime.add(generated.code, source);
    log?.lap('place');
    log?.end();
    const functionNames = ir.functions.map(({ displayName }) => displayName);
    const kernel = new NativeKernel({
      calls: this.#calls,
      code,
      spec,
      guard: onVectors ? undefined : { code, globals: noGlobals, hosts, functionNames, ...this.#limits },
      fuel,
      rowCost,
      mayTrap,
      callsHost,
      onRelease: (released) => this.#kernels.delete(released),
    });
    this.#kernels.set(kernel, { module, spec, code });
    return kernel;
  }

  listed({ ir, exports }: CompiledModule): ListedCode {
    const { log, origins } = newLog();
    const names = exports.map(({ irName }) => irName);
    // Where the variables are is nobody's business who reads a listing.
    const { code } = generate(ir, this.#target, { exports: names, log, origins, globals: nowhere });
    return listed(code, log, origins, undefined);
  }

  #listedKernel({ ir }: KernelModule, spec: KernelSpec): ListedCode {
    const { log, origins } = newLog();
    let loop: string | undefined;
    const dump = (stage: KernelStage, text: string): void => {
      if (stage === 'loop') loop = text;
    };
    const fuel = this.#limits.fuel.total;
    const { code } = generateKernel(ir, spec, this.#target, { fuel, log, origins, dump });
    return listed(code, log, origins, loop);
  }

  createColumn(type: OutputType, length: number): NumericArray {
    return createOutput(type, length);
  }

  memory() {
    return this.#runtime.allocator.statistics();
  }

  blocks() {
    return this.#runtime.allocator.blocks();
  }

  blockRuns() {
    return this.#runtime.blockRuns();
  }

  onRelease(listener: (address: number) => void): void {
    this.#runtime.onRelease((_code, address) => listener(address));
  }

  *pieces(): Iterable<CodePiece> {
    for (const code of this.#runtime.sharedCodes())
      yield piece('library', code.name ?? '', code, code, undefined);
    for (const [kernel, { module, spec, code }] of this.#kernels) {
      if (code.released) continue;
      const shown = { signature: signatureOf(spec), listed: () => this.#listedKernel(module, spec) };
      yield piece('kernel', module.source, code, kernel, shown);
    }
  }

  dispose(): void {
    this.#stopProfiling();
    this.#runtime[Symbol.dispose]();
  }
}

function piece(
  kind: CodePiece['kind'],
  name: string,
  code: JitCode,
  key: object,
  kernel: CodePiece['kernel'],
): CodePiece {
  return { kind, name, address: code.formerAddress, size: code.size, key, kernel };
}

function newLog(): { log: LoggedInstruction[]; origins: ValueOrigins } {
  const log: LoggedInstruction[] = [];
  return { log, origins: new ValueOrigins(log) };
}

function listed(
  code: CodeHolder,
  log: readonly LoggedInstruction[],
  { names }: ValueOrigins,
  loop: string | undefined,
): ListedCode {
  const lines = listingLines(code, log).map(({ text, instruction }) => ({
    text,
    value: instruction && names.get(instruction),
  }));
  return { loop, lines };
}

/** Types of columns and of results, or how these are reduced. */
function signatureOf({ parameters, outputs }: KernelSpec): string {
  const taken = parameters.map((parameter) =>
    parameter.kind === 'column' ? parameter.type : parameter.kind,
  );
  const given = outputs.map((output) => (hasOwn(output, 'reduce') ? output.reduce : output.type));
  return `${taken.join(', ')} → ${given.join(', ')}`;
}
