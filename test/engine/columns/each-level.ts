import { Engine, type EngineOptions } from '../../../src/index.ts';
import { nativeLevels } from '../../support/run-native.ts';

export type EngineFactory = (options?: EngineOptions) => Engine;

/** Declares the same tests for the interpreter, WebAssembly and each feature level of this CPU; engines are disposed of after each test. */
export function eachLevel(declare: (createEngine: EngineFactory, name: string) => void): void {
  const choices: readonly EngineOptions[] = [
    { backend: 'interpreter' },
    { backend: 'wasm' },
    ...nativeLevels.map((cpu): EngineOptions => ({ backend: 'native', cpu })),
  ];
  for (const choice of choices) {
    const name = choice.cpu ?? String(choice.backend);
    describe(name, () => {
      const engines: Engine[] = [];
      afterEach(() => {
        for (const engine of engines.splice(0)) engine.dispose();
      });
      declare((options = {}) => {
        const engine = new Engine({ ...choice, ...options });
        engines.push(engine);
        return engine;
      }, name);
    });
  }
}
