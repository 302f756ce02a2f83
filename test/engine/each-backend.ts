import { Engine, type EngineOptions } from '../../src/index.ts';
import { requireAddon } from '../../src/native/loader.ts';

export type EngineFactory = (options?: EngineOptions) => Engine;

/** Declares the same tests for machine code, WebAssembly and the interpreter; engines are disposed of after each test. */
export function eachBackend(declare: (createEngine: EngineFactory) => void): void {
  for (const backend of ['native', 'wasm', 'interpreter'] as const) {
    describe(backend, () => {
      if (backend === 'native') before(requireAddon);
      const engines: Engine[] = [];
      afterEach(() => {
        for (const engine of engines.splice(0)) engine.dispose();
      });
      declare((options = {}) => {
        const engine = new Engine({ backend, ...options });
        engines.push(engine);
        return engine;
      });
    });
  }
}
