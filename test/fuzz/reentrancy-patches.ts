/** Prototypes and globals that callers can patch, so that their code runs whenever somebody uses these. */
import type { Trigger } from './trigger.ts';

export interface Patch {
  readonly name: string;
  readonly owner: object;
  readonly key: PropertyKey;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
const arrayIterator = Object.getPrototypeOf([][Symbol.iterator]()) as object;

export const patches: readonly Patch[] = [
  ...all('TypedArray.prototype', typedArray, [
    ...[
      'subarray',
      'set',
      'slice',
      'keys',
      'values',
      'fill',
      'map',
      'at',
      'length',
      'buffer',
      'byteOffset',
      'byteLength',
    ],
    Symbol.toStringTag,
    Symbol.iterator,
  ]),
  ...all('Array.prototype', Array.prototype, [
    ...[
      'map',
      'push',
      'filter',
      'flatMap',
      'indexOf',
      'includes',
      'join',
      'entries',
      'slice',
      'some',
      'find',
      'every',
      'pop',
    ],
    Symbol.iterator,
  ]),
  ...all('ArrayIterator.prototype', arrayIterator, ['next']),
  ...all('Function.prototype', Function.prototype, ['call', 'apply', 'bind', Symbol.hasInstance]),
  ...all('Promise.prototype', Promise.prototype, ['then', 'finally']),
  ...all('Map.prototype', Map.prototype, ['get', 'set', 'delete', 'values', 'clear', Symbol.iterator]),
  ...all('Set.prototype', Set.prototype, ['add', 'delete', Symbol.iterator]),
  ...all('AbortSignal.prototype', AbortSignal.prototype, ['throwIfAborted', 'aborted', 'reason']),
  ...all('EventTarget.prototype', EventTarget.prototype, ['addEventListener', 'removeEventListener']),
  ...all('FinalizationRegistry.prototype', FinalizationRegistry.prototype, ['register', 'unregister']),
  ...all('ArrayBuffer.prototype', ArrayBuffer.prototype, ['byteLength', 'slice']),
  ...all('Object', Object, [
    'keys',
    'entries',
    'freeze',
    'fromEntries',
    'assign',
    'create',
    'setPrototypeOf',
  ]),
  ...all('Number', Number, ['isInteger', 'isSafeInteger', 'isNaN', 'isFinite']),
  ...all('Array', Array, ['isArray', 'from', Symbol.species]),
  ...all('TypedArray', Object.getPrototypeOf(Uint8Array) as object, ['from', 'of', Symbol.species]),
  ...all('Math', Math, ['min', 'max', 'ceil', 'floor']),
  ...all('Atomics', Atomics, ['load', 'store']),
  ...all('String.prototype', String.prototype, ['split', 'slice', 'endsWith', 'charCodeAt']),
  ...all('SharedArrayBuffer', SharedArrayBuffer, [Symbol.hasInstance]),
  ...all('globalThis', globalThis, ['queueMicrotask', 'Number', 'String']),
];

function all(title: string, owner: object, keys: readonly PropertyKey[]): Patch[] {
  return keys.map((key) => ({ name: `${title}.${String(key)}`, owner, key }));
}

/** Values that getters of sizes may claim. */
export type Lie = (real: unknown) => unknown;

/** Puts the trigger in front of a function, or of a getter, which may lie besides. Gives what undoes it. */
export function applyPatch({ owner, key }: Patch, trigger: Trigger, lie: Lie | undefined): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, key);
  const { apply, construct, deleteProperty, defineProperty } = Reflect;
  const { fire } = trigger;
  defineProperty(owner, key, patched());
  return () => {
    if (before === undefined) deleteProperty(owner, key);
    else defineProperty(owner, key, before);
  };

  function patched(): PropertyDescriptor {
    const get = before?.get;
    const original: unknown = before?.value;
    if (get !== undefined || before === undefined) {
      return {
        configurable: true,
        get(this: unknown) {
          fire();
          const real: unknown = get === undefined ? inherited(this) : apply(get, this, []);
          return lie !== undefined && trigger.isArmed ? lie(real) : real;
        },
      };
    }
    const wrapper = function (this: unknown, ...args: unknown[]): unknown {
      fire();
      return new.target === undefined
        ? apply(original as () => unknown, this, args)
        : construct(original as new () => object, args, new.target as unknown as new () => object);
    };
    return {
      ...before,
      value: typeof original === 'function' ? Object.setPrototypeOf(wrapper, original) : original,
    };
  }

  function inherited(self: unknown): unknown {
    const parent = Object.getPrototypeOf(owner) as object | null;
    return parent === null ? undefined : Reflect.get(parent, key, self);
  }
}
