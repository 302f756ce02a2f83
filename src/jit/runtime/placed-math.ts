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
  readonly #placed = new Map<string, Address>();

  constructor(runtime: JitRuntime, level: FeatureLevel, convention: Convention) {
    this.#runtime = runtime;
    this.#level = level;
    this.#convention = convention;
  }

  readonly entryOf = (name: string): Address =>
    this.#once(name, () => mathFunctionCode(name, this.#level, this.#convention));

  readonly overwrittenBy = (name: string): RegisterSets =>
    mathFunctionCode(name, this.#level, this.#convention).overwritten;

  readonly tableOf = (name: string): Address =>
    this.#once(`table ${name}`, () => mathTableCode(name, this.#level));

  readonly repairOf = (arity: 1 | 2): Address =>
    this.#once(`repair ${arity}`, () => mathRepairCode(this.#level, arity));

  #once(name: string, piece: () => MathPiece): Address {
    const known = this.#placed.get(name);
    if (known !== undefined) return known;
    const { code, start } = piece();
    const placed = addressAt(this.#runtime.addShared(code, name).address, code.offsetOf(start));
    this.#placed.set(name, placed);
    return placed;
  }
}

/** This process's CPU and platform, for code that a runtime places. */
export function placedTarget(addon: Addon, runtime: JitRuntime, overrides?: Partial<Target>): Target {
  const target = hostTarget(addon, overrides);
  return { ...target, math: new PlacedMath(runtime, target.level, target.convention) };
}
