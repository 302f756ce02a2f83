/**
 * Where values live and when they are used next: what the register allocator looks at.
 *
 * A position is the number of an instruction plus one, so that 0 means "never". Inside a block one walk backward
 * writes behind each operand the position of its next use. Across blocks, each value is carried from the blocks that
 * use it up to the one that defines it (Boissinot et al., "Computing Liveness Sets for SSA-Form Programs", 2011), which
 * takes time and space in the size of the live sets only. Constants belong to no block: each block takes them from
 * memory anew.
 *
 * Positions of later blocks are higher, so the position of the next use also serves as its distance. Around a back
 * edge the next use counts as right behind the loop's last block: farther than all uses left in this iteration.
 *
 * On the way up hints are collected: the place in which a value will be wanted, so that no move is needed there.
 *
 * Problem: live sets are quadratic where many values live across many blocks (`let a1 = …; let a2 = …; …` and as many
 * conditionals below). Answer: once the lists have as many entries as the function can afford ({@link affordableEntries}),
 * each further value that lives through more than a few blocks becomes *resident*: it is stored where it is defined, which
 * dominates all its uses, and from then on it belongs to no block, as a constant. So the lists are linear in the code.
 */
import { grown, withRoom } from '../../support/growable.ts';
import { PredecessorLists } from '../ir/predecessors.ts';
import { ArgumentAssigner, type Convention, resultLocation } from './convention.ts';
import { isRegister, MemoryKind } from './location.ts';
import { extraWords, instructionWords, type MachineFunction, Word } from './machine-function.ts';
import { MachineOp, operations } from './operations.ts';

const noHint = -1;

/** A hint that is the place of another value, which is decided during allocation. */
function hintOfVreg(vreg: number): number {
  return -2 - vreg;
}

/** Blocks through which a value may live that is not resident, once the lists are long. */
const mostBlocksOfOne = 8;

/** Entries of live-in lists beyond which values become resident; no formula of a few thousand characters has so many. */
function affordableEntries({ instructionCount }: MachineFunction): number {
  return 65_536 + 4 * instructionCount;
}

/** Results of {@link analyse}; scratch that is reused from function to function. */
export class Liveness {
  /** By vreg: position of the first use after its definition; 0 if unused or constant. */
  firstUse = new Int32Array(256);
  /** By vreg: no use and no live block lies beyond this position. */
  lastPosition = new Int32Array(256);
  /** By vreg: a register, a {@link hintOfVreg}, or {@link noHint}. */
  hints = new Int32Array(256);

  /** By block: the first node of its list of live-in values, or -1. */
  liveHead = new Int32Array(64);
  nodeNext = new Int32Array(256);
  nodeVreg = new Int32Array(256);
  /** Position of the next use of the value from the start of the block. */
  nodeUse = new Int32Array(256);
  nodeCount = 0;

  hasResidents = false;
  /** By vreg: 1 if it is resident. Valid only with {@link hasResidents}, as are the next three. */
  isResident = new Uint8Array(0);
  /** By vreg. */
  definingBlock = new Int32Array(0);
  /** By block: the first resident that it defines, or -1; by vreg, the next of the same block. */
  residentHead = new Int32Array(0);
  residentNext = new Int32Array(0);

  prepare(fn: MachineFunction): void {
    this.firstUse = withRoom(this.firstUse, fn.vregCount);
    this.lastPosition = withRoom(this.lastPosition, fn.vregCount);
    this.hints = withRoom(this.hints, fn.vregCount);
    this.firstUse.fill(0, 0, fn.vregCount);
    this.lastPosition.fill(0, 0, fn.vregCount);
    this.hints.fill(noHint, 0, fn.vregCount);
    this.liveHead = withRoom(this.liveHead, fn.blockCount);
    this.liveHead.fill(-1, 0, fn.blockCount);
    this.nodeCount = 0;
    this.hasResidents = false;
  }

  addResident(vreg: number, definingBlock: Int32Array<ArrayBuffer>, blockCount: number): void {
    if (!this.hasResidents) {
      this.hasResidents = true;
      this.isResident = new Uint8Array(definingBlock.length);
      this.definingBlock = definingBlock;
      this.residentHead = new Int32Array(blockCount).fill(-1);
      this.residentNext = new Int32Array(definingBlock.length);
    }
    const block = definingBlock[vreg] as number;
    this.isResident[vreg] = 1;
    this.residentNext[vreg] = this.residentHead[block] as number;
    this.residentHead[block] = vreg;
  }

