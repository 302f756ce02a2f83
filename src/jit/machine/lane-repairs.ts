/**
 * Lanes outside of the usual range of a function of the math library: how code has them computed anew.
 *
 * Where the function's usual range was computed in lanes, one test and one jump that is hardly ever taken ask whether all lanes
 * were in it. If not, out-of-line code puts what there is into memory and calls a routine that computes the other lanes
 * by the scalar function, one by one. The routine preserves every register but the scratch of emission, so nothing in the
 * loop knows of it.
 *
 *     [rsp]          results: right in usual lanes; in others the first of two arguments, or anything
 *     [rsp + W]      the only argument, or the second, of all lanes
 *     [rsp + 2 W]    a bit for each lane that is usual
 *
 * where W is the size of a vector. The function's address is in `r11`.
 */
import type { Address } from '../../native/address.ts';
import { elementAt } from '../../support/element.ts';
import { invariant } from '../../support/invariant.ts';
import type { Label } from '../code/label.ts';
import type { Assembler } from '../x64/assembler.ts';
import { instructionOf } from '../x64/instruction.ts';
import { dwordPtr, ptr } from '../x64/memory.ts';
import { eax, type Gp64, gp32, gp64, r12, r13, rax, rbp, rbx, rsp, xmm, ymm, zmm } from '../x64/register.ts';
import { Gpr, generalScratch } from './convention.ts';
import { MachineOp } from './operations.ts';
import { mask, type Places } from './places.ts';
import type { VectorEmission } from './vector-emission.ts';

export interface RepairTargets {
  readonly repair: (arity: 1 | 2) => Address;
  /** Lanes that the routine repairs. */
  readonly repairLanes: number;
  readonly mathAddress: (index: number) => Address;
  readonly mathName: (index: number) => string;
}

interface Repair {
  readonly label: Label;
  readonly back: Label;
  readonly operation: number;
  readonly index: number;
  readonly result: number;
  readonly isUsual: number;
  readonly argument: number;
}

/** The repairs of one function. */
export class LaneRepairs {
  readonly #assembler: Assembler;
  readonly #places: Places;
  readonly #vectors: VectorEmission;
  readonly #targets: RepairTargets;
  readonly #pending: Repair[] = [];

  constructor(assembler: Assembler, places: Places, vectors: VectorEmission, targets: RepairTargets) {
    this.#assembler = assembler;
    this.#places = places;
    this.#vectors = vectors;
    this.#targets = targets;
  }

  /** The test and the jump. `index` is the function's number; the result stands where the value did that may need repair. */
  emit(operation: number, index: number, result: number, isUsual: number, argument: number): void {
    invariant(this.#places.lanes === this.#targets.repairLanes, 'repairs are of the widest vectors');
    const a = this.#assembler;
    const [label, back] = [a.code.newLabel(), a.code.newLabel()];
    const isMask = operation === MachineOp.RepairK || operation === MachineOp.RepairBothK;
    this.#vectors.testAll(isMask, isUsual);
    if (isMask) a.jae(label);
    else a.jne(label);
    a.bind(back);
    this.#pending.push({ label, back, operation, index, result, isUsual, argument });
  }

  /** What the jumps lead to. */
  emitRare(): void {
    for (const repair of this.#pending) this.#emitOne(repair);
  }

  #emitOne({ label, back, operation, index, result, isUsual, argument }: Repair): void {
    const a = this.#assembler;
    const places = this.#places;
    const size = places.lanes * 8;
    const store = instructionOf(places.lanes === 2 ? 'movups' : 'vmovups');
    const bits = elementAt(gp32, generalScratch);
    const isOfBoth = operation === MachineOp.RepairBoth || operation === MachineOp.RepairBothK;
    a.bind(label);
    if (operation === MachineOp.RepairK || operation === MachineOp.RepairBothK) a.kmovw(bits, mask(isUsual));
    a.sub(rsp, frameSizeOf(places.lanes));
    a.emit(store, ptr(rsp), places.laneRegister(result));
    a.emit(store, ptr(rsp, size), places.laneRegister(argument));
    a.mov(dwordPtr(rsp, 2 * size), bits);
    a.movabs(elementAt(gp64, generalScratch), this.#targets.mathAddress(index));
    a.callAddress(this.#targets.repair(isOfBoth ? 2 : 1), `repair ${this.#targets.mathName(index)}`);
    a.emit(store, places.laneRegister(result), ptr(rsp));
    a.add(rsp, frameSizeOf(places.lanes));
    a.jmp(back);
  }
}

/** What stands on the stack, and keeps its alignment. */
function frameSizeOf(lanes: number): number {
  return 2 * lanes * 8 + 16;
}

/** Bytes of stack that a call of the math library takes at the most, and that a repair does. A test adds them up. */
export const callStack = 512;
export const repairStack = 3072;

/** What the scalar functions may overwrite. */
const overwritten = [Gpr.Rax, Gpr.Rcx, Gpr.Rdx, Gpr.Rsi, Gpr.Rdi, Gpr.R8, Gpr.R9, Gpr.R10];
/** What the routine has across their calls. */
const kept = [Gpr.Rbx, Gpr.Rbp, Gpr.R12, Gpr.R13];
/** Scalar functions have no others. */
const vectorCount = 16;

/** Emits the routine that repairs lanes by a function of so many arguments. */
export function emitRepairRoutine(a: Assembler, lanes: 2 | 4 | 8, arity: 1 | 2): void {
  const registers: readonly Gp64[] = [...overwritten, ...kept].map((id) => elementAt(gp64, id));
  const size = lanes * 8;
  const vectors = (lanes === 2 ? xmm : lanes === 4 ? ymm : zmm).slice(0, vectorCount);
  const move = instructionOf(lanes === 2 ? 'movups' : 'vmovups');
  const moveOne = instructionOf(lanes === 2 ? 'movsd' : 'vmovsd');
  const [fn, frame, left, lane] = [rbx, rbp, r12, r13];
  const [leftHalf, laneHalf] = [elementAt(gp32, Gpr.R12), elementAt(gp32, Gpr.R13)];
  const [first, second] = [elementAt(xmm, 0), elementAt(xmm, 1)];
  const [next, done] = [a.code.newLabel(), a.code.newLabel()];
  for (const register of registers) a.push(register);
  a.mov(fn, elementAt(gp64, generalScratch));
  a.lea(frame, ptr(rsp, (registers.length + 1) * 8));
  a.sub(rsp, vectorCount * size);
  vectors.forEach((vector, i) => {
    a.emit(move, ptr(rsp, i * size), vector);
  });
  a.mov(leftHalf, dwordPtr(frame, 2 * size));
  a.xor(leftHalf, (1 << lanes) - 1);
  a.and(leftHalf, (1 << lanes) - 1);
  a.bind(next);
  a.bsf(laneHalf, leftHalf);
  a.je(done);
  const [result, argument] = [ptr(frame, lane, 8), ptr(frame, lane, 8, size)];
  a.emit(moveOne, first, arity === 1 ? argument : result);
  if (arity === 2) a.emit(moveOne, second, argument);
  a.call(fn);
  a.emit(moveOne, ptr(frame, lane, 8), first);
  a.lea(rax, ptr(left, -1));
  a.and(leftHalf, eax);
  a.jmp(next);
  a.bind(done);
  vectors.forEach((vector, i) => {
    a.emit(move, vector, ptr(rsp, i * size));
  });
  a.add(rsp, vectorCount * size);
  for (const register of [...registers].reverse()) a.pop(register);
  a.ret();
}
