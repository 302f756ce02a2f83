import type { HostFunction } from '../jit/ir/function.ts';
import { type FeatureLevel, featureLevels } from '../jit/machine/feature-level.ts';
import { type Dialect, readDialect } from '../lang/dialect.ts';
import { resolveLimits, type SourceLimits } from '../lang/limits.ts';
import { type JitAllocatorParams, readAllocatorParams } from '../mem/jit-allocator-params.ts';
import { maxArguments } from '../native/frame.ts';
import { cutText } from '../support/cut-text.ts';
import { describeKind, describeValue } from '../support/describe-value.ts';
import { optionNames, readOptions, requireOneOf } from '../support/options.ts';
import { noOptions } from '../support/settings.ts';
import type { BackendChoice, BackendOptions } from './backends/backend.ts';
import { type HostImplementation, isAsynchronous, numberOrBoolean } from './backends/host-call.ts';
import { requireTimeout } from './backends/time-limit.ts';

/** A function of the host that formulas may call. It gets numbers, and gives a number or a boolean: nothing else, no promise. */
export type HostFunctionOption =
  | {
      (...args: number[]): number | boolean;
      /** Tells the two forms apart: functions have a `call` as well. */
      readonly arity?: undefined;
    }
  /** For functions whose `length` does not say how many arguments they take. */
  | {
      readonly arity: number;
      /** Always gets `arity` arguments. */
      readonly call: (...args: number[]) => number | boolean;
    };

/** Bounds on what one source may cost, to compile and to run. */
export interface EngineLimits extends SourceLimits {
  /** Bytes of machine code and constants of one source. */
  readonly codeSize: number;
  /**
   * What one call may spend; beyond it the call throws `TrapError`. A unit is about 100 ns of machine code at the most, and
   * each round of a loop and each call of a recursive function takes one at the least. The default ends a runaway within a
   * tenth of a second to ten seconds: 100 million, 10 million when interpreted. In kernels it is for each row.
   */
  readonly fuel: number;
  /** Milliseconds that a call, or a run over arrays, may take; beyond it it throws `TrapError`. No limit if left out. */
  readonly timeout: number;
}

/** All of an engine's settings; each may be left out. */
export interface EngineOptions {
  /** How executable memory is managed, if code is machine code. `JitRuntime`'s defaults: dual mapping, so no page is writable and executable. */
  readonly allocator?: JitAllocatorParams;
  /** The instruction sets of machine code to use; `auto` takes all that the CPU and the OS support. */
  readonly cpu?: FeatureLevel | 'auto';
  /**
   * `auto` takes WebAssembly where machine code cannot run, and interprets where that cannot either; the others are what they say,
   * or throw.
   */
  readonly backend?: BackendChoice;
  readonly limits?: Partial<EngineLimits>;
  /** Functions of the host by the names formulas call them by. */
  readonly functions?: Readonly<Record<string, HostFunctionOption>>;
  /** Values by the names formulas use. */
  readonly constants?: Readonly<Record<string, number | boolean>>;
  /**
   * Definitions in the language that all sources see, and may replace by their own: `ln(x) = log(x); let PI = pi`. They are read once, and
   * each `let` is evaluated once.
   */
  readonly prelude?: string;
  /** Ways to write that the language does not have, for users who are used to them; none if left out. */
  readonly dialect?: Dialect;
  /** Allows rewrites that change results a little; see the documentation of the language. */
  readonly fastMath?: boolean;
  /**
   * How many compiled sources to keep for when they are compiled again, the least recently used go first. None by
   * default, so that releasing a function gives its memory back.
   */
  readonly cache?: number;
}

/** {@link EngineOptions} that were checked, and completed with defaults. */
export interface ResolvedEngineOptions extends BackendOptions {
  /** Undefined: all defaults. */
  readonly limits: SourceLimits | undefined;
  readonly hosts: readonly HostFunction[];
  /** Implementations by name, as {@link hosts} declares them. */
  readonly hostImplementations: ReadonlyMap<string, HostImplementation>;
  readonly constants: ReadonlyMap<string, number | boolean>;
  readonly prelude: string | undefined;
  /** Undefined: the language itself. */
  readonly dialect: Required<Dialect> | undefined;
  readonly fastMath: boolean;
  readonly cache: number;
}

const defaultCodeSize = 4 * 1024 * 1024;

/** Fuel is kept as the bits of a float64, exact up to here. */
const maxFuel = 2 ** 52 - 1;

