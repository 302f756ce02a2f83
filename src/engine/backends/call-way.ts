/**
 * How calls enter machine code that neither traps nor calls back: as V8's fast calls where they are to be had and work, else by
 * Node-API like all others. `EXPRJIT_CALLS=node-api` asks for the latter.
 */
import { allocatorVirtMem } from '../../mem/virt-mem.ts';
import { MemoryFlags } from '../../mem/virt-mem-backend.ts';
import { type FastCall, type FastFunctions, openFastCalls } from '../../native/fast-calls.ts';
import { FrameSlot, frameOffset } from '../../native/frame.ts';
import { KernelRequestSlot, KernelStatus } from '../../native/kernel-request.ts';
import { loadAddon } from '../../native/loader.ts';
import type { Session } from '../../native/session.ts';
import { environmentVariable } from '../../support/environment-variable.ts';

export interface CallWay {
  readonly name: 'fast' | 'node-api';
  /** Why not the fast one. */
  readonly reason: string | undefined;
  /** Declines, without a call, where calls go by Node-API. */
  readonly tryInvoke: FastCall;
  /** As {@link tryInvoke}, for `runKnown` and `runPrepared`. */
  readonly tryRunKnown: FastCall;
  readonly tryRunPrepared: FastCall;
}

/** For all calls of the session. Never throws. */
export function chooseCallWay(session: Session): CallWay {
  const { file } = loadAddon();
  if (file === undefined) return byNodeApi('there is no addon');
  if (environmentVariable('EXPRJIT_CALLS') === 'node-api')
    return byNodeApi('EXPRJIT_CALLS asks for Node-API');
  const { functions, reason } = openFastCalls(session, file);
  if (functions === undefined) return byNodeApi(reason);
  if (!passesSelfTest(functions, session)) return byNodeApi('they fail their self-test');
  const { invoke, runKnown, runPrepared } = functions;
  return {
    name: 'fast',
    reason: undefined,
    tryInvoke: invoke,
    tryRunKnown: runKnown,
    tryRunPrepared: runPrepared,
  };
}

function byNodeApi(reason: string): CallWay {
  const decline = () => 0;
  return { name: 'node-api', reason, tryInvoke: decline, tryRunKnown: decline, tryRunPrepared: decline };
}

/** `void entry(frame *)` of System V: the result is the first argument. */
const copying = Uint8Array.of(
  ...[0x48, 0x8b, 0x87, ...int32(frameOffset(FrameSlot.Arguments))], // mov rax, [rdi + argument 0]
  ...[0x48, 0x89, 0x87, ...int32(frameOffset(FrameSlot.Result))], // mov [rdi + Result], rax
  0xc3, // ret
);

function int32(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** Whether code is run, on the session's frame, and what is no code is declined; and whether requests are read. */
function passesSelfTest(
  { invoke, runKnown, runPrepared }: FastFunctions,
  { frame, request }: Session,
): boolean {
  try {
    const size = allocatorVirtMem.info().pageGranularity;
    const mapping = allocatorVirtMem.allocDualMapping(size, MemoryFlags.None);
    try {
      allocatorVirtMem.write(mapping.rw, copying);
      frame[FrameSlot.Entry] = Number.NaN;
      if (invoke() !== 0) return false;
      frame[FrameSlot.Entry] = mapping.rx;
      frame[FrameSlot.Arguments] = Math.PI;
      if (invoke() !== 1 || frame[FrameSlot.Result] !== Math.PI) return false;
      request[KernelRequestSlot.Entry] = mapping.rx;
      request[KernelRequestSlot.RowCount] = 0;
      if (runKnown() !== 0 || request[KernelRequestSlot.Status] !== KernelStatus.BadRequest) return false;
      request[KernelRequestSlot.Prepared] = Number.NaN;
      return runPrepared() === 0;
    } finally {
      allocatorVirtMem.releaseDualMapping(mapping, size);
    }
  } catch {
    return false;
  }
}
