import { apply } from '../support/intrinsics.ts';
import { askFirst } from '../support/stack-reserve.ts';
import type { Addon, SessionCalls } from './addon.ts';
import type { Address } from './address.ts';
import { frameLength } from './frame.ts';
import { kernelRequestLength } from './kernel-request.ts';
import { requireAddon } from './loader.ts';

/**
 * Calls into machine code and back: a frame (`frame.ts`), a kernel request (`kernel-request.ts`) and a dispatcher.
 *
 * Who holds the session can enter any code of this environment, at any byte. So nothing of it is exported from the package,
 * and frame and request never are the receiver of a method or an argument of a function that somebody could have replaced.
 */
export interface Session extends SessionCalls {
  readonly frame: Float64Array;
  readonly request: Float64Array;
}

/** A new session; it ends with its environment. */
export function openSession(addon: Addon, dispatcher: () => void): Session {
  const frame = new Float64Array(new SharedArrayBuffer(frameLength * 8));
  const request = new Float64Array(new SharedArrayBuffer(kernelRequestLength * 8));
  const calls = addon.openSession(frame, request, dispatcher, javascriptStackLimit(addon));
  return { frame, request, ...calls };
}

/**
 * The lowest address of the stack from which JavaScript can be called in this thread. Nobody tells: engines, embedders, flags and
 * limits of workers set it. So the stack is used up once.
 */
function javascriptStackLimit(addon: Addon): Address {
  const { stackAddress } = addon;
  let lowest = stackAddress();
  // Many arguments make frames large, so that there are few. Something is left to be done after each call, or it were a jump in
  // JavaScriptCore.
  const padding = new Array<number>(1000).fill(0);
  const descend = (): number => {
    lowest = stackAddress();
    return apply<unknown, number[], number>(descend, undefined, padding) + 1;
  };
  try {
    descend();
  } catch {
    // The stack is used up.
  }
  return lowest;
}

let opened: Session | undefined;
let dispatch: (() => void) | undefined;

/** The session of this evaluation of the modules. Throws `NativeUnavailableError` without the addon. */
export function ownSession(): Session {
  if (opened === undefined) {
    opened = openSession(requireAddon(), () => dispatch?.());
    askFirst(opened.hasAmpleStack);
  }
  return opened;
}

/** From now on `dispatcher` answers what machine code asks in {@link ownSession}. */
export function answerHostCalls(dispatcher: () => void): void {
  dispatch = dispatcher;
}
