/** The calls that sequences are made of: of engines and what they compile. Those of the memory system are in `api-memory-calls.ts`. */
import type { Random } from '../support/random.ts';
import { anyArray, anyNullable, anyNumber, anyOptions, anySource, anyValue, or } from './api-values.ts';
import type { LooseWorkspace, World } from './api-world.ts';
import type { LooseFunction, LooseKernel } from './reentrancy-scene.ts';

export type ApiCall = (world: World, random: Random) => unknown;

export const engineCalls: Readonly<Record<string, ApiCall>> = {
  'new Engine': (world, random) => {
    if (world.engines.length > 6) return undefined;
    return world.newEngine(
      random.pick<() => object>([
        () => ({}),
        () => ({ backend: 'interpreter' }),
        () => ({ backend: 'wasm' }),
        // Without dual mapping memory can be written where it runs.
        () => ({ allocator: { options: 0 } }),
        () => ({ allocator: { options: 0 } }),
        () => ({ cache: 3 }),
        () => ({ cpu: 'sse2', allocator: { options: random.pick([0, 1, 2, 9, 15]) } }),
        () => ({ allocator: { blockSize: anyNumber(random), granularity: anyNumber(random) } }),
        () => ({
          [random.pick([
            'backend',
            'cpu',
            'limits',
            'functions',
            'constants',
            'cache',
            'allocator',
            'fastMath',
          ])]: anyValue(random),
        }),
        () => ({
          limits: { [random.pick(['fuel', 'codeSize', 'nodes', 'parameters', 'tokens'])]: anyNumber(random) },
        }),
      ])(),
    );
  },
  compile: (world, random) => {
    const source = or(random, () => anySource(random));
    const parameters = or<unknown>(random, () =>
      random.pick([undefined, ['x'], ['x', 'y'], [], ['y', 'x', 'z']]),
    );
    return keep(world.functions, world.engine(random).compile(source, parameters));
  },
  kernel: (world, random) => {
    const outputs = { p: or(random, () => anySource(random)), [random.pick(['q', '__proto__', '2'])]: 'x*2' };
    const kernel = world.engine(random).kernel(
      or<unknown>(random, () => ({ outputs })),
      random.pick([undefined, ['x', 'y']]),
    );
    return keep(world.kernels, kernel);
  },
  module: (world, random) => {
    const module = world
      .engine(random)
      .module(
        or(random, () =>
          random.pick(['f(x) = x\ng(x, y) = h(x)*y', 'let k = 2; f(x) = k*x', anySource(random)]),
        ),
      );
    for (const each of Object.values(module.functions)) keep(world.functions, each);
    if (random.chance(0.3)) module.release();
    return module;
  },
  workspace: (world, random) =>
    keep(world.workspaces, world.engine(random).workspace() as unknown as LooseWorkspace),
  'workspace.*': (world, random) => {
    const workspace = world.pick(
      random,
      world.workspaces,
      () => world.engine(random).workspace() as unknown as LooseWorkspace,
    );
    const method = random.pick([
      'run',
      'define',
      'evaluate',
      'compile',
      'function',
      'explain',
      'forget',
      'dispose',
      'definitions',
    ]);
    const argument = or(random, () =>
      random.pick([anySource(random), 'k', 'f', 'g', 'f(x) = x*k', 'let k = 5', 'f(3)']),
    );
    const made: unknown =
      method === 'definitions'
        ? workspace[method]
        : workspace[method]?.(
            argument,
            or<unknown>(random, () => ['x']),
          );
    if (typeof made === 'function') keep(world.functions, made as LooseFunction);
    return made;
  },
  'f(…)': (world, random) =>
    aFunction(
      world,
      random,
    )(...Array.from({ length: random.integer(0, 3) }, () => or<unknown>(random, () => anyNumber(random)))),
  'f.map': (world, random) => aFunction(world, random).map(columns(random), anyOptions(random)),
  'f.map often': (world, random) => {
    const f = aFunction(world, random);
    const [given, options] = [columns(random), anyOptions(random)];
    // Options may ask for more rows than anybody wants to wait for twice.
    const end = performance.now() + 10;
    for (let i = 0; i < 20 && performance.now() < end; i++) f.map(given, options);
    return f.map(given, options);
  },
  'f.bind': (world, random) => {
    const bound = aFunction(world, random).bind(columns(random), anyOptions(random));
    if (typeof bound === 'function') return bound;
    bound.run();
    return keep(world.bound, bound).run();
  },
  'bound.run': (world, random) => (world.bound.length === 0 ? undefined : random.pick(world.bound).run()),
  'f.mapAsync': (world, random) =>
    later(world, aFunction(world, random).mapAsync(columns(random), anyOptions(random))),
  'f.reduce': (world, random) =>
    aFunction(world, random).reduce(kind(random), columns(random), anyOptions(random)),
  'f.reduceAsync': (world, random) =>
    later(world, aFunction(world, random).reduceAsync(kind(random), columns(random), anyOptions(random))),
  'f.select': (world, random) => aFunction(world, random).select(columns(random), anyOptions(random)),
  'f.filter': (world, random) =>
    aFunction(world, random).filter(
      columns(random),
      or<unknown>(random, () => 'x'),
    ),
  'f.gradient': (world, random) => {
    const names = random.pick([undefined, [], ['x'], ['y', 'x'], ['x', 'x'], ['z']]);
    const gradient = aFunction(world, random).gradient(or<unknown>(random, () => names));
    return keep(world.kernels, gradient).map(columns(random), kernelOptions(random));
  },
  'f.*': (world, random) => {
    const name = random.pick(['parameters', 'resultType', 'released', 'code', 'name', 'length', 'toString']);
    const value: unknown = Reflect.get(aFunction(world, random), name);
    const code =
      name === 'code' ? (value as { bytes?(): unknown; listing?(): unknown } | undefined) : undefined;
    return [code?.bytes?.(), code?.listing?.(), value];
  },
  'f.release': (world, random) => aFunction(world, random).release(),
  'method of another': (world, random) => {
    const prototype = Object.getPrototypeOf(aFunction(world, random)) as Record<
      string,
      (...args: unknown[]) => unknown
    >;
    const name = random.pick(['map', 'reduce', 'select', 'filter', 'gradient', 'release']);
    return prototype[name]?.call(
      or<unknown>(random, () => world.kernels.at(-1)),
      columns(random),
    );
  },
  'kernel.map': (world, random) => aKernel(world, random).map(columns(random), kernelOptions(random)),
  'kernel.mapAsync': (world, random) =>
    later(world, aKernel(world, random).mapAsync(columns(random), kernelOptions(random))),
  'kernel.release': (world, random) => aKernel(world, random).release(),
  'engine.statistics': (world, random) => world.engine(random).statistics(),
  'engine.*': (world, random) => {
    const engine = world.engine(random) as unknown as LooseWorkspace;
    const name = random.pick(['memory', 'analyze', 'explain', 'explain', 'compilePredicate']);
    const made = engine[name]?.(
      or(random, () => anySource(random)),
      or<unknown>(random, () => ['x', 'y']),
      anyOptions(random),
    );
    if (typeof made === 'function') keep(world.functions, made as LooseFunction);
    return made;
  },
  'engine.dispose': (world, random) => (random.chance(0.4) ? world.engine(random).dispose() : undefined),
  gc: (_, random) => (random.chance(0.3) ? globalThis.gc?.() : undefined),
};

