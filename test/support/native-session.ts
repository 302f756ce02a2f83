import { requireAddon } from '../../src/native/loader.ts';
import { type TestAddon, withSession } from '../native/fresh-addon.ts';
import { lazy } from './lazy.ts';

/** The addon with a session of its own, and three views of its frame. */
export interface NativeSession {
  readonly addon: TestAddon;
  readonly frame: Float64Array;
  readonly integers: BigInt64Array;
  readonly words: Int32Array;
}

/** Opened when it is asked for, so that files of tests load also where there is no addon. */
export function nativeSession(): () => NativeSession {
  return lazy(() => {
    const addon = withSession(requireAddon());
    const { frame } = addon;
    return {
      addon,
      frame,
      integers: new BigInt64Array(frame.buffer, frame.byteOffset, frame.length),
      words: new Int32Array(frame.buffer, frame.byteOffset, frame.length * 2),
    };
  });
}
