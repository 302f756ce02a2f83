import { Engine, type EngineOptions } from 'exprjit';
import { requireAddon } from '../../src/native/loader.ts';

/** How a language of an example is compiled and run. */
export interface Way {
  /** Limits may be given. The engine is disposed of after the test. */
  createEngine(options?: EngineOptions): Engine;
  readonly level: 0 | 1;
  readonly isInterpreted: boolean;
}

/** Declares the same tests for each level and for each of what runs IR. */
export function eachWay(declare: (way: Way) => void): void {
  for (const backend of ['native', 'wasm', 'interpreter'] as const) {
    for (const level of [0, 1] as const) {
      describe(`${backend}, level ${level}`, () => {
        if (backend === 'native') before(requireAddon);
        const engines: Engine[] = [];
        afterEach(() => {
          for (const engine of engines.splice(0)) engine.dispose();
        });
        const createEngine = (options: EngineOptions = {}): Engine => {
          const engine = new Engine({ backend, ...options });
          engines.push(engine);
          return engine;
        };
        declare({ createEngine, level, isInterpreted: backend === 'interpreter' });
      });
    }
  }
}
