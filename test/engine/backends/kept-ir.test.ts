/** What is made of an executable later is made of the IR that it was loaded with: here its source says nothing. */
import { expect } from 'chai';
import { chooseBackend } from '../../../src/engine/backends/choose-backend.ts';
import { resolveEngineOptions } from '../../../src/engine/engine-options.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { elementAt } from '../../../src/support/element.ts';

const text = `
function f(f64): f64 {
b0(v0: f64):
  v1 = fmul v0, v0
  return v1
}
`;

describe('an executable', () => {
  for (const backend of ['native', 'wasm', 'interpreter'] as const) {
    it(`keeps its IR, for kernels and listings (${backend})`, () => {
      const loaded = chooseBackend(resolveEngineOptions({ backend }));
      const ir = parseModule(text);
      const executable = loaded.load({
        source: '(',
        ir,
        exports: [{ name: 'f', irName: 'f', parameters: ['x'], resultType: 'number' }],
        hosts: [],
        tooLarge: () => new Error('the code is too large'),
        log: undefined,
      });
      expect(executable.ir).to.equal(ir);
      expect(elementAt(executable.functions, 0).callable({ released: false })(3)).to.equal(9);
      for (const type of ['f64', 'f32'] as const) {
        const kernel = executable.loadKernel({
          parameters: [{ kind: 'column', type }],
          outputs: [{ function: 'f', type: 'f64' }],
        });
        const outputs = [new Float64Array(3)];
        const column = type === 'f64' ? Float64Array.of(1, 2, 3) : Float32Array.of(1, 2, 3);
        kernel.run({ columns: [column], outputs, uniforms: [], length: 3, partials: undefined });
        expect(outputs).to.deep.equal([Float64Array.of(1, 4, 9)]);
        expect(kernel.mayThrow).to.equal(backend === 'interpreter');
        kernel.release();
      }
      expect(executable.code?.listing() ?? 'mulsd').to.match(/mulsd/);
      executable.release();
      loaded.dispose();
    });
  }
});