  addLiveIn(block: number, vreg: number): void {
    const node = this.nodeCount++;
    if (node >= this.nodeNext.length) {
      this.nodeNext = grown(this.nodeNext, node + 1);
      this.nodeVreg = grown(this.nodeVreg, node + 1);
      this.nodeUse = grown(this.nodeUse, node + 1);
    }
    this.nodeVreg[node] = vreg;
    this.nodeNext[node] = this.liveHead[block] as number;
    this.liveHead[block] = node;
  }
}

export interface LivenessOptions {
  readonly convention: Convention;
  /** Does the value that is returned belong in the result register? Not in a frame body, which stores it. */
  readonly returnsInRegister: boolean;
  /** Instead of {@link affordableEntries}, for tests. */
  readonly affordableEntries?: number | undefined;
}

/** Fills `liveness`, and the words for next uses in the code of `fn`. */
export function analyse(fn: MachineFunction, liveness: Liveness, options: LivenessOptions): void {
  liveness.prepare(fn);
  if (fn.blockCount > 1) findLiveIn(fn, liveness, options.affordableEntries ?? affordableEntries(fn));
  const scan = new BlockScan(fn, liveness, options);
  for (let block = fn.blockCount - 1; block >= 0; block--) scan.run(block);
}

/** Walks blocks backward, last block first. */
class BlockScan {
  readonly #fn: MachineFunction;
  readonly #liveness: Liveness;
  readonly #options: LivenessOptions;
  /** By vreg, while its block is walked: the next use below. Ends as `firstUse`. */
  readonly #next: Int32Array;
  /** What the block has used and neither defines nor hands up: constants, and residents of other blocks. */
  readonly #taken: number[] = [];
  #block = 0;
  readonly #hasResidents: boolean;

  constructor(fn: MachineFunction, liveness: Liveness, options: LivenessOptions) {
    this.#fn = fn;
    this.#liveness = liveness;
    this.#options = options;
    this.#next = liveness.firstUse;
    this.#hasResidents = liveness.hasResidents;
  }

  run(block: number): void {
    const fn = this.#fn;
    const { code } = fn;
    const first = fn.blockStart[block] as number;
    const last = (fn.blockStart[block + 1] as number) - 1;
    this.#block = block;
    if (fn.blockCount > 1) this.#enterFromSuccessors(block, last);
    const { hints } = this.#liveness;
    for (let i = last; i >= first; i--) {
      const at = i * instructionWords;
      const operation = operations[code[at] as number];
      if (operation === undefined) continue;
      const position = i + 1;
      const { kind } = operation;
      if (kind === 'call') {
        this.#call(at, position);
        continue;
      }
      if (kind === 'jump') {
        this.#jump(at, position);
        continue;
      }
      const count = operation.operands.length;
      if (count > 2) this.#use(at + Word.C, at + Word.NextC, position);
      if (count > 1) this.#use(at + Word.B, at + Word.NextB, position);
      if (count > 0) this.#use(at + Word.A, at + Word.NextA, position);
      if (operation.tied !== 'never') {
        if (code[at + Word.NextA] === 0) {
          const hint = hints[code[at + Word.Result] as number] as number;
          if (hint !== noHint) hints[code[at + Word.A] as number] = hint;
        }
      } else if (kind === 'return' && this.#options.returnsInRegister) {
        const returned = code[at + Word.A] as number;
        hints[returned] = resultLocation(fn.classes[returned] as number);
      }
    }
    if (fn.blockCount > 1) this.#leave(block);
  }

