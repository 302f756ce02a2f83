/**
 * What built-in objects are, asked of their internal slots.
 *
 * A property can lie, be a getter that runs anything, or be replaced on a prototype; these functions were taken when this
 * module was loaded, see what is there, and run nobody's code. V8 inlines them as it does the properties.
 */
import { invariant } from './invariant.ts';
import { isSharedArrayBuffer } from './platform.ts';

type Getter = (this: unknown) => unknown;

// `call` with its receiver bound, so that a `call` that is replaced later is not looked up.
const uncurry = Function.prototype.bind.bind(Function.prototype.call as never) as unknown as <Result>(
  method: (this: never) => unknown,
) => (receiver: unknown) => Result;

function getter(prototype: object, key: PropertyKey): Getter {
  const get = Object.getOwnPropertyDescriptor(prototype, key)?.get;
  invariant(get !== undefined, `${String(key)} is an accessor`);
  return get as Getter;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** The name of a typed array's constructor; undefined for everything else. */
export const typedArrayName = uncurry<string | undefined>(getter(typedArray, Symbol.toStringTag));

/** Elements of a typed array; 0 if its buffer is detached or too short for it. */
export const typedArrayLength = uncurry<number>(getter(typedArray, 'length'));

export const typedArrayBuffer = uncurry<ArrayBufferLike>(getter(typedArray, 'buffer'));

/** Throws for a typed array whose buffer is detached or too short for it; otherwise means nothing. */
export const requireTypedArray = uncurry<unknown>(Reflect.get(typedArray, 'keys') as Getter);

/** As the method `set`, between typed arrays of any types. */
export const setTypedArray = Function.prototype.bind.bind(Function.prototype.call as never)(
  Reflect.get(typedArray, 'set'),
) as unknown as (target: ArrayBufferView, source: ArrayBufferView) => void;

/** `Object.prototype.hasOwnProperty`; within a loop over the names of an object V8 knows the answer without asking. */
export const hasOwnNamed = Function.prototype.bind.bind(Function.prototype.call as never)(
  Object.prototype.hasOwnProperty,
) as unknown as (object: object, name: PropertyKey) => boolean;

/** In bytes. */
export const typedArrayOffset = uncurry<number>(getter(typedArray, 'byteOffset'));

/** Whether a buffer, as {@link typedArrayBuffer} gives it, is shared memory. */
export const isSharedBuffer: (buffer: ArrayBufferLike) => boolean = isSharedArrayBuffer;

/** Whether a buffer, as {@link typedArrayBuffer} gives it, may change its length. */
export const isResizableBuffer = (buffer: ArrayBufferLike): boolean =>
  isSharedBuffer(buffer) ? isGrowable?.(buffer) === true : isResizable?.(buffer) === true;

const isResizable = maybeUncurry<boolean>(ArrayBuffer.prototype, 'resizable');
const isGrowable =
  typeof SharedArrayBuffer === 'undefined'
    ? undefined
    : maybeUncurry<boolean>(SharedArrayBuffer.prototype, 'growable');

/** Of an accessor that not every engine has. */
function maybeUncurry<Result>(prototype: object, key: PropertyKey) {
  return Object.hasOwn(prototype, key) ? uncurry<Result>(getter(prototype, key)) : undefined;
}

/** Whether a signal was aborted; throws for what is none. */
export const isAborted = uncurry<boolean>(getter(AbortSignal.prototype, 'aborted'));

/** `queueMicrotask`. */
export const soon: (task: () => void) => void = queueMicrotask;

/** `Reflect.apply`. */
export const { apply } = Reflect;

/** Bytes of shared memory, which may grow. */
export const sharedByteLength: (buffer: ArrayBufferLike) => number =
  typeof SharedArrayBuffer === 'undefined'
    ? uncurry<number>(getter(ArrayBuffer.prototype, 'byteLength'))
    : uncurry<number>(getter(SharedArrayBuffer.prototype, 'byteLength'));

/** So many bytes that nobody can detach; where there is no shared memory, whoever does so has an error at the next access. */
export function createSharedMemory(byteLength: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === 'undefined'
    ? new ArrayBuffer(byteLength)
    : new SharedArrayBuffer(byteLength);
}

/** The first of so many bytes, which tells where all are: not every V8 has arrays beyond 4 GiB. */
export function firstByte(buffer: ArrayBufferLike, byteOffset: number, byteLength: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset, Math.min(byteLength, 1));
}

const dataViewBuffer = uncurry<ArrayBufferLike>(getter(DataView.prototype, 'buffer'));
const dataViewLength = uncurry<number>(getter(DataView.prototype, 'byteLength'));
const dataViewOffset = uncurry<number>(getter(DataView.prototype, 'byteOffset'));
const typedArrayByteLength = uncurry<number>(getter(typedArray, 'byteLength'));

/** The bytes of a typed array or a `DataView`; throws for a view whose memory is gone. */
export function bytesOfView(view: ArrayBufferView): Uint8Array {
  if (typedArrayName(view) === undefined)
    return new Uint8Array(dataViewBuffer(view), dataViewOffset(view), dataViewLength(view));
  requireTypedArray(view);
  return new Uint8Array(typedArrayBuffer(view), typedArrayOffset(view), typedArrayByteLength(view));
}
