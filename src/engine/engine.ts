import type { Inspector, InspectorOptions } from '../inspect/inspector.ts';
import type { IrModule } from '../jit/ir/function.ts';
import { printModule } from '../jit/ir/printer.ts';
import type { KernelSpec, OutputType } from '../jit/kernel/kernel-spec.ts';
import { ReleasedError } from '../jit/runtime/released-error.ts';
import type { Program } from '../lang/ast.ts';
import { fromCaller, tellCallers } from '../lang/caller-stack.ts';
import { type Environment, resolveEnvironment } from '../lang/environment.ts';
import { readParameters, requireSource } from '../lang/source-input.ts';
import { describeValue } from '../support/describe-value.ts';
import { elementAt } from '../support/element.ts';
import { requireOneOf } from '../support/options.ts';
import { requireStack } from '../support/stack-reserve.ts';
import type { Backend } from './backends/backend.ts';
import { chooseBackend } from './backends/choose-backend.ts';
import { type OutputArrays, outputTypes } from './backends/column-types.ts';
import type { Executable } from './backends/executable.ts';
import type { MemoryLayout } from './backends/memory-layout.ts';
import { CodeCache } from './callables/code-cache.ts';
import { createCallable, createPredicate } from './callables/compiled-callable.ts';
import type { CompiledFunction } from './callables/compiled-function.ts';
import { createTarget, shareCode } from './callables/share-code.ts';
import type { CallTarget, GradientMaker, SharedCode } from './callables/shared-code.ts';
import { createKernel } from './columns/create-kernel.ts';
import type { Kernel, KernelDefinition, KernelUse } from './columns/kernel.ts';
import { type EngineOptions, type ResolvedEngineOptions, resolveEngineOptions } from './engine-options.ts';
import { forRows, oneOutput, rowNamesFor } from './front/row-names.ts';
import { gradientProgram } from './gradient-program.ts';
import { type Analysis, analyzeProgram } from './inspect/analysis.ts';
import type { EngineStatistics } from './inspect/engine-statistics.ts';
import { type ExplainOptions, type Explanation, explainProgram } from './inspect/explain.ts';
import { type CompiledFrom, explainForms } from './inspect/explain-forms.ts';
import { type CompileObserver, type EngineView, engineChannel } from './inspect/inspect-view.ts';
import { type CheckedKernel, checkKernel, kernelSources } from './kernel-program.ts';
import { formulaNulls } from './null-source.ts';
import { type CompileContext, compileProgram } from './pipeline.ts';
import { installIr } from './plugin/install-ir.ts';
import type { IrCode } from './plugin/ir-code.ts';
import { type CompileIrOptions, loadIr } from './plugin/load-ir.ts';
import type { Signature } from './plugin/signature.ts';
import { treeOf } from './trees.ts';
import { compileModule, type FunctionModule, type ModuleEngine } from './workspace/function-module.ts';
import { openWorkspace } from './workspace/open-workspace.ts';
import { readPrelude } from './workspace/prelude.ts';
import type { Workspace } from './workspace/workspace.ts';

/**
 * Unmaps the memory of engines that are out of reach, they and all their callables. What is watched is the set of live
 * callables, to which the engine and each of them refer, and which the backend does not know.
 */
const forgotten = new FinalizationRegistry<Backend>((backend) => backend.dispose());

/** The rest of an environment, spelled out since `Object.prototype` may have other ideas. */
const nothingMore = { parameters: undefined, provided: undefined, variables: undefined, library: undefined };

/** By the same sets, so that an engine can be looked at as long as one of its callables is in use. */
const views = new WeakMap<ReadonlySet<CallTarget>, EngineView>();

/**
 * Compiles sources and owns the memory of what it compiled: executable memory, the cache, the callables.
 *
 * An engine that is forgotten, and all whose functions are forgotten, gives its memory back; `dispose` does at once.
 *
 * @example
 * using engine = new Engine({ functions: { noise: (x) => Math.sin(x * 12.9898) }, cache: 100 });
 * const f = engine.compile('noise(x) + 1', ['x']);
 */
