/** What this package takes of its surroundings, in browsers: see `platform.ts`. */

const asyncFunction = Object.getPrototypeOf(async () => {}) as object;
const generatorFunction = Object.getPrototypeOf(function* () {}) as object;

export const isMap = (value: unknown): value is Map<unknown, unknown> => value instanceof Map;
export const isUint8Array = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
export const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;
export const isAsyncFunction = (value: unknown): boolean => isMadeBy(value, asyncFunction);
export const isGeneratorFunction = (value: unknown): boolean => isMadeBy(value, generatorFunction);
/** There is no shared memory but in pages that are isolated from others. */
export const isSharedArrayBuffer = (value: unknown): value is SharedArrayBuffer =>
  typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer;

function isMadeBy(value: unknown, prototype: object): boolean {
  return typeof value === 'function' && Object.prototype.isPrototypeOf.call(prototype, value);
}

const clock = performance;

export function now(): number {
  return clock.now();
}

/** As a message, since timers wait for milliseconds. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });
}

/** WebAssembly runs in the thread of its caller. */
export function threadCount(): number {
  return 1;
}

export const publicChannel = () => ({
  hasSubscribers: false,
  publish() {},
  subscribe() {},
  unsubscribe() {},
});