const mostKept = 40;

export function keep<T>(list: T[], made: T): T {
  if (list.length < mostKept) list.push(made);
  return made;
}

function later(world: World, promise: Promise<unknown>): Promise<unknown> {
  // Looked at in the end; until then it must not count as unhandled.
  promise.catch(() => {});
  world.pending.push(promise);
  return promise;
}

function aFunction(world: World, random: Random): LooseFunction {
  return world.pick(random, world.functions, () =>
    keep(world.functions, world.engine(random).compile('x + 1', ['x'])),
  );
}

function aKernel(world: World, random: Random): LooseKernel {
  const definition = { outputs: { p: 'x + y', q: 'h(x)' } };
  return world.pick(random, world.kernels, () =>
    keep(world.kernels, world.engine(random).kernel(definition, ['x', 'y'])),
  );
}

function kind(random: Random): unknown {
  return or<unknown>(random, () => random.pick(['sum', 'mean', 'min', 'max', 'prod', 'any', 'all', 'count']));
}

function columns(random: Random): unknown {
  const length = random.pick([0, 1, 7, 100, 1024, 3000]);
  const column = (): unknown =>
    or<unknown>(random, () =>
      random.pick<() => unknown>([
        () => anyArray(random, length),
        () => anyArray(random, length),
        () => anyNumber(random),
        () => new Array(length).fill(1),
        () => anyNullable(random, length),
      ])(),
    );
  return or<unknown>(random, () => {
    const given: Record<string, unknown> = { x: column(), y: column() };
    if (random.chance(0.1)) given[random.pick(['z', 'index', 'length', '__proto__', 'n'])] = column();
    if (random.chance(0.3)) delete given['y'];
    return given;
  });
}

function kernelOptions(random: Random): unknown {
  return random.pick<() => unknown>([
    () => anyOptions(random),
    () => ({ out: or<unknown>(random, () => ({ p: anyArray(random), q: anyArray(random) })) }),
    () => ({ type: or<unknown>(random, () => ({ p: 'f32', q: 'mask' })), threads: random.integer(0, 5) }),
  ])();
}
