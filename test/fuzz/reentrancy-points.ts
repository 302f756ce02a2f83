/** Every point where code of the caller can run during an operation. */
import type { Random } from '../support/random.ts';
import { realLength } from './real-slots.ts';
import { applyPatch, type Lie, patches } from './reentrancy-patches.ts';
import type { Scene } from './reentrancy-scene.ts';
import type { Trigger } from './trigger.ts';

export interface Point {
  readonly name: string;
  /** Whether it makes sense without columns. */
  readonly isAnywhere?: boolean;
  /** How likely it is, 1 unless it says. */
  readonly weight?: number;
  /** Sets the trap. Gives what it did in more words, and what undoes it; undefined if there is no such point here. */
  readonly set: (scene: Scene, trigger: Trigger, random: Random) => Trap | undefined;
}

export interface Trap {
  readonly detail: string;
  readonly undo?: () => void;
}

/** Names that objects of options, or their prototypes, are asked for. */
const optionNames = [
  'out',
  'type',
  'length',
  'threads',
  'signal',
  'onProgress',
  'timeout',
  'outputs',
  'p',
  'q',
];

const ownNames = [
  ...['length', 'length', 'buffer', 'buffer', 'byteOffset', 'byteLength', 'constructor', 'BYTES_PER_ELEMENT'],
  ...['set', 'slice', 'subarray', 'keys', 'fill'],
  Symbol.toStringTag,
  Symbol.iterator,
  Symbol.species,
];

const points: readonly Point[] = [
  { name: 'patch', isAnywhere: true, weight: 3, set: setPatch },
  {
    name: 'getter of a column',
    set: (scene, trigger, random) =>
      getterOn(scene.columns, trigger, random.pick(Object.keys(scene.columns))),
  },
  {
    name: 'getter of an option',
    weight: 2,
    set: (scene, trigger, random) =>
      getterOn(
        scene.options,
        trigger,
        random.pick([...Object.keys(scene.options), ...Object.keys(scene.options), ...optionNames]),
      ),
  },
  {
    name: 'getter of a table',
    isAnywhere: true,
    set(scene, trigger, random) {
      const table = scene.options[random.pick(['out', 'outputs'])];
      if (typeof table !== 'object' || table === null || ArrayBuffer.isView(table)) return undefined;
      return getterOn(table as Record<string, unknown>, trigger, random.pick(['p', 'q']));
    },
  },
  { name: 'own property of an array', weight: 4, set: ownProperty },
  {
    name: 'subclass',
    set(scene, trigger, random) {
      const input = random.pick(scene.guarded);
      if (input === undefined) return undefined;
      const { fire } = trigger;
      const prototype = Object.getPrototypeOf(input.array) as object;
      const between = Object.create(prototype) as object;
      const names = ['length', 'buffer', 'constructor', 'subarray', 'set', Symbol.toStringTag] as const;
      const name = random.pick(names);
      Object.defineProperty(between, name, {
        get(this: object) {
          fire();
          return Reflect.get(prototype, name, this);
        },
      });
      Object.setPrototypeOf(input.array, between);
      return { detail: String(name) };
    },
  },
  {
    name: 'proxy',
    isAnywhere: true,
    set(scene, trigger, random) {
      const what = random.pick(
        scene.takesColumns
          ? (['columns', 'options', 'list', 'table'] as const)
          : (['options', 'args'] as const),
      );
      const handler = handlerOf(trigger);
      const proxied = <T extends object>(target: T): T => new Proxy(target, handler as ProxyHandler<T>);
      if (what === 'columns') scene.columns = proxied(scene.columns);
      else if (what === 'options') scene.options = proxied(scene.options);
      else if (what === 'args') scene.args = proxied(scene.args);
      else if (what === 'table') {
        const { out } = scene.options;
        if (typeof out !== 'object' || out === null) return undefined;
        put(scene.options, 'out', proxied(out));
      } else {
        const [name] = Object.entries(scene.columns).find(([, value]) => typeof value === 'object') ?? [];
        if (name === undefined) return undefined;
        put(scene.columns, name, proxied(scene.columns[name] as object));
      }
      return { detail: what };
    },
  },
  {
    name: 'conversion of an argument',
    isAnywhere: true,
    set(scene, trigger, random) {
      if (scene.args.length === 0 || scene.operation !== 'call') return undefined;
      const position = random.integer(0, scene.args.length - 1);
      scene.args[position] = converting(scene.args[position], trigger, random);
      return { detail: `${position}` };
    },
  },
  {
    name: 'conversion of an option',
    set(scene, trigger, random) {
      const name = random.pick(['length', 'threads', 'type']);
      put(scene.options, name, converting(scene.options[name] ?? scene.rows, trigger, random));
      return { detail: name };
    },
  },
  {
    name: 'conversion of a uniform',
    set(scene, trigger, random) {
      const name = random.pick(Object.keys(scene.columns));
      const list = scene.columns[name];
      if (Array.isArray(list)) list[0] = converting(list[0], trigger, random);
      else put(scene.columns, name, converting(3, trigger, random));
      return { detail: name };
    },
  },
  {
    name: 'host function',
    weight: 2,
    isAnywhere: true,
    set(scene, trigger) {
      scene.onHostCall = trigger.fire;
      const calls = scene.formula.source.includes('h(') || ['module', 'workspace'].includes(scene.operation);
      return calls ? { detail: '' } : undefined;
    },
  },
  {
    name: 'progress',
    set(scene, trigger) {
      if (!scene.isAsync) return undefined;
      put(scene.options, 'onProgress', trigger.fire);
      return { detail: '' };
    },
  },
  { name: 'signal', set: signal },
  {
    name: 'patch of Object.prototype',
    isAnywhere: true,
    set(scene, trigger, random) {
      const name = random.pick([...optionNames, ...Object.keys(scene.columns)]);
      const owner = Object.prototype;
      if (name in owner) return undefined;
      return { detail: name, undo: applyPatch({ name, owner, key: name }, trigger, () => undefined) };
    },
  },
];

