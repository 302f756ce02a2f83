import { Engine } from '../../src/engine/engine.ts';
import type { EngineOptions } from '../../src/engine/engine-options.ts';
import { type FeatureLevel, levelsOf } from '../../src/jit/machine/feature-level.ts';
import { requireAddon } from '../../src/native/loader.ts';
import type { KernelWorkload } from '../kernels.workloads.ts';
import {
  type Column,
  createColumns,
  type KernelPeer,
  measureHere,
  type PreparedKernel,
  probeCount,
} from './kernels-peer.ts';

/** This project, once for each feature level of this CPU, into arrays that are given. */
export function exprjitPeers(): KernelPeer[] {
  return levelsOf(requireAddon().cpuInfo().features).map((cpu) =>
    exprjitPeer(exprjitPeerName(cpu), { cpu, backend: 'native' }, (array) => array),
  );
}

export function exprjitPeerName(cpu: FeatureLevel): string {
  return `exprjit ${cpu}`;
}

/** As WebAssembly, with arrays that are copied, and with those that lie in its memory. */
export function exprjitWasmPeers(): KernelPeer[] {
  const options: EngineOptions = { backend: 'wasm' };
  return [
    exprjitPeer('exprjit wasm', options, (array) => array),
    exprjitPeer('exprjit wasm, in place', options, (array, engine) => {
      const inPlace = engine.column(array instanceof Float32Array ? 'f32' : 'f64', array.length);
      inPlace.set(array);
      return inPlace;
    }),
  ];
}

/** The array, or one with the same elements where the engine would have it. */
type Place = (array: Column, engine: Engine) => Column;

function exprjitPeer(name: string, options: EngineOptions, place: Place): KernelPeer {
  let engine: Engine | undefined;
  return {
    name,
    takesLoops: true,
    unavailable() {
      engine = new Engine(options);
      return undefined;
    },
    prepare: (workload, length) => engine && prepare(engine, workload, length, place),
    close: () => engine?.dispose(),
  };
}

function prepare(engine: Engine, workload: KernelWorkload, length: number, place: Place): PreparedKernel {
  const columns = Object.fromEntries(
    Object.entries(createColumns(workload, length)).map(([name, array]) => [name, place(array, engine)]),
  );
  const parameters = Object.keys(columns);
  const { outputs, reduce } = workload;
  const [source] = Object.values(outputs);
  if (reduce !== undefined && source !== undefined) {
    const f = engine.compile(source, parameters);
    let total = 0;
    return {
      measure: (iterations) =>
        measureHere(iterations, () => {
          total = f.reduce(reduce, columns);
        }),
      probe: () => [total],
      release: () => f.release(),
    };
  }
  if (Object.keys(outputs).length === 1 && source !== undefined) {
    const f = engine.compile(source, parameters);
    const out = place(new Float64Array(length), engine);
    return {
      measure: (iterations) => measureHere(iterations, () => f.map(columns, { out })),
      probe: () => [...out.subarray(0, probeCount)],
      release: () => f.release(),
    };
  }
  const kernel = engine.kernel({ outputs }, parameters);
  const out = Object.fromEntries(
    Object.keys(outputs).map((name) => [name, place(new Float64Array(length), engine)]),
  );
  return {
    measure: (iterations) => measureHere(iterations, () => kernel.map(columns, { out })),
    probe: () => Object.values(out).flatMap((output) => [...output.subarray(0, probeCount)]),
    release: () => kernel.release(),
  };
}
