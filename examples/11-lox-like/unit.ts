import { type IrBuilder, IrModule, type Value } from 'exprjit/ir';
import type { FunctionDeclaration } from './tokens.ts';

/** What a program can refer to. */
export interface Names {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  /** Where variables of the outermost level are in memory, in bytes. */
  readonly globals: Map<string, number>;
}

/** How many bytes there are for variables of the outermost level; arrays lie behind them. */
export const globalBytes = 1 << 13;

/**
 * A module in the making: a function and all that it calls, or `main`, of statements, whose calls are calls of hosts `call_<name>`.
 * Hosts of every unit: `fail(line)` throws, `print(x)`, `array(length)` gives the place of zeros.
 */
export class Unit {
  readonly module = new IrModule();
  readonly names: Names;
  readonly isMain: boolean;
  /** The functions that are part of it, or that `main` calls. */
  readonly members = new Set<string>();
  readonly pending: FunctionDeclaration[];

  constructor(names: Names, first: FunctionDeclaration, isMain: boolean) {
    this.names = names;
    this.isMain = isMain;
    this.pending = [first];
    if (!isMain) this.members.add(first.name);
    this.module.hosts.push(
      { name: 'fail', arity: 1 },
      { name: 'print', parameters: ['f64'], result: 'void' },
      { name: 'array', arity: 1 },
    );
  }

  /** How many arguments a function takes that is called from here on. */
  arityOf(name: string): number | undefined {
    const declaration = this.names.functions.get(name);
    if (declaration !== undefined && !this.isMain && !this.members.has(name)) this.pending.push(declaration);
    if (declaration !== undefined) this.members.add(name);
    return declaration?.parameters.length;
  }

  declareGlobal(name: string): void {
    const { globals } = this.names;
    if (8 * globals.size === globalBytes) throw new RangeError('too many variables');
    if (!globals.has(name)) globals.set(name, 8 * globals.size);
  }

  call(b: IrBuilder, name: string, args: readonly Value[]): Value {
    if (!this.isMain) return b.call(name, 'f64', ...args);
    const { hosts } = this.module;
    const host = `call_${name}`;
    if (hosts.every((known) => known.name !== host)) hosts.push({ name: host, arity: args.length });
    return b.callHost(host, ...args);
  }
}
