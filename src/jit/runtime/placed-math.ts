import type { Addon } from '../../native/addon.ts';
import { type Address, addressAt } from '../../native/address.ts';
import type { Convention } from '../machine/convention.ts';
import type { FeatureLevel } from '../machine/feature-level.ts';
import type { Target } from '../machine/generate.ts';
import { hostTarget } from '../machine/host-target.ts';
import { type MathPiece, mathFunctionCode, mathRepairCode, mathTableCode } from '../machine/math-code.ts';
import type { MathLinks } from '../machine/math-links.ts';
import type { RegisterSets } from '../machine/register-sets.ts';
import type { JitRuntime } from './jit-runtime.ts';

/** The math library in the memory of a runtime: each piece is placed when code first asks for it, and stays as long as the runtime. */
export class PlacedMath implements MathLinks {
  readonly #runtime: JitRuntime;
  readonly #level: FeatureLevel;
  readonly #convention: Convention;
  readonly #functions = new Map<string, Address>();
  readonly #overwritten = new Map<string, RegisterSets>();
  readonly #tables = new Map<string, Address>();
  readonly #repairs = new Map<1 | 2, Address>();

  constructor(runtime: JitRuntime, level: FeatureLevel, convention: Convention) {
    this.#runtime = runtime;
    this.#level = level;
    this.#convention = convention;
  }

  readonly entryOf = (name: string): Address =>
    this.#functions.get(name) ??
    this.#place(this.#functions, name, name, mathFunctionCode(name, this.#level, this.#convention));

  readonly overwrittenBy = (name: string): RegisterSets => {
    const known = this.#overwritten.get(name);
    if (known !== undefined) return known;
    const { overwritten } = mathFunctionCode(name, this.#level, this.#convention);
    this.#overwritten.set(name, overwritten);
    return overwritten;
  };

  readonly tableOf = (name: string): Address =>
    this.#tables.get(name) ??
    this.#place(this.#tables, name, `table ${name}`, mathTableCode(name, this.#level));

  readonly repairOf = (arity: 1 | 2): Address =>
    this.#repairs.get(arity) ??
    this.#place(this.#repairs, arity, `repair ${arity}`, mathRepairCode(this.#level, arity));

  #place<Key>(placed: Map<Key, Address>, key: Key, name: string, { code, start }: MathPiece): Address {
    const address = addressAt(this.#runtime.addShared(code, name).address, code.offsetOf(start));
    placed.set(key, address);
    return address;
  }
}

/** This process's CPU and platform, for code that a runtime places. */
export function placedTarget(addon: Addon, runtime: JitRuntime, overrides?: Partial<Target>): Target {
  const target = hostTarget(addon, overrides);
  return { ...target, math: new PlacedMath(runtime, target.level, target.convention) };
}