function setPatch(_: Scene, trigger: Trigger, random: Random): Trap {
  const patch = random.pick(patches);
  const isSize = ['length', 'byteLength', 'byteOffset'].includes(String(patch.key));
  const lie = isSize && random.chance(0.5) ? random.pick(sizeLies) : undefined;
  const detail = `${patch.name}${lie === undefined ? '' : ' that lies'}`;
  return { detail, undo: applyPatch(patch, trigger, lie) };
}

const sizeLies: readonly Lie[] = [
  (real) => Number(real) * 8,
  (real) => Number(real) + 1,
  (real) => Number(real) / 2,
  () => 0,
  () => -1,
  () => 2 ** 40,
  () => Number.NaN,
  () => undefined,
];

/** Each as often as its weight says. */
export const weightedPoints: readonly Point[] = points.flatMap((point) =>
  Array.from({ length: point.weight ?? 1 }, () => point),
);

/** Sets a property that may have become a getter. */
function put(target: Record<string, unknown>, name: string, value: unknown): void {
  Reflect.defineProperty(target, name, { enumerable: true, configurable: true, writable: true, value });
}

function getterOn(target: Record<string, unknown>, { fire }: Trigger, name: string): Trap {
  const value = target[name];
  Object.defineProperty(target, name, {
    enumerable: true,
    configurable: true,
    get() {
      fire();
      return value;
    },
  });
  return { detail: name };
}

function ownProperty(scene: Scene, trigger: Trigger, random: Random): Trap | undefined {
  if (scene.guarded.length === 0) return undefined;
  const guarded = random.pick(scene.guarded);
  const { array } = guarded;
  const key = random.pick(ownNames);
  const { fire } = trigger;
  const real: unknown = Reflect.get(array, key);
  const kind = random.pick(['honest', 'honest', 'object', 'lie'] as const);
  const other = random.pick([new SharedArrayBuffer(8), new ArrayBuffer(2 ** 20)]);
  const lie =
    key === 'buffer' ? () => other : key === 'constructor' ? () => Float32Array : random.pick(sizeLies);
  const get = (): unknown => {
    if (kind !== 'object') fire();
    if (kind === 'honest' || typeof real === 'function') return real;
    // Numbers are converted late, in the middle of what they are for.
    if (kind === 'object' && typeof real === 'number') return converting(real, trigger, random);
    return lie(real);
  };
  Object.defineProperty(array, key, { configurable: true, get });
  return {
    detail: `${String(key)}, ${kind} [of ${realLength(array)} ${guarded.memory} ${guarded.elements}]`,
  };
}

/** An object that becomes the value when it is converted. */
function converting(value: unknown, { fire }: Trigger, random: Random): object {
  const convert = (): unknown => {
    fire();
    return value;
  };
  return random.pick<object>([
    { valueOf: convert },
    { [Symbol.toPrimitive]: convert },
    { toString: convert, valueOf: undefined },
  ]);
}

function handlerOf({ fire }: Trigger): ProxyHandler<object> {
  const handler: Record<string, unknown> = {};
  for (const trap of [
    'get',
    'has',
    'ownKeys',
    'getOwnPropertyDescriptor',
    'getPrototypeOf',
    'set',
  ] as const) {
    handler[trap] = (...args: unknown[]): unknown => {
      fire();
      return (Reflect[trap] as (...given: unknown[]) => unknown)(...args);
    };
  }
  return handler as ProxyHandler<object>;
}

/** Abort listeners, and signals that are none or have methods of their own. */
function signal(scene: Scene, trigger: Trigger, random: Random): Trap | undefined {
  if (!scene.isAsync) return undefined;
  const controller = new AbortController();
  const { fire } = trigger;
  const kind = random.pick(['listener', 'own', 'alike', 'subclass'] as const);
  const reason = new Error('aborted by the caller');
  scene.thrown.add(reason);
  const name = random.pick([
    'addEventListener',
    'removeEventListener',
    'aborted',
    'reason',
    'throwIfAborted',
  ]);
  const get = (): unknown => {
    fire();
    const real: unknown = Reflect.get(controller.signal, name, controller.signal);
    return typeof real === 'function' ? real.bind(controller.signal) : real;
  };
  let given: object = controller.signal;
  if (kind === 'listener') controller.signal.addEventListener('abort', fire);
  else if (kind !== 'own')
    given = Object.create(kind === 'alike' ? AbortSignal.prototype : controller.signal) as object;
  if (kind !== 'listener') Reflect.defineProperty(given, name, { configurable: true, get });
  put(scene.options, 'signal', given);
  if (random.chance(0.5)) setTimeout(() => controller.abort(reason), random.integer(0, 3));
  return { detail: `${kind} ${name}` };
}
