import { Engine } from '../../src/engine/engine.ts';
import { type FeatureLevel, levelsOf } from '../../src/jit/machine/feature-level.ts';
import { requireAddon } from '../../src/native/loader.ts';
import type { KernelWorkload } from '../kernels.workloads.ts';
import {
  createColumns,
  type KernelPeer,
  measureHere,
  type PreparedKernel,
  probeCount,
} from './kernels-peer.ts';

/** This project, once for each feature level of this CPU, into arrays that are given. */
export function exprjitPeers(): KernelPeer[] {
  return levelsOf(requireAddon().cpuInfo().features).map(exprjitPeer);
}

export function exprjitPeerName(cpu: FeatureLevel): string {
  return `exprjit ${cpu}`;
}

function exprjitPeer(cpu: FeatureLevel): KernelPeer {
  let engine: Engine | undefined;
  return {
    name: exprjitPeerName(cpu),
    takesLoops: true,
    unavailable() {
      engine = new Engine({ cpu, backend: 'native' });
      return undefined;
    },
    prepare: (workload, length) => engine && prepare(engine, workload, length),
    close: () => engine?.dispose(),
  };
}

function prepare(engine: Engine, workload: KernelWorkload, length: number): PreparedKernel {
  const columns = createColumns(workload, length);
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
    const out = new Float64Array(length);
    return {
      measure: (iterations) => measureHere(iterations, () => f.map(columns, { out })),
      probe: () => [...out.subarray(0, probeCount)],
      release: () => f.release(),
    };
  }
  const kernel = engine.kernel({ outputs }, parameters);
  const out = Object.fromEntries(Object.keys(outputs).map((name) => [name, new Float64Array(length)]));
  return {
    measure: (iterations) => measureHere(iterations, () => kernel.map(columns, { out })),
    probe: () => Object.values(out).flatMap((output) => [...output.subarray(0, probeCount)]),
    release: () => kernel.release(),
  };
}