  #use(at: number, nextAt: number, position: number): void {
    const { code } = this.#fn;
    this.#useOf(code[at] as number, position, code, nextAt);
  }

  #useOf(vreg: number, position: number, words: Int32Array, nextAt: number): void {
    const next = this.#next;
    const following = next[vreg] as number;
    words[nextAt] = following;
    if (following === 0) {
      const { lastPosition } = this.#liveness;
      if ((lastPosition[vreg] as number) < position) lastPosition[vreg] = position;
      if (this.#fn.isConstant(vreg) || (this.#hasResidents && this.#isResidentOfOther(vreg))) {
        this.#taken.push(vreg);
      }
    }
    next[vreg] = position;
  }

  #isResidentOfOther(vreg: number): boolean {
    const { isResident, definingBlock } = this.#liveness;
    return isResident[vreg] === 1 && definingBlock[vreg] !== this.#block;
  }

  #call(at: number, position: number): void {
    const fn = this.#fn;
    const { code, extra } = fn;
    const start = code[at + Word.A] as number;
    const count = code[at + Word.B] as number;
    for (let i = start + count - 1; i >= start; i--) {
      this.#useOf(extra[i * extraWords] as number, position, extra, i * extraWords + 1);
    }
    if (code[at] === MachineOp.CallHost || code[at] === MachineOp.CallLanes) return;
    const { hints } = this.#liveness;
    if (code[at] === MachineOp.CallMath) {
      for (let i = 0; i < count; i++) hints[extra[(start + i) * extraWords] as number] = i;
      return;
    }
    const assigner = new ArgumentAssigner(this.#options.convention, MemoryKind.Outgoing);
    for (let i = start; i < start + count; i++) {
      const vreg = extra[i * extraWords] as number;
      const location = assigner.next(fn.classes[vreg] as number);
      if (isRegister(location)) hints[vreg] = location;
    }
  }

  #jump(at: number, position: number): void {
    const fn = this.#fn;
    const { code, extra } = fn;
    const start = code[at + Word.A] as number;
    const parameters = fn.blockParameters[code[at + Word.C] as number] as number;
    for (let i = (code[at + Word.B] as number) - 1; i >= 0; i--) {
      const vreg = extra[(start + i) * extraWords] as number;
      this.#useOf(vreg, position, extra, (start + i) * extraWords + 1);
      this.#liveness.hints[vreg] = hintOfVreg(extra[(parameters + i) * extraWords] as number);
    }
  }

  /** Next uses of what is live at the end of the block. */
  #enterFromSuccessors(block: number, last: number): void {
    const fn = this.#fn;
    const at = last * instructionWords;
    const operation = operations[fn.code[at] as number];
    if (operation?.kind === 'jump') {
      this.#enterFrom(fn.code[at + Word.C] as number, block, last);
    } else if (operation?.kind === 'branch') {
      this.#enterFrom(fn.code[at + Word.C] as number, block, last);
      this.#enterFrom(fn.code[at + Word.NextC] as number, block, last);
    }
    if (!this.#hasResidents) return;
    const { residentHead, residentNext } = this.#liveness;
    // Their uses elsewhere count as right behind the block.
    for (let vreg = residentHead[block] as number; vreg >= 0; vreg = residentNext[vreg] as number) {
      this.#next[vreg] = last + 2;
    }
  }

  #enterFrom(successor: number, block: number, last: number): void {
    const { liveHead, nodeNext, nodeVreg, nodeUse } = this.#liveness;
    const next = this.#next;
    for (let node = liveHead[successor] as number; node >= 0; node = nodeNext[node] as number) {
      const vreg = nodeVreg[node] as number;
      const use = successor > block ? (nodeUse[node] as number) : last + 2;
      const known = next[vreg] as number;
      if (known === 0 || use < known) next[vreg] = use;
    }
  }

  /** Hands what is live at the start of the block to its list; what is defined in the block keeps its first use. */
  #leave(block: number): void {
    const { liveHead, nodeNext, nodeVreg, nodeUse } = this.#liveness;
    const next = this.#next;
    for (let node = liveHead[block] as number; node >= 0; node = nodeNext[node] as number) {
      const vreg = nodeVreg[node] as number;
      nodeUse[node] = next[vreg] as number;
      next[vreg] = 0;
    }
    for (const vreg of this.#taken) next[vreg] = 0;
    this.#taken.length = 0;
  }
}

