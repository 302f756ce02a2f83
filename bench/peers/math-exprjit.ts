import { Engine } from '../../src/engine/engine.ts';
import { elementAt } from '../../src/support/element.ts';
import { invariant } from '../../src/support/invariant.ts';
import { createColumns, type KernelPeer, measureHere } from './kernels-peer.ts';

/** This project in scalar code, as users get it on this CPU: a compiled function, called from JavaScript for one row. */
export function exprjitScalarPeer(): KernelPeer {
  let engine: Engine | undefined;
  return {
    name: 'exprjit',
    unavailable() {
      engine = new Engine({ backend: 'native' });
      return undefined;
    },
    prepare(workload, length) {
      const [source] = Object.values(workload.outputs);
      invariant(engine !== undefined && source !== undefined && length === 1, 'not a scalar workload');
      const f: ((...args: number[]) => number) & { release(): void } = engine.compile(
        source,
        Object.keys(workload.columns),
      );
      const args = Object.values(createColumns(workload, length)).map((column) => elementAt(column, 0));
      let result = Number.NaN;
      return {
        measure: (iterations) =>
          measureHere(iterations, () => {
            result = f(...args);
          }),
        probe: () => [result],
        release: () => f.release(),
      };
    },
    close: () => engine?.dispose(),
  };
}
