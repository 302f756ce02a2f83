import { expect } from 'chai';
import { Engine } from '../../../src/index.ts';
import { requireAddon } from '../../../src/native/loader.ts';

/** How a module is compiled and run. */
export interface Way {
  /** With little fuel. There while the tests run. */
  readonly engine: Engine;
  readonly backend: 'native' | 'wasm' | 'interpreter';
  readonly level: 0 | 1;
}

/** Declares the same tests for each level and for each of what runs IR. */
export function eachWay(what: string, declare: (way: Way) => void): void {
  for (const backend of ['native', 'wasm', 'interpreter'] as const) {
    for (const level of [0, 1] as const) {
      describe(`${what}: ${backend}, level ${level}`, () => {
        let engine: Engine | undefined;
        before(() => {
          if (backend === 'native') requireAddon();
          engine = new Engine({ backend, limits: { fuel: 100_000 } });
        });
        after(() => engine?.dispose());
        declare({
          get engine() {
            return engine ?? expect.fail('a test runs');
          },
          backend,
          level,
        });
      });
    }
  }
}
