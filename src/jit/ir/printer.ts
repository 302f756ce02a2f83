/** IR as text; `parser.ts` reads it back. The form is shown at the head of `function.ts`. */
import { maybeAt } from '../../support/element.ts';
import { hasOwn } from '../../support/own.ts';
import {
  type Block,
  type Edge,
  type Global,
  type HostFunction,
  hostParameters,
  hostResult,
  type IrFunction,
  type IrModule,
  type Terminator,
  type TypedHostFunction,
  type Value,
} from './function.ts';
import { op } from './opcode.ts';
import { lanesOf } from './type.ts';

/** A whole module: its hosts, then its functions. */
export function printModule(module: IrModule): string {
  const parts = [...module.hosts.map(printHost), ...module.globals.map(printGlobal)];
  for (const fn of module.functions) {
    if (parts.length > 0) parts.push('\n');
    parts.push(printFunction(fn, module));
  }
  return parts.join('');
}

function printHost(host: HostFunction | TypedHostFunction): string {
  if (hasOwn(host, 'arity')) return `host ${printName(host.name)}(${host.arity})\n`;
  return `host ${printName(host.name)}(${hostParameters(host).join(', ')}): ${hostResult(host)}\n`;
}

function printGlobal({ name, type, initial }: Global): string {
  return `global ${printName(name)}: ${type} = ${printConstant(initial)}\n`;
}

/** One function; the module, if given, supplies the names of its hosts. */
export function printFunction(fn: IrFunction, module?: IrModule): string {
  const entry = fn.blocks[0];
  const parameters = (entry?.parameters ?? []).map((parameter) => parameter.type).join(', ');
  const lines = [`function ${printName(fn.name)}(${parameters}): ${fn.result} {`];
  for (const block of fn.blocks) printBlock(block, lines, module);
  lines.push('}\n');
  return lines.join('\n');
}

/** One instruction without indentation. */
export function printInstruction(value: Value, module?: IrModule): string {
  const opcode = value.op;
  if (opcode === undefined) return typed(value);
  const impliesType = opcode.result !== undefined || (opcode === op.callhost && value.type === 'f64');
  const result = impliesType && lanesOf(value.type) === 1 ? name(value) : typed(value);
  const operands = value.operands.map(name).join(', ');
  switch (opcode) {
    case op.fconst:
    case op.bconst:
    case op.iconst:
    case op.fbits:
      return `${result} = ${opcode.name} ${printConstant(value.immediate)}`;
    case op.getglobal:
      return `${result} = ${opcode.name} ${printName(String(value.immediate))}`;
    case op.call:
    case op.setglobal:
    case op.callmath:
    case op.ftable:
    case op.tableaddress:
    case op.frepair:
      return `${result} = ${opcode.name} ${printName(String(value.immediate))}(${operands})`;
    case op.give:
    case op.load:
    case op.store:
    case op.mload:
    case op.mstore:
    case op.mread:
    case op.mwrite:
    case op.bound:
    case op.stack:
    case op.look:
    case op.taken:
    case op.ilane:
    case op.ibit:
    case op.pairs:
    case op.permute16:
      return `${result} = ${opcode.name} ${String(value.immediate)}(${operands})`;
    case op.callhost: {
      const host =
        maybeAt(module?.hosts ?? [], Number(value.immediate))?.name ?? `#${String(value.immediate)}`;
      return `${result} = callhost ${printName(host)}(${operands})`;
    }
    default:
      return `${result} = ${opcode.name} ${operands}`;
  }
}

function printBlock(block: Block, lines: string[], module: IrModule | undefined): void {
  lines.push(`b${block.id}(${block.parameters.map(typed).join(', ')}):`);
  for (const instruction of block.instructions) lines.push(`  ${printInstruction(instruction, module)}`);
  lines.push(`  ${printTerminator(block.terminator)}`);
}

function printTerminator(terminator: Terminator | undefined): string {
  switch (terminator?.kind) {
    case 'jump':
      return `jump ${edge(terminator.edge)}`;
    case 'branch':
      return `branch ${name(terminator.condition)}, ${edge(terminator.whenTrue)}, ${edge(terminator.whenFalse)}`;
    case 'switch': {
      const cases = terminator.cases.map((each) => `${each.value}: ${edge(each.edge)}`);
      return `switch ${name(terminator.value)}, [${cases.join(', ')}], ${edge(terminator.otherwise)}`;
    }
    case 'return':
      return `return ${name(terminator.value)}`;
    default:
      return '; not terminated';
  }
}

function edge({ target, args }: Edge): string {
  return args.length === 0 ? `b${target.id}` : `b${target.id}(${args.map(name).join(', ')})`;
}

function name(value: Value): string {
  return `v${value.id}`;
}

function typed(value: Value): string {
  return `v${value.id}: ${value.type}`;
}

function printConstant(constant: unknown): string {
  return Object.is(constant, -0) ? '-0' : String(constant);
}

/** Names that are no identifiers are quoted as in JSON. */
function printName(text: string): string {
  return /^[\p{L}_$][\p{L}\p{M}\p{N}_$]*$/u.test(text) ? text : JSON.stringify(text);
}