function findLiveIn(fn: MachineFunction, liveness: Liveness, affordable: number): void {
  const { code, extra, blockCount, vregCount } = fn;
  const definingBlock = new Int32Array(vregCount);
  for (let block = 0; block < blockCount; block++) {
    const start = fn.blockParameters[block] as number;
    for (let i = start; i < start + (fn.blockParameterCount[block] as number); i++) {
      definingBlock[extra[i * extraWords] as number] = block;
    }
    for (let i = fn.blockStart[block] as number; i < (fn.blockStart[block + 1] as number); i++) {
      const result = code[i * instructionWords + Word.Result] as number;
      if (result >= 0) definingBlock[result] = block;
    }
  }
  // By vreg: the blocks that use it and do not define it, as a list of nodes.
  const useHead = new Int32Array(vregCount).fill(-1);
  const usingBlocks: number[] = [];
  const useNext: number[] = [];
  const noteUse = (vreg: number, block: number): void => {
    if (definingBlock[vreg] === block || fn.isConstant(vreg)) return;
    const head = useHead[vreg] as number;
    if (head >= 0 && usingBlocks[head] === block) return;
    useHead[vreg] = usingBlocks.length;
    usingBlocks.push(block);
    useNext.push(head);
  };
  forEachUse(fn, noteUse);

  const { start: predecessorStart, sources: predecessorList } = machinePredecessors(fn);
  const mark = new Int32Array(blockCount).fill(-1);
  const pending: number[] = [];
  const visited: number[] = [];
  const { lastPosition } = liveness;
  for (let vreg = 0; vreg < vregCount; vreg++) {
    const home = definingBlock[vreg] as number;
    const most = liveness.nodeCount < affordable ? Number.POSITIVE_INFINITY : mostBlocksOfOne;
    visited.length = 0;
    for (
      let use = useHead[vreg] as number;
      use >= 0 && visited.length <= most;
      use = useNext[use] as number
    ) {
      pending.push(usingBlocks[use] as number);
      for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
        if (mark[block] === vreg) continue;
        mark[block] = vreg;
        visited.push(block);
        if (visited.length > most) break;
        for (let i = predecessorStart[block] as number; i < (predecessorStart[block + 1] as number); i++) {
          const predecessor = predecessorList[i] as number;
          const end = fn.blockStart[predecessor + 1] as number;
          if ((lastPosition[vreg] as number) < end) lastPosition[vreg] = end;
          if (predecessor !== home) pending.push(predecessor);
        }
      }
      pending.length = 0;
    }
    if (visited.length > most) {
      liveness.addResident(vreg, definingBlock, blockCount);
      // Its slot is never another's: where control goes round, a later position may be an earlier time.
      lastPosition[vreg] = fn.instructionCount + 1;
    } else {
      for (let i = 0; i < visited.length; i++) liveness.addLiveIn(visited[i] as number, vreg);
    }
  }
}

/** Visits every operand of every instruction, with the block in which it is used. */
function forEachUse(fn: MachineFunction, visit: (vreg: number, block: number) => void): void {
  const { code, extra } = fn;
  for (let block = 0; block < fn.blockCount; block++) {
    for (let i = fn.blockStart[block] as number; i < (fn.blockStart[block + 1] as number); i++) {
      const at = i * instructionWords;
      const operation = operations[code[at] as number];
      if (operation === undefined) continue;
      if (operation.kind === 'call' || operation.kind === 'jump') {
        const start = code[at + Word.A] as number;
        const count = code[at + Word.B] as number;
        for (let k = start; k < start + count; k++) visit(extra[k * extraWords] as number, block);
      } else {
        for (let k = 0; k < operation.operands.length; k++) visit(code[at + Word.A + k] as number, block);
      }
    }
  }
}

/** Blocks to which the last instruction of `block` goes: the second is -1 if there is one only. */
export function machineSuccessors(fn: MachineFunction, block: number): readonly [number, number] {
  const at = ((fn.blockStart[block + 1] as number) - 1) * instructionWords;
  const operation = operations[fn.code[at] as number];
  if (operation?.kind === 'jump') return [fn.code[at + Word.C] as number, -1];
  if (operation?.kind === 'branch') {
    return [fn.code[at + Word.C] as number, fn.code[at + Word.NextC] as number];
  }
  return [-1, -1];
}

function machinePredecessors(fn: MachineFunction): PredecessorLists {
  const lists = new PredecessorLists(fn.predecessorCount, fn.blockCount);
  for (let block = 0; block < fn.blockCount; block++) {
    for (const successor of machineSuccessors(fn, block)) if (successor >= 0) lists.add(successor, block);
  }
  return lists;
}
