import type { Addon, SessionCalls } from './addon.ts';
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
  const { invoke, runKernel, startKernel } = addon.openSession(frame, request, dispatcher);
  return { frame, request, invoke, runKernel, startKernel };
}

let opened: Session | undefined;
let dispatch: (() => void) | undefined;

/** The session of this evaluation of the modules. Throws `NativeUnavailableError` without the addon. */
export function ownSession(): Session {
  opened ??= openSession(requireAddon(), () => dispatch?.());
  return opened;
}

/** From now on `dispatcher` answers what machine code asks in {@link ownSession}. */
export function answerHostCalls(dispatcher: () => void): void {
  dispatch = dispatcher;
}