const engineOptions = optionNames<EngineOptions>({
  allocator: true,
  cpu: true,
  backend: true,
  limits: true,
  functions: true,
  constants: true,
  prelude: true,
  dialect: true,
  fastMath: true,
  cache: true,
});

const engineLimits = optionNames<EngineLimits>({
  length: true,
  tokens: true,
  nesting: true,
  nodes: true,
  parameters: true,
  codeSize: true,
  fuel: true,
  timeout: true,
});

const hostFunctionOptions = optionNames<{ arity: number; call: unknown }>({ arity: true, call: true });

/**
 * Throws a `TypeError` or `RangeError` that names the option and says what is allowed. Nothing of the caller's is kept but
 * the host functions, and the backend of the allocator.
 */
export function resolveEngineOptions(given: EngineOptions | undefined): ResolvedEngineOptions {
  const options = readOptions<EngineOptions>(given, engineOptions);
  const { cpu = 'auto', backend = 'auto', fastMath = false, cache = 0, prelude } = options;
  const { constants = noOptions, functions: hosts = noOptions } = options;
  requireRecord('constants', constants);
  requireRecord('functions', hosts);
  const allocator = readAllocatorParams(options.allocator, 'allocator');
  requireOneOf('cpu', cpu, ['auto', ...featureLevels]);
  requireOneOf('backend', backend, ['auto', 'native', 'wasm', 'interpreter']);
  requireInteger('cache', cache, 0, Number.MAX_SAFE_INTEGER);
  if (typeof fastMath !== 'boolean')
    throw new TypeError(`fastMath must be a boolean, not ${typeof fastMath}`);
  if (prelude !== undefined && typeof prelude !== 'string')
    throw new TypeError(`prelude must be a string, not ${describeKind(prelude)}`);
  const functions = resolveFunctions(hosts);
  return {
    allocator,
    cpu,
    backend,
    ...resolveEngineLimits(options.limits),
    hosts: functions.map(({ name, arity }) => ({ name, arity })),
    hostImplementations: new Map(
      functions.map(({ name, call }) => [name, { name, run: call, toNumber: numberOrBoolean }]),
    ),
    constants: new Map(Object.entries(constants)),
    prelude,
    dialect: options.dialect === undefined ? undefined : readDialect(options.dialect),
    fastMath,
    cache,
  };
}

function resolveEngineLimits(given: Partial<EngineLimits> | undefined) {
  const limits = readOptions<EngineLimits>(given, engineLimits, 'limits');
  const { codeSize = defaultCodeSize, fuel, timeout, ...source } = limits;
  requireInteger('limits.codeSize', codeSize, 1, Number.MAX_SAFE_INTEGER);
  if (fuel !== undefined) requireInteger('limits.fuel', fuel, 1, maxFuel);
  if (timeout !== undefined) requireTimeout('limits.timeout', timeout);
  const { parameters } = limits;
  if (parameters !== undefined) requireInteger('limits.parameters', parameters, 1, maxArguments);
  const isGiven = Object.values(source).some((limit) => limit !== undefined);
  return { limits: isGiven ? resolveLimits(source) : undefined, codeSize, fuel, timeout };
}

function resolveFunctions(functions: Readonly<Record<string, HostFunctionOption>>) {
  return Object.entries(functions).map(([name, option]) => {
    const what = `functions.${cutText(name)}`;
    const { arity, call } = readFunction(what, option);
    if (typeof call !== 'function') {
      throw new TypeError(`${what} must be a function or { arity, call }, not ${describeValue(option)}`);
    }
    if (isAsynchronous(call)) {
      throw new TypeError(
        `${what} must return a number or a boolean, and async functions and generators do not`,
      );
    }
    requireInteger(`${what}.arity`, arity, 0, maxArguments);
    return { name, arity, call };
  });
}

function readFunction(what: string, option: HostFunctionOption) {
  if (typeof option === 'function') return { arity: option.length, call: option };
  if (typeof option === 'object' && option !== null)
    return readOptions<{ arity: number; call: (...args: number[]) => unknown }>(
      option,
      hostFunctionOptions,
      what,
    );
  return { arity: undefined, call: undefined };
}

/** A `Map` has its entries elsewhere, so that it would count as empty. */
function requireRecord(name: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && !(value instanceof Map)) return;
  throw new TypeError(`${name} must be an object, not ${describeValue(value)}`);
}

function requireInteger(name: string, value: unknown, least: number, most: number): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`);
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${name} must be an integer from ${least} to ${most}, not ${value}`);
}