export class Engine implements Disposable {
  readonly #options: ResolvedEngineOptions;
  #environment: Environment;
  readonly #cache: CodeCache;
  readonly #targets = new Set<CallTarget>();
  readonly #kernels = new Set<KernelUse>();
  /** One for all functions. */
  readonly #makeGradient: GradientMaker = (...given) => this.#gradient(...given);
  #backend: Backend | undefined;
  #compileCount = 0;
  #observer: CompileObserver | undefined;
  /** Of what was compiled while somebody looked: what of. */
  readonly #origins = new WeakMap<Executable, Pick<CompiledFrom, 'source' | 'environment'>>();

  /**
   * @throws TypeError or RangeError for an impossible option; with `backend: 'native'`, `NativeUnavailableError` or
   * `VirtMemError` where machine code cannot run; with `backend: 'wasm'`, `WasmUnavailableError`; CompileError if the prelude is wrong.
   */
  constructor(options?: EngineOptions) {
    this.#options = resolveEngineOptions(options);
    const { constants, hosts, limits, dialect, cache } = this.#options;
    // What is left out costs the checker nothing.
    this.#environment = {
      constants: constants.size === 0 ? undefined : constants,
      hosts: hosts.length === 0 ? undefined : hosts,
      limits,
      dialect,
      ...nothingMore,
    };
    resolveEnvironment(this.#environment);
    this.#cache = new CodeCache(cache);
    this.#backend = chooseBackend(this.#options);
    forgotten.register(this.#targets, this.#backend, this.#targets);
    if (this.#options.prelude !== undefined) this.#takePrelude(this.#options.prelude);
    if (engineChannel.hasSubscribers) engineChannel.publish(this.#inspectable());
  }

  /**
   * A function of `parameters` that evaluates `source`; if these are left out, of its free names in order of first
   * appearance.
   *
   * @throws CompileError if the source is wrong or beyond a limit; TypeError if a parameter is no name.
   */
  compile<const Parameters extends readonly string[]>(
    source: string,
    parameters: Parameters,
  ): CompiledFunction<Parameters>;
  compile(source: string, parameters?: readonly string[]): CompiledFunction;
  compile(source: string, parameters?: readonly string[]): CompiledFunction {
    const target = this.#target(source, parameters);
    return createCallable(target.function.callable(target), target);
  }

  /** As {@link compile}, for conditions: the function returns true unless the result is 0 or NaN. */
  compilePredicate<const Parameters extends readonly string[]>(
    source: string,
    parameters: Parameters,
  ): CompiledFunction<Parameters, boolean>;
  compilePredicate(
    source: string,
    parameters?: readonly string[],
  ): CompiledFunction<readonly string[], boolean>;
  compilePredicate(
    source: string,
    parameters?: readonly string[],
  ): CompiledFunction<readonly string[], boolean> {
    const target = this.#target(source, parameters);
    return createPredicate(target.function.callable(target), target);
  }

  /**
   * All functions that `source` defines, as callables that share one piece of code. Its `let`s are evaluated once.
   *
   * @throws CompileError if the source is wrong, beyond a limit, or ends in an expression.
   *
   * @example
   * const { functions } = engine.module('let k = 3; f(x) = k * x; g(x, y) = f(x) + f(y)');
   * functions.g?.(1, 2); // 9
   */
  module(source: string): FunctionModule {
    requireSource(source);
    return compileModule(source, this.#moduleEngine());
  }

  /**
   * Several outputs of the same columns, computed in one pass that shares what they have in common. `index` and
   * `length`, the number of the row and how many there are, need no declaration.
   *
   * @throws CompileError if a source is wrong or beyond a limit; TypeError or RangeError for impossible outputs.
   *
   * @example
   * using polar = engine.kernel({ outputs: { r: 'sqrt(x*x + y*y)', a: 'atan2(y, x)' } }, ['x', 'y']);
   * const { r, a } = polar.map({ x: xs, y: ys });
   */
  kernel<const Parameters extends readonly string[], Outputs extends string>(
    definition: KernelDefinition<Outputs>,
    parameters: Parameters,
  ): Kernel<Parameters, Outputs>;
  kernel<Outputs extends string>(
    definition: KernelDefinition<Outputs>,
    parameters?: readonly string[],
  ): Kernel<readonly string[], Outputs>;
  kernel(definition: KernelDefinition<string>, parameters?: readonly string[]): Kernel {
    const context = this.#context();
    const sources = kernelSources(definition);
    const program = checkKernel(sources, readParameters(parameters), this.#environment, context);
    return this.#kernel(program, context);
  }

  /**
   * A new array of zeros for columns and results, in the memory in which this engine's code runs: kernels use it where it is. With
   * machine code every array is such a one; with WebAssembly others are copied, in and out.
   *
   * It is an ordinary typed array, and lives as long as anybody refers to it, also after `dispose`. With WebAssembly its `buffer` is a whole
   * memory with more in it than these elements: others' columns, and what code needs. Nothing but the array itself is to be written, and a
   * `structuredClone` copies all of it.
   *
   * @throws RangeError for a type or a length that is none, and for one that is beyond memory.
   *
   * @example
   * const xs = engine.column('f64', 1_000_000);
   */
  column<Type extends OutputType>(type: Type, length: number): OutputArrays[Type] {
    requireOneOf('type', type, outputTypes);
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`length must be an integer of at least 0, not ${describeValue(length)}`);
    }
    return this.#liveBackend().createColumn(type, length) as OutputArrays[Type];
  }

  /**
   * Code of a module of IR, which another language's front end has made: see `exprjit/ir` and docs/plugin.md.
   *
   * @throws IrError if the module is wrong, does not fit what it exports, or its code is beyond the limit; TypeError or RangeError for
   * impossible options.
   */
  compileIr<const Exports extends Readonly<Record<string, Signature>>>(
    module: IrModule,
    options?: CompileIrOptions<Exports>,
  ): IrCode<Exports> {
    const backend = this.#liveBackend();
    const loaded = loadIr(module, options, backend);
    if (this.#backend === undefined) {
      // By code of the caller: a getter, or what hears of passes.
      loaded.executable.release();
      throw new ReleasedError('this engine was disposed of');
    }
    this.#compileCount++;
    const executable = this.#observer?.(loaded.executable) ?? loaded.executable;
    return installIr({ ...loaded, executable }, backend, this.#targets) as unknown as IrCode<Exports>;
  }

  /** A place for definitions that grow and change, on the memory of this engine. */
  workspace(): Workspace {
    this.#liveBackend();
    return openWorkspace(this.#environment, {
      compile: (program, environment, functionName) =>
        this.#install(
          this.#compile(program, environment, functionName === undefined ? undefined : [functionName]),
        ),
      explain: (program, environment, options) => this.#explain(program, environment, options),
    });
  }

  /**
   * What each stage makes of `source`, parameters as for {@link compile}: tree, IR after every pass, machine code for any
   * instruction set, of the function or of the loop that `map` runs. A source without a result explains the functions that it
   * defines. Nothing is kept or run.
   *
   * @throws CompileError as {@link compile}, but not for a source that only defines.
   *
   * @example
   * engine.explain('x*x + 1', ['x'], { cpu: 'sse2' }).code?.listing;
   */
  explain(source: string, parameters?: readonly string[], options?: ExplainOptions): Explanation {
    requireSource(source);
    return this.#explain(
      source,
      forRows({ ...this.#environment, parameters: readParameters(parameters) }, source),
      options,
    );
  }

  /**
   * What `source` takes, uses and defines, with the functions, constants and limits of this engine; parameters as for {@link compile}.
   * Nothing is compiled.
   *
   * @throws CompileError as {@link compile}, but not for a source that only defines.
   *
   * @example
   * engine.analyze('noise(x) < 1').functions; // [{ name: 'noise', kind: 'host', uses: [{ start: 0, end: 5 }] }]
   */
  analyze(source: string | Program, parameters?: readonly string[]): Analysis {
    this.#liveBackend();
    const environment = { ...this.#environment, parameters: readParameters(parameters) };
    return analyzeProgram(treeOf(source, environment), environment);
  }

  /** What this engine holds and has done, at this moment. */
  statistics(): EngineStatistics {
    const backend = this.#liveBackend();
    return {
      backend: backend.name,
      fallbackReason: backend.fallbackReason,
      cpu: backend.cpu,
      calls: backend.calls?.name,
      slowCallReason: backend.calls?.reason,
      compileCount: this.#compileCount,
      functionCount: this.#targets.size + this.#kernels.size,
      cache: this.#cache.statistics,
      memory: backend.memory(),
    };
  }

  /**
   * Opens a page in which to watch this engine: its memory, functions and machine code. It is for this machine only, see
   * {@link Inspector}; nothing of it is loaded before the call. Calls are counted of what is compiled from now on.
   *
   * Rejects with `ReleasedError` after `dispose`, with a `RangeError` if the port is none, and with the system's error if it
   * is taken.
   *
   * @example
   * const inspector = await engine.inspect();
   * console.log(inspector.url);
   */
  async inspect(options?: InspectorOptions): Promise<Inspector> {
    this.#liveBackend();
    const { inspectEngine } = await import('./inspect/inspect-engines.ts');
    return inspectEngine(this.#inspectable(), options);
  }

  /** Where the code lies: pools, blocks and spans. Empty without machine code. */
  memory(): MemoryLayout {
    const backend = this.#liveBackend();
    return { pools: backend.pools, blocks: [...backend.blocks()] };
  }

  /** Releases all functions of this engine and gives all its memory back. */
  dispose(): void {
    this.#dispose();
  }

  /** As {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #dispose(): void {
    const backend = this.#backend;
    if (backend === undefined) return;
    requireStack(4);
    this.#backend = undefined;
    forgotten.unregister(this.#targets);
    for (const target of this.#targets) target.release();
    for (const kernel of this.#kernels) kernel.release();
    this.#cache.clear();
    backend.dispose();
  }

  #moduleEngine(): ModuleEngine {
    return {
      environment: this.#environment,
      compileResult: (program, environment) => this.#install(this.#compile(program, environment)),
      compileFunctions: (program, environment, names) => {
        const code = this.#compile(program, environment, names);
        const targets = code.executable.functions.map((fn) =>
          createTarget(fn, code.retain(), this.#targets, this.#makeGradient),
        );
        // The use that came with the code.
        code.drop();
        return targets;
      },
    };
  }

  #takePrelude(source: string): void {
    try {
      this.#environment = readPrelude(source, this.#moduleEngine());
    } catch (error) {
      this.#dispose();
      throw fromCaller(error, Engine);
    }
  }

  #target(source: string, given: readonly string[] | undefined): CallTarget {
    this.#liveBackend();
    requireSource(source);
    const parameters = readParameters(given);
    // Spelled out: to spread takes longer than to resolve.
    const { constants, hosts, limits, dialect, variables, library } = this.#environment;
    const compile = () =>
      this.#compile(source, {
        parameters,
        constants,
        hosts,
        limits,
        dialect,
        // What looks at rows by their number need not say that it takes it.
        provided: rowNamesFor(source, dialect),
        variables,
        library,
        rows: oneOutput,
      });
    const code =
      this.#cache.capacity === 0 ? compile() : this.#cache.obtain(cacheKey(source, parameters), compile);
    return this.#install(code);
  }

  #compile(
    source: string | Program,
    environment: Environment,
    functionNames?: readonly string[],
  ): SharedCode {
    const context = this.#context();
    const executable = compileProgram(source, environment, context, functionNames);
    this.#compileCount++;
    const used = this.#observer?.(executable) ?? executable;
    if (this.#observer !== undefined) this.#origins.set(used, { source, environment });
    return shareCode(used, ({ name }) =>
      formulaNulls({ name, source, environment, functionName: functionNames && name }, context),
    );
  }

  #context(): CompileContext {
    const { hostImplementations, fastMath, timeout } = this.#options;
    return { backend: this.#liveBackend(), hostImplementations, fastMath, timeout };
  }

  #gradient(...[executable, fn, names, nulls]: Parameters<GradientMaker>): Kernel {
    const context = this.#context();
    return this.#kernel(gradientProgram(executable, fn, names, nulls, context), context);
  }

  #kernel(
    { parameters, outputs, module, ofRows, nulls }: CheckedKernel,
    { backend }: CompileContext,
  ): Kernel {
    const load = (spec: KernelSpec) => backend.loadKernel(module, spec);
    this.#compileCount++;
    const { timeout } = this.#options;
    return createKernel({ parameters, outputs, timeout, load, nulls }, ofRows, this.#kernels, this.#targets);
  }

  #explain(
    source: string | Program,
    environment: Environment,
    options: ExplainOptions | undefined,
  ): Explanation {
    const { cpu } = this.#liveBackend();
    return explainProgram(source, environment, { cpu, fastMath: this.#options.fastMath }, options);
  }

  #install(code: SharedCode): CallTarget {
    return createTarget(elementAt(code.executable.functions, 0), code, this.#targets, this.#makeGradient);
  }

  #inspectable(): EngineView {
    const known = views.get(this.#targets);
    if (known !== undefined) return known;
    const engine = this;
    const view: EngineView = {
      get disposed() {
        return engine.#backend === undefined;
      },
      statistics: () => this.statistics(),
      blocks: () => this.#liveBackend().blocks(),
      executables: () => this.#executables(),
      get kernelCount() {
        return engine.#kernels.size;
      },
      blockRuns: () => this.#liveBackend().blockRuns(),
      onRelease: (listener) => this.#liveBackend().onRelease(listener),
      pieces: () => this.#liveBackend().pieces(),
      printIr: (executable) => printModule(executable.ir),
      forms: (executable, kernels) =>
        explainForms(executable, kernels, executable && this.#compiledFrom(executable)),
      observe: (observer) => {
        this.#observer = observer;
      },
    };
    views.set(this.#targets, view);
    return view;
  }

  /** If it was not noted: as if `compile` had been asked for it, which then shows or not. */
  #compiledFrom(executable: Executable): CompiledFrom {
    const { source } = executable;
    const { fastMath } = this.#options;
    const options = { fastMath, fma: this.#liveBackend().hasFma };
    const noted = this.#origins.get(executable);
    if (noted !== undefined) return { ...noted, options };
    const parameters = elementAt(executable.functions, 0).parameters;
    return { source, environment: forRows({ ...this.#environment, parameters }, source), options };
  }

  #executables(): ReadonlySet<Executable> {
    const executables = new Set<Executable>();
    for (const target of this.#targets) executables.add(target.executable);
    for (const code of this.#cache.codes) executables.add(code.executable);
    return executables;
  }

  #liveBackend(): Backend {
    if (this.#backend === undefined) throw new ReleasedError('this engine was disposed of');
    return this.#backend;
  }
}

tellCallers(Engine.prototype, ['compile', 'compilePredicate', 'module', 'kernel', 'explain', 'analyze']);

/** Names as JSON, which ends where it ends: no list, not even one of impossible names, shares a key with another. */
function cacheKey(source: string, parameters: readonly string[] | undefined): string {
  // One by one: some libraries give arrays a `toJSON`.
  const list = parameters === undefined ? '' : `[${parameters.map((name) => JSON.stringify(name)).join()}]`;
  return `${list}\n${source}`;
}
